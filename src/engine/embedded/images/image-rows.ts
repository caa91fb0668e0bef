import type { ChainId, Digest, ImageId, ReferenceText } from '../../model.ts';
import type { Store } from '../store.ts';

/** An image as its row says. Rows that are being removed are never handed out. */
export interface ImageRow {
	readonly id: ImageId;
	readonly top_chain_id: ChainId | null;
	readonly layer_count: number;
	readonly size_bytes: number;
	readonly os: string;
	readonly architecture: string;
	readonly variant: string;
	readonly labels: string;
	readonly created_at: number | null;
	readonly stored_at: number;
	readonly hidden: number;
	readonly generation: number;
}

/** A container that was made from an image. */
export interface ImageUser {
	readonly id: string;
	readonly name: string;
	readonly status: string;
}

/** Tags of one image, sorted. */
export function tagsOf(store: Store, id: ImageId): readonly ReferenceText[] {
	return store.database
		.all<{ reference: ReferenceText }>('SELECT reference FROM tag WHERE image_id = ? ORDER BY reference', id)
		.map(({ reference }) => reference);
}

/** Digests of the manifests that are kept for one image, sorted. */
export function manifestsOf(store: Store, id: ImageId): readonly Digest[] {
	return store.database
		.all<{ digest: Digest }>('SELECT digest FROM image_manifest WHERE image_id = ? ORDER BY digest', id)
		.map(({ digest }) => digest);
}

/** Containers in any state that were made from an image, by name. */
export function usersOf(store: Store, id: ImageId): readonly ImageUser[] {
	return store.database.all<ImageUser>(
		'SELECT id, name, status FROM container WHERE image_id = ? AND removing = 0 ORDER BY name',
		id,
	);
}
