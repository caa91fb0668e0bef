import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import type { Readable } from 'node:stream';
import { EngineError } from '../../errors.ts';
import type { ExecRequest, ProcessStreams } from '../../port-containers.ts';
import { unlinkTree } from '../layers/unlink-tree.ts';
import type { Store } from '../store.ts';
import { findProgram, type RuntimePrograms } from '../system/runtime-probe.ts';
import { type Attachment, attachStreams } from './attach.ts';
import { containerPaths } from './container-paths.ts';
import { type ContainerRecord, requireRecord } from './container-record.ts';
import { answerFrom, channels, commonArguments, linesOf, readLog, spawnMonitor } from './monitor.ts';
import { resolveUserIn } from './prepare-root.ts';
import { refuseProcessDirectory } from './rootfs.ts';
import { mergeEnvironment } from './run-settings.ts';
import { runtimeError } from './runtime-error.ts';
import type { RuntimeSpec, SpecProcess } from './runtime-spec.ts';
import { capabilitiesFor, composeEnvironment } from './spec.ts';
import { refuseForeign } from './start.ts';

/**
 * Runs one more command in a running container, under a monitor of its own, and gives its exit code; 0 at once where
 * it is detached, and then it goes on without us.
 * @throws EngineError wrong-status, command-failed, invalid-argument, runtime-failed, unsupported
 */
export async function execInContainer(
	store: Store,
	id: string,
	options: {
		readonly request: ExecRequest;
		readonly streams: ProcessStreams;
		readonly programs: RuntimePrograms;
	},
): Promise<number> {
	const record = requireRecord(store, id);
	if (record.status !== 'running') {
		throw new EngineError('wrong-status', { container: record.name, operation: 'exec in', status: record.status });
	}
	refuseForeign(record, 'exec in');
	if (options.request.command.length === 0) {
		throw new EngineError('invalid-argument', { argument: 'the command', why: 'there is none to execute' });
	}
	const session = randomBytes(32).toString('hex');
	const directory = join(containerPaths(store.paths, id).bundle, `exec-${session.slice(0, 12)}`);
	mkdirSync(directory, { mode: 0o700 });
	try {
		const process = composeExec(store, record, options.request);
		writeFileSync(join(directory, 'process.json'), JSON.stringify(process), { mode: 0o600 });
		recordExec(store, record, options.request.command);
	} catch (error) {
		unlinkTree(directory);
		throw error;
	}
	// From here on the monitor removes the directory, however it ends.
	return await runUnderMonitor(store, record, { ...options, session, directory });
}

interface ExecSession {
	readonly request: ExecRequest;
	readonly streams: ProcessStreams;
	readonly programs: RuntimePrograms;
	readonly session: string;
	readonly directory: string;
}

async function runUnderMonitor(store: Store, record: ContainerRecord, exec: ExecSession): Promise<number> {
	const { request, directory, programs } = exec;
	const log = join(directory, 'monitor.log');
	const child = spawnMonitor(store, {
		programs,
		directory,
		log,
		channelCount: 3,
		arguments: [
			...commonArguments(store, { id: record.id, session: exec.session, programs }),
			...[
				'--bundle',
				directory,
				'--exit-dir',
				directory,
				'--container-pidfile',
				join(directory, 'pid'),
				'--log-path',
				'none',
			],
			...['--exec', '--exec-attach', '--exec-process-spec', join(directory, 'process.json')],
			...(request.tty ? ['--terminal'] : []),
			...(request.stdin ? ['--stdin'] : []),
			...cleanUpArguments(directory),
		],
	});
	const [sync, attach, start] = channels(child);
	let attachment: Attachment | undefined;
	try {
		// The monitor waits for one byte to begin, and for another when somebody listens to its output.
		start?.write('\0');
		if (attach !== undefined && (await firstLine(attach)) !== undefined && !request.detach) {
			attachment = attachStreams(
				{
					socket: join(directory, 'attach'),
					control: join(directory, 'ctl'),
					tty: request.tty,
					stdin: request.stdin,
				},
				exec.streams,
			);
		}
		start?.end('\0');
		const answers = linesOf(sync)[Symbol.asyncIterator]();
		const first = await answers.next();
		const answer = answerFrom(first.done === true ? readLog(log) : first.value);
		if (answer.type === 'failed') {
			throw runtimeError({ operation: 'exec in', container: record.name, command: request.command }, answer.message);
		}
		if (request.detach) return 0;
		const last = await answers.next();
		await attachment?.finished;
		return exitCodeFrom(last.done === true ? '' : last.value);
	} finally {
		attachment?.detach();
		for (const channel of [sync, attach, start]) channel?.destroy();
	}
}

function composeExec(store: Store, record: ContainerRecord, request: ExecRequest): SpecProcess {
	const paths = containerPaths(store.paths, record.id);
	const spec = JSON.parse(readFileSync(paths.config, 'utf8')) as RuntimeSpec;
	const cwd = request.workingDirectory ?? spec.process.cwd;
	if (!cwd.startsWith('/')) {
		throw new EngineError('invalid-argument', {
			argument: `the working directory "${cwd}"`,
			why: 'it must be an absolute path',
		});
	}
	refuseProcessDirectory(paths.merged, cwd);
	const { run, confinement } = record.settings;
	const user = resolveUserIn(paths.merged, request.user ?? run.user, confinement?.groups);
	const { consoleSize: _, ...base } = spec.process;
	return {
		...base,
		terminal: request.tty,
		user: { uid: user.uid, gid: user.gid, additionalGids: user.additionalGids },
		args: request.command,
		env: composeEnvironment(mergeEnvironment(record.settings.run.environment, request.environment), {
			hostname: record.settings.hostname,
			tty: request.tty,
			home: user.home,
		}),
		cwd: posix.normalize(cwd),
		capabilities: capabilitiesFor(user, base.capabilities.bounding),
	};
}

/** Nobody may be left to see to a detached command's end: its monitor removes its own traces. */
function cleanUpArguments(directory: string): readonly string[] {
	const rm = findProgram('rm');
	if (rm === undefined) return [];
	return ['--exit-command', rm, ...['-rf', directory].flatMap((argument) => ['--exit-command-arg', argument])];
}

async function firstLine(pipe: Readable): Promise<string | undefined> {
	for await (const line of linesOf(pipe)) return line;
	return undefined;
}

/** `{"data": CODE}`. A monitor that was killed leaves none. */
function exitCodeFrom(line: string): number {
	const code = /"data":\s*(-?\d+)/.exec(line)?.[1];
	return code === undefined ? 255 : Number(code) & 0xff;
}

function recordExec(store: Store, record: ContainerRecord, command: readonly string[]): void {
	store.database.writeVolatile(() =>
		store.database.recordEvent(
			'exec_start',
			{ kind: 'container', id: record.id },
			{ name: record.name, image: record.imageReference, command: command.join(' ') },
		),
	);
}
