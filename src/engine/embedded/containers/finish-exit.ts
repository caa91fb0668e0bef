import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Instant } from '../../model.ts';
import { finishRemoval } from '../removal.ts';
import type { Store } from '../store.ts';
import { readBootId } from '../system/boot-id.ts';
import { cgroupPath, countMemoryKills } from '../system/cgroups.ts';
import { measureVolumes } from '../volumes/volume-store.ts';
import { withContainerLock } from './container-lock.ts';
import { containerPaths } from './container-paths.ts';
import {
	type ContainerRecord,
	findRecord,
	hasProcess,
	isMonitorAlive,
	isOurs,
	isProcessAlive,
} from './container-record.ts';
import { recordSize, weighAtRest } from './container-size.ts';
import { releaseContainer } from './release.ts';
import { anonymousVolumes, removeContainer } from './remove.ts';
import { endStragglers } from './stragglers.ts';

/** How long a monitor may take from the end of a process to its exit code; only ever reached when it hangs. */
const monitorPatienceMs = 5_000;
/** What an end is called that nobody saw. */
const unknownExitCode = 255;

/** How a container ended. */
interface Exit {
	readonly code: number;
	readonly outOfMemory: boolean;
	readonly at: Instant;
	/** Why the code is not the container's own. */
	readonly error: string | undefined;
}

/**
 * Sees to the end of a container whose process is gone: exit code, mounts, weight, event, and its removal where it
 * was started with `--rm`. Harmless where somebody else has done so, or where it still runs.
 * @throws EngineError locked, timeout
 */
export async function finishExit(store: Store, id: string): Promise<void> {
	if (findRecord(store, id) === undefined) {
		releaseRemoved(store, id);
		return;
	}
	await withContainerLock(store, id, () => finishExitLocked(store, id));
}

/** Lets go of what a container has left whose row is gone altogether. */
export function releaseRemoved(store: Store, id: string): void {
	if (!existsSync(containerPaths(store.paths, id).bundle)) return;
	const row = store.database.get('SELECT id FROM container WHERE id = ?', id);
	if (row === undefined) releaseContainer(store, id);
}

/** As `finishExit`, for a caller that holds the container's lock. False where it still runs. */
export async function finishExitLocked(store: Store, id: string): Promise<boolean> {
	const record = findRecord(store, id);
	if (record === undefined || !isOurs(record)) return false;
	if (isProcessAlive(record)) return false;
	if (isEndUntold(store, record)) recordExit(store, record, await awaitExitCode(store, record));
	else if (existsSync(containerPaths(store.paths, id).bundle)) {
		abandonStart(store, record);
		return true;
	} else if (!existsSync(containerPaths(store.paths, id).exitFile)) return true;
	measureVolumesOf(store, record);
	if (record.settings.autoRemove) await removeContainer(store, record, { volumes: true });
	forgetExit(store, id);
	return true;
}

/**
 * Sees to an end that nobody will report any more: its monitor is gone too. Writes it down where that is not done
 * yet, and does what a crash has kept from being done since. The caller holds the container's lock. One that was
 * started with `--rm` goes.
 */
export function recordUnseenExit(store: Store, record: ContainerRecord): void {
	if (isEndUntold(store, record)) recordExit(store, record, readExit(store, record) ?? unknownExit(store, record));
	measureVolumesOf(store, record);
	if (record.settings.autoRemove) removeUnseen(store, record);
	forgetExit(store, record.id);
}

/** Lets go of what a start has left that came to nothing, and weighs what it made. The caller holds the container's lock. */
export function abandonStart(store: Store, record: ContainerRecord): void {
	endStragglers(store.paths, record.id);
	releaseContainer(store, record.id);
	const size = weighAtRest(store, record.id);
	store.database.writeVolatile(() => recordSize(store, record.id, size));
}

/** True where the row does not say yet that it has ended: the bundle goes before the row is written. */
function isEndUntold(store: Store, record: ContainerRecord): boolean {
	const { bundle, exitFile } = containerPaths(store.paths, record.id);
	return hasProcess(record.status) || (existsSync(bundle) && existsSync(exitFile));
}

/** While the exit code's file is there, something about the end is still to be done. */
function forgetExit(store: Store, id: string): void {
	rmSync(containerPaths(store.paths, id).exitFile, { force: true });
}

function measureVolumesOf(store: Store, record: ContainerRecord): void {
	const volumes = record.settings.mounts.filter(({ type }) => type === 'volume');
	measureVolumes(
		store,
		volumes.map(({ source }) => source),
	);
}

