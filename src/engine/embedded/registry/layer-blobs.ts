import type { Descriptor, DiffId, Digest } from '../../model.ts';
import type { Store } from '../store.ts';

/** A compressed form of a layer that a registry has, or had when it was last seen. */
export interface LayerBlob {
	readonly registry: string;
	readonly repository: string;
	readonly descriptor: Descriptor;
}

/**
 * Remembers a blob whose bytes were seen to be that layer: it was unpacked, or made here. What a registry only
 * claims must not be remembered.
 */
export function rememberLayerBlob(store: Store, diffId: DiffId, blob: LayerBlob): void {
	const { digest, size, mediaType } = blob.descriptor;
	store.database.write(() => {
		// Those of layers that have gone help nobody.
		store.database.run(
			'DELETE FROM layer_blob WHERE diff_id NOT IN (SELECT diff_id FROM layer) AND diff_id <> ?',
			diffId,
		);
		store.database.run(
			'INSERT OR IGNORE INTO layer_blob (diff_id, registry, repository, digest, size_bytes, media_type) VALUES (?, ?, ?, ?, ?, ?)',
			diffId,
			blob.registry,
			blob.repository,
			digest,
			size,
			mediaType,
		);
	});
}

/** What is known of a layer: first in that repository, then in that registry, then elsewhere. */
export function knownLayerBlobs(
	store: Store,
	diffId: DiffId,
	place: { readonly registry: string; readonly repository: string },
): readonly LayerBlob[] {
	return store.database
		.all<{ registry: string; repository: string; digest: Digest; size_bytes: number; media_type: string }>(
			`SELECT registry, repository, digest, size_bytes, media_type FROM layer_blob WHERE diff_id = ?
			ORDER BY registry = ? AND repository = ? DESC, registry = ? DESC, registry, repository, digest LIMIT 20`,
			diffId,
			place.registry,
			place.repository,
			place.registry,
		)
		.map((row) => ({
			registry: row.registry,
			repository: row.repository,
			descriptor: { mediaType: row.media_type, digest: row.digest, size: row.size_bytes },
		}));
}
