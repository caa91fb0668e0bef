import { chmodSync, lstatSync, rmdirSync, type Stats, unlinkSync } from 'node:fs';
import { type BytePath, bytePath, pathBytes, pathText } from '../system/byte-path.ts';
import { isSystemError } from '../system/syscalls.ts';
import { mountsBelow } from './overlay.ts';
import { type WalkStep, walkTree } from './walk-tree.ts';

/** What the disk has back, and what is still there. */
export interface UnlinkedTree {
	/** Allocated bytes of every inode whose last name went. */
	readonly freedBytes: number;
	/** Inodes whose last name went. */
	readonly inodeCount: number;
	/** What could not be unlinked; directories that only could not go for what is left in them are not named. */
	readonly failures: readonly UnlinkFailure[];
}

/** One inode that is still there, and why. */
export interface UnlinkFailure {
	/** For people: a path, or its descriptor's name where it is deeper than a path can say. */
	readonly path: string;
	/** `EPERM`, `EBUSY`, … */
	readonly code: string;
}

/**
 * Removes a tree and counts what that frees. Goes on after a failure. Never follows a symlink and never goes into
 * a mount: what is mounted below is somebody's data, and is reported as `EBUSY`. A missing path is nothing to do.
 * The tree must be at rest.
 */
export function unlinkTree(path: string): UnlinkedTree {
	let freedBytes = 0;
	let inodeCount = 0;
	const failures: UnlinkFailure[] = [];
	const failed = (at: BytePath, error: unknown) => {
		if (isSystemError(error, 'ENOENT', 'ENOTEMPTY', 'EEXIST')) return;
		failures.push({ path: pathText(at), code: isSystemError(error) ? error.code : String(error) });
	};
	const remove = (at: BytePath, stats: Stats) => {
		try {
			if (stats.isDirectory()) rmdirSync(pathBytes(at));
			else unlinkSync(pathBytes(at));
		} catch (error) {
			failed(at, error);
			return;
		}
		if (!stats.isDirectory() && stats.nlink > 1) return;
		freedBytes += stats.blocks * 512;
		inodeCount++;
	};

	if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return { freedBytes, inodeCount, failures };
	const mounted = new Set(mountsBelow(path).map(bytePath));
	for (const step of walkIfThere(path, failed)) {
		const { path: at, relative, stats } = step;
		if (step.phase === 'leave') {
			// Looked at again: a directory's blocks are those it has when it goes.
			const left = lstatSync(pathBytes(at), { throwIfNoEntry: false });
			if (left !== undefined) remove(at, left);
		} else if (mounted.size > 0 && mounted.has(relative === '' ? bytePath(path) : `${bytePath(path)}/${relative}`)) {
			failures.push({ path: pathText(at), code: 'EBUSY' });
			step.skip = true;
		} else if (stats.isDirectory()) openUp(at, stats);
		else remove(at, stats);
	}
	return { freedBytes, inodeCount, failures };
}

/** Another process may be at the same tree: then it is gone between two looks. */
function* walkIfThere(path: string, failed: (at: BytePath, error: unknown) => void): Generator<WalkStep> {
	try {
		yield* walkTree(path, { failed });
	} catch (error) {
		if (!isSystemError(error, 'ENOENT')) throw error;
	}
}

/** Without root's privileges, a directory's own mode may forbid to empty it. */
function openUp(path: BytePath, stats: Stats): void {
	if ((stats.mode & 0o700) === 0o700 || process.getuid?.() === 0) return;
	try {
		chmodSync(pathBytes(path), 0o700);
	} catch {}
}
