import { closeSync, constants, openSync, statSync } from 'node:fs';
import { unmountOverlay } from '../layers/overlay.ts';
import type { Store } from '../store.ts';
import { type BytePath, bytePath } from '../system/byte-path.ts';
import { isSystemError } from '../system/syscalls.ts';
import { volumeDataPath } from '../volumes/volume-store.ts';
import { withContainerLock } from './container-lock.ts';
import { containerPaths } from './container-paths.ts';
import { type ContainerRecord, hasProcess, isProcessAlive, requireRecord } from './container-record.ts';
import { recordSize, weighAtRest } from './container-size.ts';
import { finishExitLocked } from './finish-exit.ts';
import { mountRoot } from './prepare-root.ts';
import { refuseForeign } from './start.ts';

/** A container's files as its processes see them. Paths in it are to be walked with `withPath` and nothing else. */
export interface ContainerTree {
	/** A directory of the host that is the container's root. */
	readonly root: string;
	/** Where no process lives, no mount stands: directories of the host by their place. */
	readonly mounts: ReadonlyMap<BytePath, string>;
	/** Places among them that are only to be read. */
	readonly readOnly: readonly BytePath[];
	readonly record: ContainerRecord;
}

/**
 * Runs `act` on a container's files, of one that runs (through its first process's own root) or is stopped (its root
 * is mounted meanwhile, under its lock). @throws EngineError unsupported, locked, corrupt
 */
export async function withContainerTree<T>(
	store: Store,
	id: string,
	act: (tree: ContainerTree) => Promise<T>,
): Promise<T> {
	const living = await withLiveTree(requireRecord(store, id), act);
	if (living !== undefined) return living.result;
	return await withContainerLock(store, id, async () => {
		await finishExitLocked(store, id);
		const stopped = requireRecord(store, id);
		// Somebody was quicker, and it runs again.
		const again = await withLiveTree(stopped, act);
		if (again !== undefined) return again.result;
		mountRoot(store, stopped);
		try {
			return await act(restingTree(store, stopped));
		} finally {
			unmountOverlay(containerPaths(store.paths, id).merged);
			const size = weighAtRest(store, id);
			store.database.writeVolatile(() => recordSize(store, id, size));
		}
	});
}

/** undefined where no process of it lives. */
async function withLiveTree<T>(
	record: ContainerRecord,
	act: (tree: ContainerTree) => Promise<T>,
): Promise<{ readonly result: T } | undefined> {
	if (!hasProcess(record.status)) return undefined;
	refuseForeign(record, 'copy files of');
	let root: number;
	try {
		root = openSync(`/proc/${record.process?.pid ?? 0}/root`, constants.O_RDONLY | constants.O_DIRECTORY);
	} catch (error) {
		if (isSystemError(error, 'ENOENT', 'ESRCH')) return undefined;
		throw error;
	}
	try {
		// The number could be another process's by now: what was opened is ours only if ours still lives.
		if (!isProcessAlive(record)) return undefined;
		return { result: await act({ root: `/proc/self/fd/${root}/.`, mounts: new Map(), readOnly: [], record }) };
	} finally {
		closeSync(root);
	}
}

function restingTree(store: Store, record: ContainerRecord): ContainerTree {
	const mounts = record.settings.mounts.flatMap(({ type, source, target, readOnly }) => {
		if (type === 'tmpfs') return [];
		const path = type === 'volume' ? volumeDataPath(store.paths, source) : source;
		const isDirectory = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
		return isDirectory ? [{ target: bytePath(target), path, readOnly }] : [];
	});
	return {
		root: containerPaths(store.paths, record.id).merged,
		mounts: new Map(mounts.map(({ target, path }) => [target, path])),
		readOnly: mounts.filter(({ readOnly }) => readOnly).map(({ target }) => target),
		record,
	};
}
