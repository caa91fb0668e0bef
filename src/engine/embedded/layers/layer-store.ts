import { closeSync, openSync, renameSync } from 'node:fs';
import { basename, join } from 'node:path';
import { EngineError } from '../../errors.ts';
import type { ChainId, DiffId } from '../../model.ts';
import { chainIdOf } from '../../oci/identity.ts';
import { syncDirectory } from '../content/blob-store.ts';
import { decompressed } from '../content/compression.ts';
import { finishRemoval } from '../removal.ts';
import type { Lease, Store } from '../store.ts';
import { syncFilesystem } from '../system/syscalls.ts';
import { measureTree } from './measure.ts';
import { unlinkTree } from './unlink-tree.ts';
import { unpackLayer } from './unpack.ts';

/** A layer as the store knows it. */
export interface LayerRow {
	readonly chain_id: ChainId;
	readonly diff_id: DiffId;
	readonly parent_chain_id: ChainId | null;
	readonly directory: string;
	readonly size_bytes: number;
	readonly disk_bytes: number;
	readonly inode_count: number;
	readonly tar_bytes: number;
	readonly created_by: string;
	readonly stored_at: number;
	readonly last_used_at: number | null;
	readonly generation: number;
}

/** One layer that somebody wants in the store. */
export interface WantedLayer {
	/** undefined where it is not known before (import, commit); then it is what the bytes say. */
	readonly diffId: DiffId | undefined;
	readonly parent: ChainId | undefined;
	/** The build step, for people. */
	readonly createdBy: string;
	/** Where the bytes come from, for people: `layer 3 of app.tar`. */
	readonly where: string;
	/** The layer's tar, compressed or not; called only where the layer is not there yet. */
	readonly open: () => AsyncIterable<Uint8Array>;
	readonly signal?: AbortSignal;
	/** Uncompressed bytes so far. */
	readonly onProgress?: (bytes: number) => void;
}

/** A layer that is stored and held; `reused` where it was there before. */
export interface EnsuredLayer {
	readonly chainId: ChainId;
	readonly diffId: DiffId;
	readonly reused: boolean;
	readonly sizeBytes: number;
}

/**
 * Makes sure that a layer is stored and held by the lease: found, or unpacked, checked against its diffID, flushed
 * to disk, and published by one rename and one row. Its parent must be held already.
 * @throws EngineError digest-mismatch, unsafe, corrupt, limit-exceeded, out-of-space
 */
export async function ensureLayer(store: Store, lease: Lease, wanted: WantedLayer): Promise<EnsuredLayer> {
	if (wanted.diffId !== undefined) {
		const chainId = chainIdOf(wanted.parent, wanted.diffId);
		const row = holdLayer(store, lease, chainId);
		if (row !== undefined) return { chainId, diffId: wanted.diffId, reused: true, sizeBytes: row.size_bytes };
	}
	const directory = lease.ingestPath();
	try {
		const unpacked = await unpackLayer(decompressed(wanted.open(), wanted.where), directory, {
			where: wanted.where,
			// Some writers leave the end marker out; a diffID that fits proves that nothing is missing.
			allowMissingEnd: wanted.diffId !== undefined,
			...(wanted.signal === undefined ? {} : { signal: wanted.signal }),
			...(wanted.onProgress === undefined ? {} : { onProgress: wanted.onProgress }),
		});
		if (wanted.diffId !== undefined && unpacked.diffId !== wanted.diffId) {
			throw new EngineError('digest-mismatch', {
				what: wanted.where,
				expected: wanted.diffId,
				found: unpacked.diffId,
				bytesRead: unpacked.tarBytes,
			});
		}
		return publishLayer(store, lease, { directory, wanted, unpacked });
	} catch (error) {
		unlinkTree(directory);
		throw error;
	}
}

