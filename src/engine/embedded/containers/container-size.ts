import { closeSync, existsSync, fsyncSync, lstatSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { flushTree, measureTree, measureTreeBudgeted } from '../layers/measure.ts';
import { walkTree } from '../layers/walk-tree.ts';
import type { Store } from '../store.ts';
import { pathBytes } from '../system/byte-path.ts';
import { containerPaths } from './container-paths.ts';

/** Up to here, flushing file by file is cheaper than flushing the whole filesystem. */
const mostFilesToFlush = 32;

/** What one container weighs. */
export interface ContainerSize {
	/** Apparent bytes of the writable layer: Docker's SizeRw. */
	readonly writableBytes: number;
	/** Allocated bytes of everything stored for it. */
	readonly diskBytes: number;
}

/** Weighs a container at rest, exactly: flushes first, because blocks are allocated late. The caller holds it. */
export function weighAtRest(store: Store, id: string): ContainerSize {
	const { directory, upper } = containerPaths(store.paths, id);
	flushFiles(directory);
	return {
		// Somebody may have deleted it by hand.
		writableBytes: existsSync(upper) ? measureTree(upper).sizeBytes : 0,
		diskBytes: measureTree(directory).diskBytes,
	};
}

/** Weighs a container while it runs: what is flushed by now. undefined where the time did not suffice. */
export function weighRunning(store: Store, id: string, deadline: number): ContainerSize | undefined {
	const { directory, upper, merged } = containerPaths(store.paths, id);
	let diskBytes = lstatSync(directory).blocks * 512;
	let writableBytes = 0;
	for (const name of readdirSync(directory)) {
		const path = join(directory, name);
		// The mounted root shows the same files a second time.
		if (path === merged) continue;
		const size = measureTreeBudgeted(path, { deadline });
		if (size === undefined) return undefined;
		diskBytes += size.diskBytes;
		if (path === upper) writableBytes = size.sizeBytes;
	}
	return { writableBytes, diskBytes };
}

/** Writes a weight down; only inside `database.write`. */
export function recordSize(store: Store, id: string, size: ContainerSize): void {
	store.database.run(
		'UPDATE container SET size_bytes = ?, disk_bytes = ?, measured_at = ? WHERE id = ?',
		size.writableBytes,
		size.diskBytes,
		store.now(),
		id,
	);
}

function flushFiles(directory: string): void {
	const files: Buffer[] = [];
	for (const { phase, path, stats } of walkTree(directory)) {
		if (phase === 'enter' && stats.isFile() && stats.size > 0) files.push(pathBytes(path));
		if (files.length <= mostFilesToFlush) continue;
		flushTree(directory);
		return;
	}
	for (const path of files) {
		const file = openSync(path, 'r');
		try {
			fsyncSync(file);
		} finally {
			closeSync(file);
		}
	}
}