async function awaitExitCode(store: Store, record: ContainerRecord): Promise<Exit> {
	for (let waitedMs = 0; waitedMs < monitorPatienceMs; waitedMs++) {
		const wasWatched = isMonitorAlive(record);
		const exit = readExit(store, record);
		if (exit !== undefined) return exit;
		if (!wasWatched) break;
		await pause(1);
	}
	return unknownExit(store, record);
}

function readExit(store: Store, record: ContainerRecord): Exit | undefined {
	const { exitFile } = containerPaths(store.paths, record.id);
	const code = readExitCode(exitFile);
	if (code === undefined) return undefined;
	const at = Math.floor(statSync(exitFile).mtimeMs);
	return { code, outOfMemory: wasKilledForMemory(store, record), at, error: undefined };
}

function unknownExit(store: Store, record: ContainerRecord): Exit {
	return {
		code: unknownExitCode,
		outOfMemory: wasKilledForMemory(store, record),
		at: store.now(),
		error:
			record.bootId === readBootId()
				? 'its monitor ended before it did, so its exit code is not known'
				: 'the host was restarted while it ran, so its exit code is not known',
	};
}

/** Asked of the group too: the monitor may see the end before it hears of the reason. */
function wasKilledForMemory(store: Store, record: ContainerRecord): boolean {
	return existsSync(containerPaths(store.paths, record.id).memoryKill) || countMemoryKills(cgroupPath(record.id)) > 0;
}

/** Without waiting, for recovery; what else was kept only for it is the collector's to find. */
function removeUnseen(store: Store, record: ContainerRecord): void {
	const volumes = anonymousVolumes(store, record.id);
	const key = { kind: 'container', id: record.id } as const;
	store.database.write(() => {
		store.database.run(
			'UPDATE container SET removing = 1, generation = ? WHERE id = ?',
			store.database.nextGeneration(),
			record.id,
		);
		store.database.recordEvent('destroy', key, { name: record.name, image: record.imageReference });
	});
	finishRemoval(store, key);
	for (const volume of volumes) {
		const marked = store.database.write(() => {
			const user = store.database.get('SELECT 1 AS found FROM container_volume WHERE volume_name = ?', volume.id);
			return (
				user === undefined &&
				store.database.run(
					'UPDATE volume SET removing = 1, generation = ? WHERE name = ?',
					store.database.nextGeneration(),
					volume.id,
				) > 0
			);
		});
		if (marked) finishRemoval(store, volume);
	}
}

/** The exit code of a container's last run, also of one that has been removed since; undefined where it never ran. */
export function lastExitCode(store: Store, id: string): number | undefined {
	const record = findRecord(store, id);
	if (record !== undefined) return record.exitCode;
	const event = store.database.get<{ attributes: string }>(
		`SELECT attributes FROM event WHERE kind = 'container' AND resource_id = ? AND action = 'die' ORDER BY sequence DESC`,
		id,
	);
	if (event === undefined) return undefined;
	return Number((JSON.parse(event.attributes) as { readonly exitCode?: string }).exitCode);
}

/** The exit code that a monitor has written; undefined where there is none yet. */
export function readExitCode(path: string): number | undefined {
	try {
		const text = readFileSync(path, 'latin1').trim();
		return /^-?\d+$/.test(text) ? Number(text) & 0xff : undefined;
	} catch {
		return undefined;
	}
}

function recordExit(store: Store, record: ContainerRecord, exit: Exit): void {
	releaseContainer(store, record.id);
	// Before the row says that it is at rest: from then on others may remove it.
	const size = record.settings.autoRemove ? undefined : weighAtRest(store, record.id);
	const key = { kind: 'container', id: record.id } as const;
	const attributes = { name: record.name, image: record.imageReference };
	store.database.writeVolatile(() => {
		store.database.run(
			`UPDATE container SET status = 'exited', exit_code = ?, out_of_memory = ?, error = ?, finished_at = ?,
			started_at = coalesce(started_at, created_at),
			pid = NULL, pid_start_ticks = NULL, monitor_pid = NULL, monitor_start_ticks = NULL, generation = ? WHERE id = ?`,
			exit.code,
			exit.outOfMemory ? 1 : 0,
			exit.error ?? null,
			exit.at,
			store.database.nextGeneration(),
			record.id,
		);
		if (size !== undefined) recordSize(store, record.id, size);
		store.database.run('UPDATE image SET last_used_at = ? WHERE id = ?', exit.at, record.imageId);
		if (exit.outOfMemory) store.database.recordEvent('oom', key, attributes);
		store.database.recordEvent('die', key, { ...attributes, exitCode: String(exit.code) });
	});
}
