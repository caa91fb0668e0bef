import type { Engine } from '../engine/port.ts';
import type { SignalQueue } from './signal-desk.ts';

/** Where text and bytes go: standard output or standard error, or a collector in tests. */
export type OutputStream = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

/** Where they come from. `setRawMode` is there on a terminal. */
export type InputStream = NodeJS.ReadableStream & {
	readonly isTTY?: boolean;
	setRawMode?(raw: boolean): unknown;
};

/** Which engine, and where its store is; from the options that stand before the verb. */
export interface EngineSettings {
	readonly root: string;
}

/**
 * What the command line needs of the world around it. `main.ts` makes it of this process; tests make it of
 * buffers and a memory engine.
 */
export interface CliHost {
	readonly stdin: InputStream;
	readonly stdout: OutputStream;
	readonly stderr: OutputStream;
	readonly environment: Readonly<Record<string, string | undefined>>;
	readonly workingDirectory: string;
	/** Decides where the store is when nobody says. */
	readonly isRoot: boolean;
	readonly version: string;
	readonly now: () => number;
	/** Aborts when the person interrupts, unless `takeSignals` has claimed the interrupts. */
	readonly interrupted: AbortSignal;
	/** Aborts when nobody reads standard output any more. */
	readonly outputGone: AbortSignal;
	/** From now on signals go to the queue instead of ending the verb, until its `return`. */
	readonly takeSignals: () => SignalQueue;
	/** Tells the size changes of the terminal; gives the way to stop that. */
	readonly onResize: (listener: () => void) => () => void;
	readonly openEngine: (settings: EngineSettings) => Promise<Engine>;
	/** Opens the full screen; resolves with the exit code when it is left. @throws EngineError no-terminal */
	readonly openDashboard: (settings: EngineSettings) => Promise<number>;
	/** The dashboard's first frame as text. */
	readonly printFrame: (settings: EngineSettings, size: FrameSize) => Promise<string>;
}

/** A frame’s size in cells. */
export interface FrameSize {
	readonly columns: number;
	readonly rows: number;
}

/** What a verb works with. */
export interface CliContext {
	readonly host: CliHost;
	readonly settings: EngineSettings;
	/** Opened at the first call; the same one afterwards. Closed by `runCli`. */
	readonly engine: () => Promise<Engine>;
}
