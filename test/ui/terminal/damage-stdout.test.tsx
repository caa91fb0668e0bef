import { Writable } from 'node:stream';
import { Box, render, Text } from 'ink';
import type { ReactNode } from 'react';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { DamageStdout } from '../../../src/ui/terminal/damage-stdout.ts';
import { enableStyles } from '../../support/frame-renderer.tsx';
import { createScreenReader } from '../../support/screen-reader.ts';

const size = { columns: 120, rows: 40 };
let unmount: (() => void) | undefined;

beforeAll(enableStyles);
afterEach(() => unmount?.());

/** A pipe that takes one write and then waits until it is let go. */
class Pipe extends Writable {
	readonly writes: string[] = [];
	isStalled = false;
	#done: (() => void) | undefined;

	constructor() {
		super({ decodeStrings: false, highWaterMark: 1 });
	}

	override _write(chunk: string, _encoding: BufferEncoding, done: () => void): void {
		this.writes.push(chunk);
		if (this.isStalled) this.#done = done;
		else setImmediate(done);
	}

	letGo(): void {
		this.isStalled = false;
		this.#done?.();
	}
}

function open({ colors = true } = {}) {
	const pipe = new Pipe();
	const damage = new DamageStdout({ out: pipe, size, colors });
	const reader = createScreenReader({ ...size, raw: true });
	return {
		pipe,
		damage,
		/** Everything sent so far, on a screen. */
		sent: async () => {
			reader.write(pipe.writes.splice(0).join(''));
			await reader.settle();
			return reader;
		},
	};
}

async function mount(damage: DamageStdout, element: ReactNode): Promise<(next: ReactNode) => Promise<void>> {
	const app = render(element, {
		stdout: damage as unknown as NodeJS.WriteStream,
		alternateScreen: true,
		interactive: true,
		patchConsole: false,
		exitOnCtrlC: false,
		maxFps: 10_000,
	});
	unmount = () => app.unmount();
	await app.waitUntilRenderFlush();
	return async (next) => {
		app.rerender(next);
		await app.waitUntilRenderFlush();
	};
}

function Board({ cursor = 0, figure = 0, log = 0 }: { cursor?: number; figure?: number; log?: number }): ReactNode {
	return (
		<Box flexDirection="column" width={size.columns} height={size.rows} overflow="hidden">
			<Text bold>containers</Text>
			{Array.from({ length: 36 }, (_, row) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: a row is its position
				<Text key={row} inverse={row === cursor} wrap="truncate">
					{`container-${row + log} `.padEnd(60, 'n')} <Text color="green">running</Text>{' '}
					{`${row === 3 ? figure : 12}`.padStart(6)} %
				</Text>
			))}
		</Box>
	);
}

test('a changed figure costs a handful of bytes, a moved cursor two rows', async () => {
	const { pipe, damage } = open();
	const update = await mount(damage, <Board />);
	const bytesOf = async (element: ReactNode) => {
		pipe.writes.length = 0;
		await update(element);
		expect(pipe.writes.length).toBeLessThanOrEqual(1);
		return Buffer.byteLength(pipe.writes.join(''));
	};
	expect(await bytesOf(<Board figure={1} />)).toBeLessThan(16);
	expect(await bytesOf(<Board figure={1} />)).toBe(0);
	expect(await bytesOf(<Board figure={1} cursor={1} />)).toBeLessThan(2 * 78 + 50);
	expect(await bytesOf(<Board figure={99} cursor={1} />)).toBeLessThan(16);
});

