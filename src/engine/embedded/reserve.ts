import {
	closeSync,
	existsSync,
	fsyncSync,
	mkdirSync,
	openSync,
	readdirSync,
	statSync,
	truncateSync,
	unlinkSync,
	writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { StorePaths } from './paths.ts';
import { measureSpace } from './space.ts';
import { lockShared, tryLock } from './system/syscalls.ts';

/** Room for the database's journal while a full disk is being freed. */
const reserveBytes = 4 * 1024 * 1024;
/** Less than that would not help. */
const leastReserveBytes = 256 * 1024;
/** Files that the database and a lease need. */
const reserveInodes = 16;
/** With less than this left, SQLite may not even be able to read: it needs room for its journal. */
const lowWaterBytes = 1024 * 1024;
/** Of what is free, this part at most becomes reserve. */
const reserveDivisor = 16;

/** What was given up because the disk is full, if anything. */
export interface Reserve {
	/** True where there is next to no room: free what can be freed without the database. */
	readonly isLow: boolean;
	/** Makes the reserve, or makes it again. Called last, and never fails: a store without one still works. */
	restore(): void;
}

/** Gives the reserve up where the disk is full. Called *before* the database is opened. */
export function releaseReserve(paths: StorePaths): Reserve {
	const { availableBytes, inodesFree, inodeCapacity } = measureSpace(paths.root);
	const lacksInodes = inodeCapacity > 0 && inodesFree < reserveInodes;
	if (availableBytes >= lowWaterBytes && !lacksInodes) {
		return { isLow: false, restore: () => quietly(() => makeReserve(paths, { bytes: 0, inodes: 0 })) };
	}
	const file = quietly(() => openSync(paths.reserve, 'r'));
	// Shared by all who live on it: it is not taken back while somebody else still does.
	if (file !== undefined) quietly(() => lockShared(file));
	const released = {
		bytes: quietly(() => statSync(paths.reserve).size) ?? 0,
		inodes: quietly(() => readdirSync(paths.spareInodes).length) ?? 0,
	};
	quietly(() => truncateSync(paths.reserve, 0));
	quietly(() => {
		for (const name of readdirSync(paths.spareInodes)) unlinkSync(join(paths.spareInodes, name));
	});
	return {
		isLow: true,
		restore: () => {
			quietly(() => {
				if (file === undefined || tryLock(file)) makeReserve(paths, released);
			});
			if (file !== undefined) quietly(() => closeSync(file));
		},
	};
}

/** What was released comes back even where little is free, or reading would cost the room that removing needs. */
function makeReserve(paths: StorePaths, released: { readonly bytes: number; readonly inodes: number }): void {
	// A store that was removed meanwhile stays removed.
	if (!existsSync(paths.database)) return;
	const presentBytes = statSync(paths.reserve, { throwIfNoEntry: false })?.size ?? 0;
	const presentInodes = quietly(() => readdirSync(paths.spareInodes).length) ?? 0;
	if (presentBytes >= reserveBytes && presentInodes >= reserveInodes) return;
	const { availableBytes, inodesFree, inodeCapacity } = measureSpace(paths.root);
	const share = Math.floor(availableBytes / reserveDivisor);
	const bytes = Math.min(reserveBytes, Math.max(share, Math.min(released.bytes, availableBytes)));
	// Not for a little more each time.
	if (bytes >= leastReserveBytes && bytes >= 2 * presentBytes) writeBytes(paths.reserve, bytes);
	const hasInodes = inodeCapacity === 0 || inodesFree >= reserveDivisor * reserveInodes;
	if (presentInodes < reserveInodes && (hasInodes || inodesFree >= released.inodes)) {
		makeFiles(paths.spareInodes, hasInodes ? reserveInodes : released.inodes);
	}
}

function writeBytes(path: string, bytes: number): void {
	const file = openSync(path, 'w', 0o600);
	try {
		// Written out, because a sparse file would reserve nothing.
		writeSync(file, Buffer.alloc(bytes));
		fsyncSync(file);
	} finally {
		closeSync(file);
	}
}

function makeFiles(directory: string, count: number): void {
	mkdirSync(directory, { recursive: true, mode: 0o700 });
	for (let index = 0; index < count; index++) closeSync(openSync(join(directory, String(index)), 'a', 0o600));
}

function quietly<T>(act: () => T): T | undefined {
	try {
		return act();
	} catch {
		return undefined;
	}
}
