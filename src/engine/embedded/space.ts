import { lstatSync, statfsSync } from 'node:fs';
import type { FilesystemSpace } from '../model.ts';
import { measureTree } from './layers/measure.ts';
import type { StorePaths } from './paths.ts';

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
		measureTree(paths.run).diskBytes
	);
}

function allocatedBytes(path: string): number {
	return (lstatSync(path, { throwIfNoEntry: false })?.blocks ?? 0) * 512;
}