test('one frame is one write, and only a long one is bracketed', async () => {
	const { pipe, damage } = open();
	const update = await mount(damage, <Board />);
	expect(pipe.writes).toHaveLength(1);
	expect(pipe.writes[0]).toMatch(/^\x1b\[\?2026h.*\x1b\[\?2026l$/s);
	expect(pipe.writes[0]).toContain('\x1b[?1049h');
	await update(<Board figure={5} />);
	expect(pipe.writes[1]).not.toContain('2026');
});

test('a full pipe gets no frame until it drains, and then the newest one', async () => {
	const { pipe, damage, sent } = open();
	const app = render(<Board />, {
		stdout: damage as unknown as NodeJS.WriteStream,
		alternateScreen: true,
		interactive: true,
		patchConsole: false,
		maxFps: 10_000,
	});
	unmount = () => app.unmount();
	await app.waitUntilRenderFlush();
	await sent();
	pipe.isStalled = true;
	for (let figure = 1; figure <= 50; figure++) {
		app.rerender(<Board figure={figure} cursor={figure % 30} />);
		await new Promise((resolve) => setTimeout(resolve, 2));
	}
	expect(pipe.writes).toHaveLength(1);
	let isFlushed = false;
	const flushed = app.waitUntilRenderFlush().then(() => {
		isFlushed = true;
	});
	await new Promise((resolve) => setTimeout(resolve, 20));
	expect(isFlushed).toBe(false);
	pipe.letGo();
	await flushed;
	expect(pipe.writes).toHaveLength(2);
	// Against what was sent last, not against the frames in between: two cursors' rows and one figure.
	expect(Buffer.byteLength(pipe.writes[1] ?? '')).toBeLessThan(3 * 78 + 60);
	const lines = (await sent()).lines();
	expect(lines[4]).toMatch(/50 %$/);
});

test('while it is held nothing is sent, and afterwards the newest frame', async () => {
	const { pipe, damage, sent } = open();
	const update = await mount(damage, <Board />);
	await sent();
	damage.hold();
	void update(<Board figure={77} />);
	await new Promise((resolve) => setTimeout(resolve, 20));
	expect(pipe.writes).toEqual([]);
	damage.release();
	await new Promise((resolve) => setTimeout(resolve, 20));
	expect((await sent()).lines()[4]).toMatch(/77 %$/);
});

test('a repaint sends everything, a resize tells the application and then sends everything', async () => {
	const { pipe, damage } = open();
	await mount(damage, <Board />);
	const first = Buffer.byteLength(pipe.writes.join(''));
	pipe.writes.length = 0;
	damage.repaint();
	await new Promise((resolve) => setTimeout(resolve, 20));
	expect(Buffer.byteLength(pipe.writes.join(''))).toBeGreaterThan(first - 30);
	let told = 0;
	damage.on('resize', () => told++);
	pipe.writes.length = 0;
	damage.resize({ columns: 100, rows: 30 });
	damage.resize({ columns: 90, rows: 30 });
	damage.resize({ columns: 90, rows: 30 });
	await new Promise((resolve) => setTimeout(resolve, 100));
	expect([damage.columns, damage.rows, told]).toEqual([90, 30, 2]);
	expect(pipe.writes).toHaveLength(1);
	expect(pipe.writes[0]).toContain('\x1b[2J');
});

test('without colours no colour code leaves, on the screen or off it', async () => {
	const { pipe, damage } = open({ colors: false });
	await mount(
		damage,
		<Text color="red" backgroundColor="#112233" bold>
			alarm <Text inverse>now</Text>
		</Text>,
	);
	unmount?.();
	damage.write('\x1b[31mred\x1b[39m and \x1b[1;94mbold\x1b[0m\n');
	await new Promise((resolve) => setTimeout(resolve, 20));
	const all = pipe.writes.join('');
	const codes = [...all.matchAll(/\x1b\[([\d;:]*)m/g)].flatMap(([, list]) => (list ?? '').split(';').map(Number));
	expect(codes.filter((code) => code >= 30)).toEqual([]);
	expect(all).toContain('\x1b[1m');
	expect(all).toContain('\x1b[7m');
	expect(all).toContain('red and ');
});

test('off the alternate screen text passes as it is', async () => {
	const { pipe, damage } = open();
	damage.write('plain \x1b[31mtext\x1b[m\n');
	expect(pipe.writes.join('')).toBe('plain \x1b[31mtext\x1b[m\n');
});

test('no number of different glyphs makes it forget the picture', async () => {
	const { damage, sent } = open();
	const update = await mount(damage, <Board />);
	for (let block = 0; block < 60; block++) {
		const marks = Array.from(
			{ length: 900 },
			(_, index) =>
				`a${String.fromCodePoint(0x300 + (index % 100), 0x300 + block)}${String.fromCodePoint(0x300 + Math.floor(index / 100))}`,
		);
		await update(
			<Box width={size.columns} height={size.rows}>
				<Text wrap="hard">{marks.join('')}</Text>
			</Box>,
		);
	}
	await update(<Board figure={42} cursor={7} />);
	await new Promise((resolve) => setTimeout(resolve, 20));
	const reader = await sent();
	expect(reader.lines()[4]).toMatch(/42 %$/);
	expect(reader.lines()[1]).toMatch(/^container-0 n+ running/);
	expect(reader.styledLines()[8]).toMatch(/^\[inverse:container-7 /);
});

test('a closed one takes everything and sends nothing', async () => {
	const { pipe, damage } = open();
	await mount(damage, <Board />);
	damage.close();
	pipe.writes.length = 0;
	await new Promise<void>((resolve) => damage.write('more', resolve));
	unmount?.();
	await new Promise((resolve) => setTimeout(resolve, 20));
	expect(pipe.writes).toEqual([]);
});
