import { closeSync, openSync, readdirSync, renameSync } from 'node:fs';
import { basename, join } from 'node:path';
import { reconcileContainers } from './containers/reconcile.ts';
import { unlinkTree } from './layers/unlink-tree.ts';
import { discardLease, discardUnnamedLeases, isLeaseLive, listLeases } from './lease.ts';
import { finishRemovals } from './removal.ts';
import type { Store } from './store.ts';
import { tryLock } from './system/syscalls.ts';
import { findUnrecorded, type Unrecorded } from './unrecorded.ts';

/**
 * Brings a store back to order after whatever ended the last commands: adopts what runs, records exits nobody saw,
 * completes removals, lets dead leases go, and removes what unfinished writes left. Never stops a container, never
 * touches what a live lease owns, never removes a file that it cannot name the origin of. Only one process repairs
 * at a time; the others go on without. Cheap where there is nothing to do.
 */
export function recoverStore(store: Store): void {
	const lock = openSync(store.paths.recoveryLock, 'a', 0o600);
	try {
		if (!tryLock(lock)) return;
		discardUnnamedLeases(store.paths);
		for (const id of listLeases(store)) if (!isLeaseLive(store.paths, id)) discardLease(store, id);
		reconcileContainers(store);
		discardLeftovers(store);
		finishSweeps(store);
	} finally {
		closeSync(lock);
	}
}

/** What a dead lease wrote and never published. Looked for under the write lock, so that nothing is half-published. */
function discardLeftovers(store: Store): void {
	const abandoned = findUnrecorded(store).filter(isAbandoned);
	if (abandoned.length === 0) return;
	store.database.write(() => {
		for (const { path } of findUnrecorded(store).filter(isAbandoned)) {
			renameSync(join(store.paths.root, path), join(store.paths.trash, `left-${basename(path)}`));
		}
	});
}

/** Ours by its name, and nobody's by now. A volume's directory is never that: it may hold the only copy of something. */
function isAbandoned({ path, kind, live }: Unrecorded): boolean {
	if (live || kind === 'trash' || path.startsWith('volumes/')) return false;
	return kind === 'ingest' || /^containers\/[0-9a-f]{64}$/.test(path);
}

/** Completes what earlier sweeps left, unless a sweep is at it right now: it counts its own bytes. */
function finishSweeps(store: Store): void {
	const directory = openSync(store.paths.trash, 'r');
	try {
		if (!tryLock(directory)) return;
		finishRemovals(store);
		for (const name of readdirSync(store.paths.trash)) unlinkTree(join(store.paths.trash, name));
	} finally {
		closeSync(directory);
	}
}
