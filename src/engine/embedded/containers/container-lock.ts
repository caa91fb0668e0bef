import { closeSync, fstatSync, mkdirSync, openSync, statSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { EngineError } from '../../errors.ts';
import type { Store } from '../store.ts';
import { isSystemError, tryLock } from '../system/syscalls.ts';
import { containerPaths } from './container-paths.ts';

/** Longer than any verb holds a container; waiting for a container to end is done without its lock. */
const patienceMs = 10_000;
const pollMs = 5;

/** Keeps other verbs, of any process, off one container. Goes with the process, however that ends. */
export interface ContainerLock {
	release(): void;
}

/** Waits for the lock, with patience. @throws EngineError not-found, locked */
export async function lockContainer(store: Store, id: string): Promise<ContainerLock> {
	const path = containerPaths(store.paths, id).lock;
	for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += pollMs) {
		const lock = tryLockContainer(store, id);
		if (lock !== undefined) return lock;
		await pause(pollMs);
	}
	throw new EngineError('locked', { path, holderPid: undefined });
}

/** Takes the lock where it is free at this moment. @throws EngineError not-found */
export function tryLockContainer(store: Store, id: string): ContainerLock | undefined {
	const path = containerPaths(store.paths, id).lock;
	const file = openLockFile(store, id);
	try {
		if (tryLock(file) && isStillAt(file, path)) return { release: () => closeSync(file) };
	} catch (error) {
		closeSync(file);
		throw error;
	}
	closeSync(file);
	return undefined;
}

/** Runs `act` with the container locked. @throws EngineError not-found, locked */
export async function withContainerLock<T>(store: Store, id: string, act: () => Promise<T> | T): Promise<T> {
	const lock = await lockContainer(store, id);
	try {
		return await act();
	} finally {
		lock.release();
	}
}

/** A container whose directory somebody has deleted can at least be removed: it gets an empty one. */
function openLockFile(store: Store, id: string): number {
	const { directory, lock } = containerPaths(store.paths, id);
	try {
		return openSync(lock, 'a', 0o600);
	} catch (error) {
		if (!isSystemError(error, 'ENOENT')) throw error;
		const row = store.database.get('SELECT id FROM container WHERE id = ? AND removing = 0', id);
		if (row === undefined) {
			throw new EngineError('not-found', { what: 'container', id: id.slice(0, 12) }, { cause: error });
		}
		mkdirSync(directory, { recursive: true, mode: 0o700 });
		return openSync(lock, 'a', 0o600);
	}
}

/** A removal may have moved the directory away between our opening and our locking. */
function isStillAt(file: number, path: string): boolean {
	const here = statSync(path, { throwIfNoEntry: false });
	return here !== undefined && here.ino === fstatSync(file).ino;
}