/** The rows of a stack, base first. Empty for an image without layers. */
export function layerStack(store: Store, top: ChainId | undefined | null): readonly LayerRow[] {
	if (top === undefined || top === null) return [];
	const rows = store.database.all<LayerRow & { depth: number }>(
		`WITH RECURSIVE stack (chain_id, depth) AS (
			SELECT ?, 0
			UNION ALL
			SELECT layer.parent_chain_id, depth + 1 FROM stack JOIN layer USING (chain_id)
			WHERE layer.parent_chain_id IS NOT NULL
		)
		SELECT layer.* FROM stack JOIN layer USING (chain_id) WHERE removing = 0 ORDER BY depth DESC`,
		top,
	);
	if (rows.at(-1)?.chain_id !== top || rows[0]?.parent_chain_id !== null) {
		throw new EngineError('corrupt', { what: 'the layer stack', where: top, why: 'a layer of it is missing' });
	}
	return rows;
}

/** Absolute path of a layer's own directory, which holds `fs` and `skeleton`. @throws EngineError not-found */
export function layerDirectory(store: Store, chainId: ChainId): string {
	const row = store.database.get<{ directory: string }>(
		'SELECT directory FROM layer WHERE chain_id = ? AND removing = 0',
		chainId,
	);
	if (row === undefined) throw new EngineError('not-found', { what: 'layer', id: chainId });
	return join(store.paths.layers, row.directory);
}

/** Overlay lower directories of a stack, top first, as the kernel wants them. */
export function lowerDirectories(store: Store, top: ChainId | undefined | null): readonly string[] {
	return layerStack(store, top)
		.map((row) => join(store.paths.layers, row.directory, 'fs'))
		.reverse();
}

function holdLayer(store: Store, lease: Lease, chainId: ChainId): LayerRow | undefined {
	const key = { kind: 'layer', id: chainId } as const;
	const row = store.database.write(() => {
		const found = store.database.get<LayerRow & { removing: number }>(
			'SELECT * FROM layer WHERE chain_id = ?',
			chainId,
		);
		if (found?.removing === 0) lease.hold(key);
		return found;
	});
	if (row?.removing === 1) finishRemoval(store, key);
	return row?.removing === 0 ? row : undefined;
}

function publishLayer(
	store: Store,
	lease: Lease,
	made: {
		readonly directory: string;
		readonly wanted: WantedLayer;
		readonly unpacked: Awaited<ReturnType<typeof unpackLayer>>;
	},
): EnsuredLayer {
	const { wanted, unpacked } = made;
	const chainId = chainIdOf(wanted.parent, unpacked.diffId);
	const found = holdLayer(store, lease, chainId);
	if (found !== undefined) {
		unlinkTree(made.directory);
		return { chainId, diffId: unpacked.diffId, reused: true, sizeBytes: found.size_bytes };
	}
	// Everything below is on disk before the name is, and blocks are allocated before they are counted.
	flushFilesystem(made.directory);
	const tree = measureTree(made.directory);
	const name = basename(made.directory);
	renameSync(made.directory, join(store.paths.layers, name));
	syncDirectory(store.paths.layers);
	const reused = store.database.write(() => {
		const inserted = store.database.run(
			`INSERT INTO layer (chain_id, diff_id, parent_chain_id, directory, size_bytes, disk_bytes, inode_count,
			tar_bytes, created_by, stored_at, generation) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (chain_id) DO UPDATE SET directory = excluded.directory, disk_bytes = excluded.disk_bytes,
			inode_count = excluded.inode_count, stored_at = excluded.stored_at, generation = excluded.generation, removing = 0
			WHERE removing = 1`,
			chainId,
			unpacked.diffId,
			wanted.parent ?? null,
			name,
			unpacked.sizeBytes,
			tree.diskBytes,
			tree.inodeCount,
			unpacked.tarBytes,
			wanted.createdBy,
			store.now(),
			store.database.nextGeneration(),
		);
		lease.hold({ kind: 'layer', id: chainId });
		// Another process won the race: ours goes back to where the lease cleans up.
		if (inserted === 0) renameSync(join(store.paths.layers, name), made.directory);
		return inserted === 0;
	});
	if (reused) unlinkTree(made.directory);
	return { chainId, diffId: unpacked.diffId, reused, sizeBytes: unpacked.sizeBytes };
}

function flushFilesystem(path: string): void {
	const directory = openSync(path, 'r');
	try {
		syncFilesystem(directory);
	} finally {
		closeSync(directory);
	}
}
