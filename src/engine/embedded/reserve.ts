import { closeSync, fsyncSync, openSync, statfsSync, statSync, truncateSync, writeSync } from 'node:fs';
import type { StorePaths } from './paths.ts';

/** Room for the database's journal while a full disk is being freed. */
const reserveBytes = 4 * 1024 * 1024;
/** With less than this left, SQLite may not even be able to read: it needs room for its journal. */
const lowWaterBytes = 1024 * 1024;
/** The reserve is made again once that much is free. */
const highWaterBytes = 64 * 1024 * 1024;

/** Gives the reserve up where the disk is full. Called *before* the database is opened. */
export function releaseReserve(paths: StorePaths): void {
	try {
		if (availableBytes(paths) < lowWaterBytes && statSync(paths.reserve).size > 0) truncateSync(paths.reserve, 0);
	} catch {
		// No reserve yet: then there is nothing to give up.
	}
}

/** Makes the reserve, or makes it again. Called last, and never fails: a store without one still works. */
export function restoreReserve(paths: StorePaths): void {
	try {
		if ((statSync(paths.reserve, { throwIfNoEntry: false })?.size ?? 0) >= reserveBytes) return;
		if (availableBytes(paths) < highWaterBytes) return;
		const file = openSync(paths.reserve, 'w', 0o600);
		try {
			// Written out, because a sparse file would reserve nothing.
			writeSync(file, Buffer.alloc(reserveBytes));
			fsyncSync(file);
		} finally {
			closeSync(file);
		}
	} catch {}
}

function availableBytes(paths: StorePaths): number {
	const { bavail, bsize } = statfsSync(paths.root);
	return bavail * bsize;
}
