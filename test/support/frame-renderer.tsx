import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { Box, type Instance, render } from 'ink';
import type { ReactNode } from 'react';
import { createScreenReader, type ScreenReader } from './screen-reader.ts';

/** The size of a frame in cells. */
export interface FrameSize {
	readonly columns: number;
	readonly rows: number;
}

/** What a frame looks like: `lines` is plain text without trailing blanks, `styled` the same with `[red,bold:text]` around styled runs. */
export interface Frame {
	readonly lines: string[];
	readonly styled: string[];
}

/** An element that stays mounted: for tests that press keys or change the size. */
export interface MountedFrame {
	/** The frame after Ink has settled. */
	frame(): Promise<Frame>;
	/** Waits until the plain text of the screen contains `text`; throws with the last frame after `timeoutMs` (5,000). */
	waitFor(text: string, timeoutMs?: number): Promise<Frame>;
	/** Hands raw input to Ink: `press('j')`, `press('\x1b[A')`. */
	press(input: string): Promise<void>;
	rerender(element: ReactNode): void;
	resize(size: FrameSize): Promise<void>;
	unmount(): void;
}

/** Renders an element once at a given size. */
export async function renderFrame(element: ReactNode, size: FrameSize): Promise<Frame> {
	const mounted = await mountFrame(element, size);
	try {
		return await mounted.frame();
	} finally {
		mounted.unmount();
	}
}

/** Mounts an element in a box of the given size, with Ink's own output read back through a terminal emulator. */
export async function mountFrame(element: ReactNode, size: FrameSize): Promise<MountedFrame> {
	await enableStyles();
	const reader = createScreenReader(size);
	const stdout = new FrameOutput(size, reader);
	const stdin = new FrameInput();
	const sized = (node: ReactNode, { columns, rows }: FrameSize) => (
		<Box width={columns} height={rows} flexDirection="column" overflow="hidden">
			{node}
		</Box>
	);
	let current = element;
	const instance: Instance = render(sized(element, size), {
		stdout: stdout as unknown as NodeJS.WriteStream,
		stdin: stdin as unknown as NodeJS.ReadStream,
		stderr: stdout as unknown as NodeJS.WriteStream,
		interactive: true,
		patchConsole: false,
		exitOnCtrlC: false,
		maxFps: 1000,
	});
	const settle = async () => {
		await instance.waitUntilRenderFlush();
		await reader.settle();
	};
	const frame = async (): Promise<Frame> => {
		await settle();
		return { lines: reader.lines(), styled: reader.styledLines() };
	};
	return {
		frame,
		waitFor: async (text, timeoutMs = 5000) => {
			const deadline = performance.now() + timeoutMs;
			for (;;) {
				const now = await frame();
				if (now.lines.join('\n').includes(text)) return now;
				if (performance.now() > deadline) throw new Error(`No "${text}" on screen:\n${now.lines.join('\n')}`);
				await new Promise((resolve) => setTimeout(resolve, 10));
			}
		},
		press: async (input) => {
			stdin.push(input);
			await new Promise((resolve) => setTimeout(resolve, input === '\x1b' ? 40 : 5));
			await settle();
		},
		rerender: (node) => {
			current = node;
			instance.rerender(sized(node, stdout));
		},
		resize: async (next) => {
			stdout.resize(next);
			instance.rerender(sized(current, next));
			await settle();
		},
		unmount: () => {
			instance.unmount();
			reader.dispose();
		},
	};
}

/**
 * Makes Ink emit styles although the test runner has no terminal. Ink's own chalk decides at its import whether there
 * is one, so its level is set on that very instance.
 */
export async function enableStyles(): Promise<void> {
	const inkPath = createRequire(import.meta.url).resolve('ink');
	const chalkPath = createRequire(inkPath).resolve('chalk');
	const { default: chalk } = (await import(pathToFileURL(chalkPath).href)) as { default: { level: number } };
	chalk.level = 3;
}

class FrameOutput extends EventEmitter {
	readonly isTTY = true;
	columns: number;
	rows: number;
	readonly #reader: ScreenReader;

	constructor({ columns, rows }: FrameSize, reader: ScreenReader) {
		super();
		this.columns = columns;
		this.rows = rows;
		this.#reader = reader;
	}

	write(chunk: string, done?: () => void): boolean {
		this.#reader.write(chunk);
		if (typeof done === 'function') void this.#reader.settle().then(done);
		return true;
	}

	resize({ columns, rows }: FrameSize): void {
		this.columns = columns;
		this.rows = rows;
		this.#reader.resize({ columns, rows });
		this.emit('resize');
	}
}

class FrameInput extends Readable {
	readonly isTTY = true;

	override _read(): void {}

	setRawMode(): this {
		return this;
	}

	ref(): this {
		return this;
	}

	unref(): this {
		return this;
	}
}
