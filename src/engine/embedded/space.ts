import { existsSync, lstatSync, statfsSync } from 'node:fs';
import type { FilesystemSpace } from '../model.ts';
import { measureTree } from './layers/measure.ts';
import type { StorePaths } from './paths.ts';

/** Less than one write of anything takes. */
const exhaustedBytes = 64 * 1024;
/** Fewer than one step of anything takes; what failed for want of them may have given its own back by now. */
const exhaustedInodes = 32;

/** The filesystem under a path, as `df` sees it. */
export function measureSpace(path: string): FilesystemSpace {
	const { bsize, blocks, bavail, files, ffree } = statfsSync(path);
	return {
		capacityBytes: blocks * bsize,
		availableBytes: bavail * bsize,
		inodeCapacity: files,
		inodesFree: ffree,
	};
}

/** What a filesystem has none of left, or next to none; undefined where it has both. */
export function exhaustedResource(path: string): 'bytes' | 'inodes' | undefined {
	const { availableBytes, inodeCapacity, inodesFree } = measureSpace(path);
	if (availableBytes < exhaustedBytes) return 'bytes';
	return inodeCapacity > 0 && inodesFree < exhaustedInodes ? 'inodes' : undefined;
}

/** Allocated bytes of what belongs to no stored thing: database, locks, reserve, runtime state, the directories themselves. */
export function measureMetadata(paths: StorePaths): number {
	const own = [
		paths.root,
		paths.database,
		`${paths.database}-wal`,
		`${paths.database}-shm`,
		paths.recoveryLock,
		paths.reserve,
		paths.changed,
		paths.ingest,
		paths.blobs,
		paths.layers,
		paths.containers,
		paths.volumes,
		paths.trash,
	];
	return (
		own.reduce((sum, path) => sum + allocatedBytes(path), 0) +
		measureTree(paths.leases).diskBytes +
		measureTree(paths.run).diskBytes +
		(existsSync(paths.spareInodes) ? measureTree(paths.spareInodes).diskBytes : 0)
	);
}

function allocatedBytes(path: string): number {
	return (lstatSync(path, { throwIfNoEntry: false })?.blocks ?? 0) * 512;
}
