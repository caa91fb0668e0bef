import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { EngineError, isEngineError } from '../../errors.ts';
import type { Lease, Store } from '../store.ts';
import { readBootId } from '../system/boot-id.ts';
import { identifyProcess, ownNamespaces, type ProcessIdentity } from '../system/process-identity.ts';
import type { RuntimePrograms } from '../system/runtime-probe.ts';
import { type Attendance, attend } from './attendance.ts';
import { lockContainer } from './container-lock.ts';
import { containerPaths, exitDirectory, runtimeRoot } from './container-paths.ts';
import { type ContainerRecord, commandOf, hasProcess, isOurs, requireRecord } from './container-record.ts';
import { recordSize, weighAtRest } from './container-size.ts';
import { finishExitLocked } from './finish-exit.ts';
import { readHostFacts } from './host-facts.ts';
import { createUnderMonitor } from './monitor.ts';
import { identifyFromPidFile } from './pid-file.ts';
import { prepareRoot } from './prepare-root.ts';
import { releaseContainer } from './release.ts';
import { removeContainer } from './remove.ts';
import { callRuntime } from './runtime.ts';
import { runtimeError } from './runtime-error.ts';
import { composeSpec } from './spec.ts';

/** How a container is started. */
export interface StartOptions {
	readonly programs: RuntimePrograms;
	/** How this program is called: the monitor does so at the end. */
	readonly selfCommand: readonly string[];
	/** Size of the terminal that looks on. */
	readonly terminalSize?: { readonly columns: number; readonly rows: number };
	/** Called when everything stands and nothing runs yet: who connects here misses nothing. */
	readonly beforeRunning?: () => Promise<void>;
}

/**
 * Starts a container and attends it: the caller ends the attendance when it does not want to see to the container's
 * end itself. undefined where it runs already. After a failure nothing of the start is left, and a container that
 * was to be removed at its end is gone.
 * @throws EngineError not-found, wrong-status, locked, command-failed, runtime-failed, invalid-argument, unsafe
 */
export async function startContainer(store: Store, id: string, options: StartOptions): Promise<Attendance | undefined> {
	const lock = await lockContainer(store, id);
	try {
		await finishExitLocked(store, id);
		const record = requireRecord(store, id);
		refuseForeign(record, 'start');
		if (record.status === 'paused') {
			throw new EngineError('wrong-status', { container: record.name, operation: 'start', status: record.status });
		}
		if (hasProcess(record.status)) return undefined;
		releaseContainer(store, id);
		const lease = store.acquireLease(`start container ${record.name}`);
		try {
			announceStart(store, record, lease);
			return await startReleased(store, record, options);
		} catch (error) {
			lease.release();
			await recordFailure(store, record, error);
			throw error;
		} finally {
			lease.release();
		}
	} finally {
		lock.release();
	}
}

/** A container of other namespaces than ours can be neither seen nor stopped from here. @throws EngineError unsupported */
export function refuseForeign(record: ContainerRecord, operation: string): void {
	if (!hasProcess(record.status) || isOurs(record)) return;
	throw new EngineError('unsupported', {
		operation: `to ${operation} container ${record.name}`,
		why: 'it was started in another mount or process namespace',
	});
}

async function startReleased(store: Store, record: ContainerRecord, options: StartOptions): Promise<Attendance> {
	const { id, settings } = record;
	const paths = containerPaths(store.paths, id);
	const failed = { operation: 'start', container: record.name, command: commandOf(settings) };
	for (const directory of [exitDirectory(store.paths), runtimeRoot(store.paths), paths.bundle]) {
		mkdirSync(directory, { recursive: true, mode: 0o700 });
	}
	rmSync(paths.exitFile, { force: true });
	const attendance = attend(store, id);
	if (attendance === undefined) throw new Error(`a container that does not run is attended: ${id}`);
	try {
		const root = prepareRoot(store, record);
		const spec = composeSpec({
			id,
			settings,
			rootPath: paths.merged,
			...root,
			terminalSize: options.terminalSize,
			host: readHostFacts(settings.confinement),
		});
		writeFileSync(paths.config, JSON.stringify(spec), { mode: 0o600 });
		const answer = await createUnderMonitor(store, record, options);
		if (answer.type === 'failed') throw runtimeError(failed, answer.message);
		// Its pid stays the same when it goes from waiting to running.
		const process = identifyProcess(answer.pid);
		const monitor = identifyFromPidFile(paths.monitorPidFile, id);
		await options.beforeRunning?.();
		const started = await callRuntime(store, options.programs.runtime, ['start', id]);
		if (!started.succeeded) throw runtimeError(failed, started.output);
		recordRunning(store, record, { process, monitor });
		return attendance;
	} catch (error) {
		// Before its end is announced to nobody: the release that follows leaves nothing to see to.
		releaseContainer(store, id);
		rmSync(paths.exitFile, { force: true });
		await attendance.end();
		throw error;
	}
}

/** From here on nobody removes it, and after a crash recovery knows whose boot and namespaces the remains are of. */
function announceStart(store: Store, record: ContainerRecord, lease: Lease): void {
	const { mount, pid } = ownNamespaces();
	store.database.writeVolatile(() => {
		requireRecord(store, record.id);
		lease.hold({ kind: 'container', id: record.id });
		store.database.run(
			'UPDATE container SET boot_id = ?, mount_namespace = ?, pid_namespace = ? WHERE id = ?',
			readBootId(),
			mount,
			pid,
			record.id,
		);
	});
}

/** Writes down that a container runs, and as what; also for one that recovery found running. */
export function recordRunning(
	store: Store,
	record: ContainerRecord,
	found: { readonly process: ProcessIdentity | undefined; readonly monitor: ProcessIdentity | undefined },
): void {
	const now = store.now();
	store.database.writeVolatile(() => {
		store.database.run(
			`UPDATE container SET status = 'running', pid = ?, pid_start_ticks = ?, monitor_pid = ?, monitor_start_ticks = ?,
			error = NULL, out_of_memory = 0, started_at = ?, generation = ? WHERE id = ?`,
			found.process?.pid ?? null,
			found.process?.startTicks ?? null,
			found.monitor?.pid ?? null,
			found.monitor?.startTicks ?? null,
			now,
			store.database.nextGeneration(),
			record.id,
		);
		store.database.run('UPDATE image SET last_used_at = ? WHERE id = ?', now, record.imageId);
		store.database.recordEvent(
			'start',
			{ kind: 'container', id: record.id },
			{ name: record.name, image: record.imageReference },
		);
	});
}

/** Keeps what went wrong for `inspect`, and the weight of what the attempt made. */
async function recordFailure(store: Store, record: ContainerRecord, error: unknown): Promise<void> {
	if (record.settings.autoRemove) {
		await removeContainer(store, record, { volumes: true });
		return;
	}
	const size = weighAtRest(store, record.id);
	store.database.writeVolatile(() => {
		recordSize(store, record.id, size);
		store.database.run(
			'UPDATE container SET error = ?, exit_code = ?, generation = ? WHERE id = ?',
			error instanceof Error ? error.message : String(error),
			isEngineError(error, 'command-failed') ? error.data.exitCode : 128,
			store.database.nextGeneration(),
			record.id,
		);
	});
}
