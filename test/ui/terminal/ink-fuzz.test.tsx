import { EventEmitter } from 'node:events';
import { Writable } from 'node:stream';
import fc from 'fast-check';
import { Box, type Instance, render, Text } from 'ink';
import type { ReactNode } from 'react';
import { expect, test } from 'vitest';
import { DamageStdout } from '../../../src/ui/terminal/damage-stdout.ts';
import { enableStyles } from '../../support/frame-renderer.tsx';
import { createScreenReader, type ScreenReader } from '../../support/screen-reader.ts';

/** Frames per run; FUZZ_FRAMES=20000 for a long one. */
const frameCount = Number(process.env.FUZZ_FRAMES ?? 300);

interface Node {
	readonly text?: string;
	readonly style?: Record<string, unknown>;
	readonly box?: Record<string, unknown>;
	readonly children?: readonly Node[];
}

const words = fc.constantFrom(
	'harbour',
	'crane ',
	'a',
	'泊位',
	'한글 배',
	'é',
	'e\u0301',
	'n\u0303o\u0308',
	'  ',
	'─┼─',
	'⡠⠔⠉',
	'x'.repeat(30),
	'line\nfeed',
);
const color = fc.constantFrom('red', 'greenBright', '#33aaff', 'ansi256(208)', 'black');
const textStyle = fc.record(
	{
		color,
		backgroundColor: color,
		bold: fc.boolean(),
		dimColor: fc.boolean(),
		inverse: fc.boolean(),
		underline: fc.boolean(),
		italic: fc.boolean(),
		strikethrough: fc.boolean(),
		wrap: fc.constantFrom('wrap', 'truncate', 'truncate-middle', 'hard'),
	},
	{ requiredKeys: [] },
);
const boxStyle = fc.record(
	{
		flexDirection: fc.constantFrom('row', 'column', 'row-reverse'),
		borderStyle: fc.constantFrom('single', 'round'),
		borderColor: color,
		backgroundColor: color,
		width: fc.integer({ min: 1, max: 30 }),
		height: fc.integer({ min: 1, max: 8 }),
		flexGrow: fc.nat(2),
		overflow: fc.constantFrom('hidden', 'visible'),
		paddingX: fc.nat(2),
		marginLeft: fc.integer({ min: -3, max: 3 }),
		position: fc.constantFrom('relative', 'absolute'),
		top: fc.integer({ min: -2, max: 10 }),
		left: fc.integer({ min: -2, max: 30 }),
	},
	{ requiredKeys: [] },
);
const tree = fc.letrec<{ node: Node }>((tie) => ({
	node: fc.oneof(
		{ depthSize: 'small', withCrossShrink: true },
		fc.record({
			text: fc.array(words, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('')),
			style: textStyle,
		}),
		fc.record({ box: boxStyle, children: fc.array(tie('node'), { minLength: 1, maxLength: 4 }) }),
	),
})).node;

function Tree({ node }: { node: Node }): ReactNode {
	if (node.text !== undefined) return <Text {...node.style}>{node.text}</Text>;
	return (
		// Without a bound the layout engine now and then gives a crowded box forty million columns, and Ink fills them.
		<Box {...node.box} maxWidth={80} maxHeight={40}>
			{node.children?.map((child, index) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: a random tree has no identities
				<Tree key={index} node={child} />
			))}
		</Box>
	);
}

class PlainStdout extends EventEmitter {
	readonly isTTY = true;
	columns: number;
	rows: number;
	readonly #reader: ScreenReader;

	constructor(size: { columns: number; rows: number }, reader: ScreenReader) {
		super();
		this.columns = size.columns;
		this.rows = size.rows;
		this.#reader = reader;
	}

	write(chunk: string, done?: () => void): boolean {
		this.#reader.write(chunk);
		if (done) void this.#reader.settle().then(done);
		return true;
	}
}

function mount(stdout: unknown): Instance {
	return render(<Text> </Text>, {
		stdout: stdout as NodeJS.WriteStream,
		interactive: true,
		alternateScreen: true,
		patchConsole: false,
		exitOnCtrlC: false,
		maxFps: 10_000,
	});
}

test('random trees look the same through the damage stdout as through Ink alone', {
	timeout: 60_000 + frameCount * 500,
}, async () => {
	await enableStyles();
	const size = { columns: 60, rows: 18 };
	const [plainReader, damageReader] = [createScreenReader(size), createScreenReader({ ...size, raw: true })];
	let writes = 0;
	const out = new Writable({
		decodeStrings: false,
		write: (chunk: string, _encoding, done) => {
			writes++;
			damageReader.write(chunk);
			done();
		},
	});
	const plain = new PlainStdout(size, plainReader);
	const damage = new DamageStdout({ out, size, colors: true });
	const apps = [mount(plain), mount(damage)];
	let current = size;
	await fc.assert(
		fc.asyncProperty(
			tree,
			fc.oneof(
				{ weight: 9, arbitrary: fc.constant(undefined) },
				{
					weight: 1,
					arbitrary: fc.record({ columns: fc.integer({ min: 20, max: 70 }), rows: fc.integer({ min: 6, max: 24 }) }),
				},
			),
			async (node, resized) => {
				if (resized !== undefined) {
					current = resized;
					// The two terminals treat what is cut off alike only if nothing of the old frame is left.
					for (const reader of [plainReader, damageReader]) reader.resize(resized);
					damage.resize(resized);
					Object.assign(plain, resized).emit('resize');
					plainReader.write('\x1b[H\x1b[2J');
					await new Promise((resolve) => setTimeout(resolve, 45));
				}
				const element = (
					<Box width={current.columns} height={current.rows} overflow="hidden">
						<Tree node={node} />
					</Box>
				);
				// React's development build keeps an entry of every render.
				performance.clearMeasures();
				const writesBefore = writes;
				for (const app of apps) {
					app.rerender(element);
					await app.waitUntilRenderFlush();
				}
				await Promise.all([plainReader.settle(), damageReader.settle()]);
				if (resized === undefined) expect(writes - writesBefore).toBeLessThanOrEqual(1);
				expect(damageReader.cells()).toEqual(plainReader.cells());
			},
		),
		{ numRuns: frameCount, endOnFailure: true },
	);
	for (const app of apps) app.unmount();
	await new Promise((resolve) => setTimeout(resolve, 50));
	await damageReader.settle();
	expect(damageReader.isAlternateScreen()).toBe(false);
});
