import { closeSync, lstatSync, openSync, type Stats } from 'node:fs';
import type { Instant } from '../../model.ts';
import { pathBytes } from '../system/byte-path.ts';
import { syncFilesystem } from '../system/syscalls.ts';
import { walkTree } from './walk-tree.ts';

/** What a tree weighs. */
export interface TreeSize {
	/** Apparent bytes of everything but directories, each inode once: Docker's figure. */
	readonly sizeBytes: number;
	/** Allocated bytes of every inode once, directories and the root included: `du -s`. */
	readonly diskBytes: number;
	/** Every inode once, directories and the root included. */
	readonly inodeCount: number;
}

/**
 * Measures a tree, without following symlinks or leaving its filesystem. Exact for what is at rest and flushed.
 * About 10 µs for each entry, in this thread. A missing root is ENOENT.
 */
export function measureTree(path: string): TreeSize {
	return measure(path, undefined) as TreeSize;
}

/** As `measureTree`, but gives up at the deadline: undefined means that there was no time to finish. */
export function measureTreeBudgeted(path: string, options: { readonly deadline: Instant }): TreeSize | undefined {
	return measure(path, options.deadline);
}

/** Allocates and writes everything of the filesystem that `path` is on, so that allocated bytes are final. */
export function flushTree(path: string): void {
	const file = openSync(path, 'r');
	try {
		syncFilesystem(file);
	} finally {
		closeSync(file);
	}
}

function measure(path: string, deadline: Instant | undefined): TreeSize | undefined {
	const linked = new Set<string>();
	let sizeBytes = 0;
	let diskBytes = 0;
	let inodeCount = 0;
	let filesystem: number | undefined;
	for (const step of walkTree(path)) {
		if (step.phase === 'leave') continue;
		const { stats } = step;
		filesystem ??= stats.dev;
		if (stats.dev !== filesystem) {
			step.skip = true;
			continue;
		}
		if (deadline !== undefined && inodeCount % 256 === 255 && Date.now() > deadline) return undefined;
		if (stats.nlink > 1 && !stats.isDirectory()) {
			const inode = inodeOf(step.path, stats);
			if (linked.has(inode)) continue;
			linked.add(inode);
		}
		inodeCount++;
		diskBytes += stats.blocks * 512;
		if (!stats.isDirectory()) sizeBytes += stats.size;
	}
	return { sizeBytes, diskBytes, inodeCount };
}

/** Inode numbers may be larger than a number can hold exactly. */
function inodeOf(path: string, stats: Stats): string {
	if (stats.ino <= Number.MAX_SAFE_INTEGER) return String(stats.ino);
	return String(lstatSync(pathBytes(path), { bigint: true, throwIfNoEntry: false })?.ino ?? stats.ino);
}
