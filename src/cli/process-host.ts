import type { CliHost } from './context.ts';
import { SignalDesk } from './signal-desk.ts';

/** Parts of a host that do not come from this process's streams, environment and signals. */
export type HostParts = Pick<CliHost, 'version' | 'openEngine' | 'openDashboard' | 'printFrame'>;

/** Makes a host of this process. Signals keep their usual effect until `interrupted` is asked for. */
export function processHost(parts: HostParts): CliHost {
	const signals = new SignalDesk();
	const outputGone = new AbortController();
	/** Streams are made when they are asked for: opening them takes its time, and most calls need one. */
	const guarded = (stream: NodeJS.WriteStream): NodeJS.WriteStream => {
		if (stream.listenerCount('error') > 0) return stream;
		return stream.on('error', (error: NodeJS.ErrnoException) => {
			if (error.code !== 'EPIPE') throw error;
			if (stream === process.stdout) outputGone.abort();
		});
	};
	return {
		...parts,
		get stdin() {
			return process.stdin;
		},
		get stdout() {
			return guarded(process.stdout);
		},
		get stderr() {
			return guarded(process.stderr);
		},
		environment: process.env,
		workingDirectory: process.cwd(),
		isRoot: process.geteuid?.() === 0,
		now: Date.now,
		get interrupted() {
			return signals.interrupted();
		},
		outputGone: outputGone.signal,
		takeSignals: () => signals.take(),
		onResize: (listener) => {
			process.on('SIGWINCH', listener);
			return () => process.off('SIGWINCH', listener);
		},
	};
}
