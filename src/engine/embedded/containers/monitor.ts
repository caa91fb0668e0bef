import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import type { Store } from '../store.ts';
import type { RuntimePrograms } from '../system/runtime-probe.ts';
import { containerPaths, exitDirectory, runtimeRoot } from './container-paths.ts';
import type { ContainerRecord } from './container-record.ts';

/** A unix socket's name holds 108 bytes; the monitor adds `/conmon-term.XXXXXX`. */
const longestSocketDirectory = 88;

/** What the monitor said first: a pid, or why there is none. */
export type MonitorAnswer =
	| { readonly type: 'started'; readonly pid: number }
	| { readonly type: 'failed'; readonly message: string };

/** What starts a container's monitor needs to know. */
export interface MonitorRequest {
	readonly programs: RuntimePrograms;
	/** How this program is called, to see to the container's end. */
	readonly selfCommand: readonly string[];
}

/**
 * Creates a container under a conmon of its own, which outlives us: it keeps the output, waits for the end, and then
 * calls us back. Resolves once the runtime has made it or refused; its process then waits to be let go.
 */
export async function createUnderMonitor(
	store: Store,
	record: ContainerRecord,
	request: MonitorRequest,
): Promise<MonitorAnswer> {
	const paths = containerPaths(store.paths, record.id);
	const { settings } = record;
	const child = spawnMonitor(store, {
		programs: request.programs,
		directory: paths.bundle,
		log: paths.monitorLog,
		channelCount: 1,
		arguments: [
			...commonArguments(store, { id: record.id, session: record.id, programs: request.programs }),
			...['--bundle', paths.bundle, '--persist-dir', paths.bundle, '--exit-dir', exitDirectory(store.paths)],
			...['--container-pidfile', paths.pidFile, '--conmon-pidfile', paths.monitorPidFile],
			...['--log-path', `k8s-file:${paths.log}`, '--name', record.name],
			...(settings.tty ? ['--terminal'] : []),
			...(settings.stdinOpen ? ['--stdin'] : []),
			// Who lets go of a terminal does not hang it up. Without one, the end of the input is told to the container.
			...(settings.stdinOpen && settings.tty ? ['--leave-stdin-open'] : []),
			...exitCommand(store, record, request),
		],
	});
	const [sync] = channels(child);
	try {
		for await (const line of linesOf(sync)) return answerFrom(line);
		return { type: 'failed', message: readLog(paths.monitorLog) };
	} finally {
		sync.destroy();
	}
}

/** Options that every monitor gets, for a container or for one more process in it. */
export function commonArguments(
	store: Store,
	monitored: { readonly id: string; readonly session: string; readonly programs: RuntimePrograms },
): readonly string[] {
	return [
		...['--api-version', '1', '--cid', monitored.id, '--cuuid', monitored.session, '--full-attach', '--no-sync-log'],
		...['--runtime', monitored.programs.runtime, '--runtime-arg', '--root', '--runtime-arg', runtimeRoot(store.paths)],
		...['--log-level', 'error'],
	];
}

/** Starts a conmon. Its channels are the pipes from descriptor 3 on: sync, attach, start. */
export function spawnMonitor(
	store: Store,
	options: {
		readonly programs: RuntimePrograms;
		/** It leaves files in its working directory. */
		readonly directory: string;
		readonly log: string;
		readonly channelCount: 1 | 3;
		readonly arguments: readonly string[];
	},
): ChildProcess {
	const log = openSync(options.log, 'a', 0o600);
	try {
		return spawn(options.programs.monitor, options.arguments, {
			cwd: options.directory,
			env: {
				PATH: process.env.PATH ?? '/usr/sbin:/usr/bin:/sbin:/bin',
				HOME: process.env.HOME ?? '/root',
				TMPDIR: store.paths.run.length <= longestSocketDirectory ? store.paths.run : tmpdir(),
				_OCI_SYNCPIPE: '3',
				...(options.channelCount === 1 ? {} : { _OCI_ATTACHPIPE: '4', _OCI_STARTPIPE: '5' }),
			},
			stdio: ['ignore', 'ignore', log, ...Array.from({ length: options.channelCount }, () => 'pipe' as const)],
		});
	} finally {
		closeSync(log);
	}
}

/** The monitor's pipes in their order. Only for a child of `spawnMonitor`. */
export function channels(child: ChildProcess): readonly [Readable & Writable, ...(Readable & Writable)[]] {
	const [sync, ...others] = child.stdio.slice(3) as (Readable & Writable)[];
	if (sync === undefined) throw new Error('a monitor without its pipes');
	// A monitor that cannot be started shows as the end of its pipe.
	child.on('error', (error) => sync.destroy(error));
	return [sync, ...others];
}

/** The lines of one of the monitor's pipes; ends quietly where the monitor does. */
export async function* linesOf(pipe: Readable): AsyncIterable<string> {
	let rest = '';
	for await (const chunk of pipe) {
		const lines = (rest + String(chunk)).split('\n');
		rest = lines.pop() ?? '';
		yield* lines;
	}
}

/** Reads one line: `{"data": PID}` or `{"data": -1, "message": "…"}`. */
export function answerFrom(line: string): MonitorAnswer {
	let answer: { readonly data?: unknown; readonly message?: unknown };
	try {
		answer = JSON.parse(line) as typeof answer;
	} catch {
		return { type: 'failed', message: line };
	}
	return typeof answer.data === 'number' && answer.data > 0 && answer.message === undefined
		? { type: 'started', pid: answer.data }
		: { type: 'failed', message: String(answer.message ?? '') };
}

/** The last words that a monitor wrote before it had anybody to tell. */
export function readLog(path: string): string {
	try {
		return readFileSync(path, 'utf8').trim();
	} catch {
		return '';
	}
}

/**
 * Somebody who attends the end holds a lock on the bundle: then the monitor's call is over before a second of us is
 * loaded. The dot keeps flock from making a file where the bundle is gone.
 */
function exitCommand(
	store: Store,
	record: ContainerRecord,
	{ programs, selfCommand }: MonitorRequest,
): readonly string[] {
	const guard =
		programs.flock === undefined
			? []
			: [programs.flock, '--nonblock', `${containerPaths(store.paths, record.id).bundle}/.`];
	const [program = '', ...rest] = [...guard, ...selfCommand, 'container-exited', store.paths.root, record.id];
	return ['--exit-command', program, ...rest.flatMap((argument) => ['--exit-command-arg', argument])];
}
