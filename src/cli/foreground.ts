import { EngineError } from '../engine/errors.ts';
import type { Foreground, ProcessStreams } from '../engine/port-containers.ts';
import type { CliContext } from './context.ts';
import { defaultDetachKeys, parseDetachKeys } from './detach-keys.ts';
import { exitCodes } from './exit-codes.ts';
import { UsageError } from './failure.ts';

/** What a process in a container is tied to. */
export interface ForegroundWish {
	readonly stdin: boolean;
	readonly tty: boolean;
	/** What lets go of a container with a terminal, as typed; undefined for Docker's ctrl-p,ctrl-q. */
	readonly detachKeys?: string | undefined;
	/** Docker's `attach` calls it a failure to let go, and says so; `run` does not. */
	readonly leavingFails?: boolean;
	/** Signals end this command instead of going to the container, which goes on. */
	readonly keepsSignals?: boolean;
}

/** What an engine on this machine can do. @throws EngineError unsupported */
export async function foregroundOf(context: CliContext): Promise<Foreground> {
	const { containers, identity } = await context.engine();
	if (containers.foreground !== undefined) return containers.foreground;
	throw new EngineError('unsupported', {
		operation: 'to run in the foreground',
		why: `the ${identity.kind} engine is not on this machine`,
	});
}

/** `-it` with something else than a terminal would hang or garble; Docker refuses it too. @throws UsageError */
export function checkTerminal({ host }: CliContext, { stdin, tty, detachKeys }: ForegroundWish): void {
	if (detachKeys !== undefined) parseDetachKeys(detachKeys);
	if (stdin && tty && !host.stdin.isTTY) {
		throw new UsageError('-i and -t together need a terminal, but standard input is not one.', 'Leave out -t.');
	}
}

/**
 * Ties this process's streams to a container's process for the length of `work`. With a terminal on both sides
 * keys go through as they are; without one, signals do. Everything is put back afterwards, whatever happens.
 */
export async function withStreams(
	{ host }: CliContext,
	{ stdin, tty, detachKeys, leavingFails = false, keepsSignals = false }: ForegroundWish,
	work: (streams: ProcessStreams) => Promise<number>,
): Promise<number> {
	const keys = parseDetachKeys(detachKeys ?? defaultDetachKeys);
	const raw = stdin && tty && host.stdin.isTTY === true;
	const terminal = host.stdout as { readonly columns?: number; readonly rows?: number };
	const size = () => ({ columns: terminal.columns ?? 80, rows: terminal.rows ?? 24 });
	const signals = keepsSignals ? undefined : host.takeSignals();
	let left = false;
	if (raw) host.stdin.setRawMode?.(true);
	try {
		const exitCode = await work({
			stdin: stdin ? host.stdin : undefined,
			stdout: host.stdout,
			stderr: host.stderr,
			terminal: tty
				? {
						get columns() {
							return size().columns;
						},
						get rows() {
							return size().rows;
						},
						onResize: (listener) => host.onResize(() => listener(size().columns, size().rows)),
					}
				: undefined,
			...(signals === undefined ? {} : { signals }),
			detach: {
				keys: raw ? keys : new Uint8Array(),
				...(keepsSignals ? { signal: host.interrupted } : {}),
				onDetach: () => {
					left = true;
				},
			},
		});
		if (left && keepsSignals && host.interrupted.aborted) return exitCodes.interrupted;
		if (!left || !leavingFails) return exitCode;
		host.stderr.write('read escape sequence\n');
		return exitCodes.failed;
	} finally {
		if (raw) host.stdin.setRawMode?.(false);
		if (stdin) host.stdin.pause();
		await signals?.return();
	}
}
