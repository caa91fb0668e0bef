import { type IPty, spawn } from '@homebridge/node-pty-prebuilt-multiarch';
import { createScreenReader } from './screen-reader.ts';

/** How a program is started. */
export interface ProgramOptions {
	readonly columns?: number;
	readonly rows?: number;
	readonly cwd?: string;
	/** Added to the environment of the test; `undefined` takes a variable away. */
	readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** How a program ended: its exit code, or the number of the signal that killed it. */
export interface ProgramEnd {
	readonly exitCode: number;
	readonly signal: number | undefined;
}

/** A program in a terminal of its own. */
export interface TerminalDriver {
	readonly pid: number;
	/** The visible lines without trailing blanks. */
	screen(): Promise<string[]>;
	/** The same with `[style:text]` around styled runs. */
	styledScreen(): Promise<string[]>;
	/** Waits for a text anywhere on the screen, or for a predicate of its lines; throws with the screen after `timeoutMs` (10,000). */
	waitFor(what: string | RegExp | ((lines: string[]) => boolean), timeoutMs?: number): Promise<string[]>;
	/** Waits until the program has written nothing for `quietMs` (150). */
	waitForQuiet(quietMs?: number): Promise<string[]>;
	/** A key by name (`Enter`, `Escape`, `Up`, `PageDown`, `ctrl-l`, `F5`), or a character. */
	press(...keys: string[]): void;
	/** Text as it is, all at once. */
	type(text: string): void;
	resize(columns: number, rows: number): void;
	/** All that the program has written so far. */
	output(): string;
	bytesReceived(): number;
	/** Stops reading what the program writes, as a stalled connection does. */
	pauseReading(): void;
	resumeReading(): void;
	isAlternateScreen(): Promise<boolean>;
	kill(signal?: string): void;
	/** Resolves when the program has ended. */
	ended(): Promise<ProgramEnd>;
	/** Kills the program if it runs and waits for its end. */
	close(): Promise<void>;
}

const namedKeys: Readonly<Record<string, string>> = {
	Enter: '\r',
	Escape: '\x1b',
	Tab: '\t',
	'shift-Tab': '\x1b[Z',
	Space: ' ',
	Backspace: '\x7f',
	Delete: '\x1b[3~',
	Up: '\x1b[A',
	Down: '\x1b[B',
	Right: '\x1b[C',
	Left: '\x1b[D',
	Home: '\x1b[H',
	End: '\x1b[F',
	PageUp: '\x1b[5~',
	PageDown: '\x1b[6~',
	F1: '\x1bOP',
	F5: '\x1b[15~',
};

/** The keymap writes `page-down` where a key's name is `PageDown`. */
function fromChord(chord: string): string {
	return chord.replace(/(^|-)([a-z])/g, (_match, _dash, letter: string) => letter.toUpperCase());
}

/** What a terminal sends for a key: a character, a name such as `PageDown`, or a chord of the keymap. */
export function keySequence(key: string): string {
	const control = /^ctrl-([a-z])$/.exec(key)?.[1];
	if (control !== undefined) return String.fromCharCode(control.charCodeAt(0) - 96);
	return namedKeys[key] ?? namedKeys[fromChord(key)] ?? key;
}

/** Starts a program in a pty whose output is read by a terminal emulator. Variables by which programs notice CI are taken away. */
export function startProgram(
	command: string,
	args: readonly string[],
	{ columns = 120, rows = 40, cwd, environment = {} }: ProgramOptions = {},
): TerminalDriver {
	const reader = createScreenReader({ columns, rows, raw: true });
	const program: IPty = spawn(command, [...args], {
		name: 'xterm-256color',
		cols: columns,
		rows,
		cwd: cwd ?? process.cwd(),
		env: programEnvironment(environment),
	});
	let output = '';
	let lastWriteAt = performance.now();
	program.onData((data) => {
		output += data;
		lastWriteAt = performance.now();
		reader.write(data);
	});
	let end: ProgramEnd | undefined;
	const ended = new Promise<ProgramEnd>((resolve) => {
		program.onExit(({ exitCode, signal }) => {
			end = { exitCode, signal: signal === 0 ? undefined : signal };
			resolve(end);
		});
	});
	const screen = async () => {
		await reader.settle();
		return reader.lines();
	};
	const describe = (lines: readonly string[]) =>
		`${end === undefined ? '' : `(ended with code ${end.exitCode}, signal ${end.signal ?? 'none'})\n`}${lines.join('\n')}`;
	return {
		pid: program.pid,
		screen,
		styledScreen: async () => {
			await reader.settle();
			return reader.styledLines();
		},
		waitFor: async (what, timeoutMs = 10_000) => {
			const deadline = performance.now() + timeoutMs;
			for (;;) {
				const lines = await screen();
				if (matches(lines, what)) return lines;
				if (performance.now() > deadline) throw new Error(`No ${String(what)} on the screen:\n${describe(lines)}`);
				await pause(20);
			}
		},
		waitForQuiet: async (quietMs = 150) => {
			while (performance.now() - lastWriteAt < quietMs) await pause(20);
			return screen();
		},
		press: (...keys) => {
			for (const key of keys) program.write(keySequence(key));
		},
		type: (text) => program.write(text),
		resize: (nextColumns, nextRows) => {
			reader.resize({ columns: nextColumns, rows: nextRows });
			program.resize(nextColumns, nextRows);
		},
		output: () => output,
		bytesReceived: () => Buffer.byteLength(output),
		pauseReading: () => program.pause(),
		resumeReading: () => program.resume(),
		isAlternateScreen: async () => {
			await reader.settle();
			return reader.isAlternateScreen();
		},
		kill: (signal = 'SIGTERM') => process.kill(program.pid, signal as NodeJS.Signals),
		ended: () => ended,
		close: async () => {
			if (end === undefined) {
				program.resume();
				program.kill('SIGKILL');
				await ended;
			}
			await reader.settle();
			reader.dispose();
		},
	};
}

function matches(lines: string[], what: string | RegExp | ((lines: string[]) => boolean)): boolean {
	if (typeof what === 'function') return what(lines);
	const text = lines.join('\n');
	return typeof what === 'string' ? text.includes(what) : what.test(text);
}

function programEnvironment(added: Readonly<Record<string, string | undefined>>): Record<string, string> {
	const environment: Record<string, string | undefined> = { ...process.env, LANG: 'C.UTF-8', COLORTERM: undefined };
	for (const name of Object.keys(environment)) {
		if (/^(CI|CONTINUOUS_INTEGRATION|BUILD_NUMBER|RUN_ID|NO_COLOR|FORCE_COLOR|VITEST.*|NODE_ENV|LC_.*)$/.test(name)) {
			environment[name] = undefined;
		}
	}
	Object.assign(environment, { TERM: 'xterm-256color' }, added);
	return Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined)) as Record<
		string,
		string
	>;
}

async function pause(milliseconds: number): Promise<void> {
	await new Promise((resolve) => setTimeout(resolve, milliseconds));
}
