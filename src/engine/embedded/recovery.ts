import { closeSync, existsSync, openSync, readdirSync, renameSync } from 'node:fs';
import { basename, join } from 'node:path';
import { exitDirectory } from './containers/container-paths.ts';
import { reconcileContainers } from './containers/reconcile.ts';
import { mountsBelow } from './layers/overlay.ts';
import { unlinkTree } from './layers/unlink-tree.ts';
import { discardLease, discardUnnamedLeases, isLeaseLive, leaseOfName, listLeases } from './lease.ts';
import type { StorePaths } from './paths.ts';
import { finishRemovals } from './removal.ts';
import type { Store } from './store.ts';
import { tryLock } from './system/syscalls.ts';
import { findUnrecorded, type Unrecorded } from './unrecorded.ts';
import { dropEmptyVolume, isEmptyVolume } from './volumes/empty-volume.ts';

/**
 * Brings a store back to order after whatever ended the last commands: adopts what runs, records exits nobody saw,
 * completes removals, lets dead leases go, and removes what unfinished writes left. Never stops a container, never
 * touches what a live lease owns, never removes a file that it cannot name the origin of. Only one process repairs
 * at a time; the others go on without. Cheap where there is nothing to do.
 */
export function recoverStore(store: Store): void {
	if (isAtRest(store)) return;
	const lock = openSync(store.paths.recoveryLock, 'a', 0o600);
	try {
		if (!tryLock(lock)) return;
		discardUnnamedLeases(store.paths);
		for (const id of listLeases(store)) if (!isLeaseLive(store.paths, id)) discardLease(store, id);
		reconcileContainers(store);
		discardLeftovers(store);
		// What a sweep has in hand right now is that one's to finish: it counts its own bytes.
		whileNobodySweeps(store.paths, () => {
			finishRemovals(store);
			emptyTrash(store.paths);
		});
	} finally {
		closeSync(lock);
	}
}

/** True where nothing runs, nobody is at work and nothing was left: then there is nothing to lock, and nothing to load for it. */
function isAtRest(store: Store): boolean {
	const { paths, database } = store;
	const left = [paths.leases, paths.ingest, paths.trash, exitDirectory(paths)].some(
		(path) => existsSync(path) && readdirSync(path).length > 0,
	);
	if (left || readdirSync(paths.run).some((name) => /^[0-9a-f]{64}$/.test(name))) return false;
	const busyRows = database.get(
		`SELECT 1 FROM lease
		UNION ALL SELECT 1 FROM container WHERE removing = 1 OR status IN ('running', 'paused', 'restarting')
		UNION ALL SELECT 1 FROM image WHERE removing = 1
		UNION ALL SELECT 1 FROM blob WHERE removing = 1
		UNION ALL SELECT 1 FROM layer WHERE removing = 1
		UNION ALL SELECT 1 FROM volume WHERE removing = 1 LIMIT 1`,
	);
	return (
		busyRows === undefined &&
		!findUnrecorded(store).some((found) => isAbandoned(store, found)) &&
		mountsBelow(paths.containers).length === 0
	);
}

/**
 * Gives the disk back what needs no word of the database: trash, and what dead leases were writing. For a disk so
 * full that the database cannot be opened.
 */
export function freeWithoutDatabase(paths: StorePaths): void {
	for (const name of readdirSync(paths.ingest)) {
		const lease = leaseOfName(name);
		if (lease !== undefined && !isLeaseLive(paths, lease)) unlinkTree(join(paths.ingest, name));
	}
	whileNobodySweeps(paths, () => emptyTrash(paths));
}

/** What a dead lease wrote and never published. Looked for under the write lock, so that nothing is half-published. */
function discardLeftovers(store: Store): void {
	const listAbandoned = () => findUnrecorded(store).filter((found) => isAbandoned(store, found));
	if (listAbandoned().length === 0) return;
	store.database.write(() => {
		for (const { path } of listAbandoned()) {
			if (isVolume(path)) dropEmptyVolume(store.paths, basename(path));
			else renameSync(join(store.paths.root, path), join(store.paths.trash, `left-${basename(path)}`));
		}
	});
}

/** Ours by its name, and nobody's by now. A volume with anything in it is never that: it may be the only copy of it. */
function isAbandoned({ paths }: Store, { path, kind, live }: Unrecorded): boolean {
	if (live || kind === 'trash') return false;
	if (isVolume(path)) return isEmptyVolume(paths, basename(path));
	return kind === 'ingest' || /^containers\/[0-9a-f]{64}$/.test(path);
}

function isVolume(path: string): boolean {
	return path.startsWith('volumes/');
}

function whileNobodySweeps(paths: StorePaths, act: () => void): void {
	const directory = openSync(paths.trash, 'r');
	try {
		if (tryLock(directory)) act();
	} finally {
		closeSync(directory);
	}
}

function emptyTrash(paths: StorePaths): void {
	for (const name of readdirSync(paths.trash)) unlinkTree(join(paths.trash, name));
}
