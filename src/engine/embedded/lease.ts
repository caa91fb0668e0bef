import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readdirSync, renameSync, unlinkSync, writeSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { ResourceKey } from '../model.ts';
import type { MetadataDatabase } from './database.ts';
import { unlinkTree } from './layers/unlink-tree.ts';
import type { StorePaths } from './paths.ts';
import type { Lease } from './store.ts';
import { isSystemError, lockExclusive, tryLock } from './system/syscalls.ts';

/** What leases need of a store. */
export interface LeaseStore {
	readonly paths: StorePaths;
	readonly database: MetadataDatabase;
	readonly now: () => number;
}

/** A new hold. The file is locked before it gets its name, so nobody ever sees a live lease unlocked. */
export function acquireLease(store: LeaseStore, purpose: string): Lease {
	const id = randomBytes(5).toString('hex');
	const file = openLocked(store.paths, id);
	try {
		writeSync(file, `${JSON.stringify({ pid: process.pid, purpose })}\n`);
		store.database.writeVolatile(() =>
			store.database.run(
				'INSERT INTO lease (id, purpose, pid, created_at) VALUES (?, ?, ?, ?)',
				id,
				purpose,
				process.pid,
				store.now(),
			),
		);
	} catch (error) {
		closeSync(file);
		unlinkIfThere(join(store.paths.leases, id));
		throw error;
	}

	let ingestCount = 0;
	let released = false;
	return {
		id,
		hold: (key: ResourceKey) => {
			store.database.run(
				'INSERT OR IGNORE INTO lease_hold (lease_id, kind, resource_id) VALUES (?, ?, ?)',
				id,
				key.kind,
				key.id,
			);
		},
		ingestPath: () => join(store.paths.ingest, `${id}.${ingestCount++}`),
		release: () => {
			if (released) return;
			released = true;
			try {
				discardLease(store, id);
			} finally {
				closeSync(file);
			}
		},
	};
}

function openLocked(paths: StorePaths, id: string): number {
	const unnamed = join(paths.leases, `.${id}`);
	for (;;) {
		const file = openSync(unnamed, 'wx', 0o600);
		try {
			lockExclusive(file);
			renameSync(unnamed, join(paths.leases, id));
			return file;
		} catch (error) {
			closeSync(file);
			unlinkIfThere(unnamed);
			// Recovery took it for one that was abandoned, before it was locked.
			if (!isSystemError(error, 'ENOENT')) throw error;
		}
	}
}

/** The lease that a file or directory name of the store belongs to: `<lease id>.<n>`. */
export function leaseOfName(name: string): string | undefined {
	return /^([0-9a-f]{10})\.\d+$/.exec(basename(name))?.[1];
}

/** True while some process holds the lease's lock. Asks the kernel, not the clock. */
export function isLeaseLive(paths: StorePaths, id: string): boolean {
	let file: number;
	try {
		file = openSync(join(paths.leases, id), 'r');
	} catch {
		return false;
	}
	try {
		return !tryLock(file);
	} finally {
		closeSync(file);
	}
}

/** Removes everything that a lease without an owner, or our own, left: ingests, rows, file. */
export function discardLease(store: LeaseStore, id: string): void {
	for (const name of readdirSync(store.paths.ingest)) {
		if (leaseOfName(name) === id) unlinkTree(join(store.paths.ingest, name));
	}
	store.database.writeVolatile(() => store.database.run('DELETE FROM lease WHERE id = ?', id));
	unlinkIfThere(join(store.paths.leases, id));
}

/** Removes files of leases whose owners ended before they had a name. */
export function discardUnnamedLeases(paths: StorePaths): void {
	for (const name of readdirSync(paths.leases).filter((entry) => entry.startsWith('.'))) {
		try {
			const file = openSync(join(paths.leases, name), 'r');
			try {
				if (tryLock(file)) unlinkSync(join(paths.leases, name));
			} finally {
				closeSync(file);
			}
		} catch (error) {
			// Its owner has named it meanwhile.
			if (!isSystemError(error, 'ENOENT')) throw error;
		}
	}
}

/** Ids of all leases, by row or by file. */
export function listLeases(store: LeaseStore): readonly string[] {
	const rows = store.database.all<{ id: string }>('SELECT id FROM lease').map(({ id }) => id);
	const files = readdirSync(store.paths.leases).filter((name) => /^[0-9a-f]{10}$/.test(name));
	return [...new Set([...rows, ...files])];
}

function unlinkIfThere(path: string): void {
	try {
		unlinkSync(path);
	} catch {}
}
