import { closeSync, fstatSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { basename, join } from 'node:path';
import { digestOf } from '../../digest.ts';
import { EngineError } from '../../errors.ts';
import type { Digest } from '../../model.ts';
import { finishRemoval } from '../removal.ts';
import type { Lease, Store } from '../store.ts';
import { isSystemError } from '../system/syscalls.ts';

/**
 * Keeps a small document (a config, a manifest) and holds it. Content that is there already is not written again.
 * On disk before its row is: a crash leaves a file without a row, never a row without its file.
 */
export function putBlob(
	store: Store,
	lease: Lease,
	document: { readonly bytes: Uint8Array; readonly mediaType: string },
): Digest {
	const digest = digestOf(document.bytes);
	if (holdBlob(store, lease, digest)) return digest;

	const ingest = lease.ingestPath();
	const file = openSync(ingest, 'wx', 0o600);
	let diskBytes: number;
	try {
		for (let written = 0; written < document.bytes.length; ) written += writeSync(file, document.bytes, written);
		fsyncSync(file);
		diskBytes = fstatSync(file).blocks * 512;
	} finally {
		closeSync(file);
	}
	const name = basename(ingest);
	renameSync(ingest, join(store.paths.blobs, name));
	syncDirectory(store.paths.blobs);
	store.database.write(() => {
		const inserted = store.database.run(
			`INSERT INTO blob (digest, media_type, file, size_bytes, disk_bytes, stored_at, generation)
			VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (digest) DO UPDATE SET file = excluded.file, disk_bytes = excluded.disk_bytes,
			stored_at = excluded.stored_at, generation = excluded.generation, removing = 0 WHERE removing = 1`,
			digest,
			document.mediaType,
			name,
			document.bytes.length,
			diskBytes,
			store.now(),
			store.database.nextGeneration(),
		);
		// Another process may have stored the same document meanwhile: ours stays in ingest's care and goes with the lease.
		if (inserted === 0) renameSync(join(store.paths.blobs, name), ingest);
		lease.hold({ kind: 'blob', id: digest });
	});
	return digest;
}

/** The document with that digest, checked. @throws EngineError not-found, corrupt, digest-mismatch */
export function readBlob(store: Store, digest: string): Uint8Array {
	const bytes = readStored(blobPath(store, digest), digest);
	const found = digestOf(bytes);
	if (found !== digest) {
		throw new EngineError('digest-mismatch', {
			what: 'the stored blob',
			expected: digest,
			found,
			bytesRead: bytes.length,
		});
	}
	return bytes;
}

function readStored(path: string, digest: string): Uint8Array {
	try {
		return readFileSync(path);
	} catch (error) {
		if (!isSystemError(error, 'ENOENT')) throw error;
		const why = 'its file is missing';
		throw new EngineError('corrupt', { what: 'the stored blob', where: digest, why }, { cause: error });
	}
}

/** Where a blob lies. @throws EngineError not-found */
export function blobPath(store: Store, digest: string): string {
	const row = store.database.get<{ file: string }>('SELECT file FROM blob WHERE digest = ? AND removing = 0', digest);
	if (row === undefined) throw new EngineError('not-found', { what: 'blob', id: digest });
	return join(store.paths.blobs, row.file);
}

function holdBlob(store: Store, lease: Lease, digest: Digest): boolean {
	const key = { kind: 'blob', id: digest } as const;
	const look = () =>
		store.database.write(() => {
			const row = store.database.get<{ removing: number }>('SELECT removing FROM blob WHERE digest = ?', digest);
			if (row?.removing === 0) lease.hold(key);
			return row?.removing;
		});
	const removing = look();
	if (removing === 1) finishRemoval(store, key);
	return removing === 0;
}

/** Makes renames into a directory last. */
export function syncDirectory(path: string): void {
	const directory = openSync(path, 'r');
	try {
		fsyncSync(directory);
	} finally {
		closeSync(directory);
	}
}
