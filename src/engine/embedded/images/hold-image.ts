import { EngineError } from '../../errors.ts';
import type { ChainId, ImageId } from '../../model.ts';
import { readBlob } from '../content/blob-store.ts';
import type { Lease, Store } from '../store.ts';

/** An image that stays while the lease lives. */
export interface HeldImage {
	readonly id: ImageId;
	/** The config document, byte for byte. */
	readonly config: Uint8Array;
	readonly top: ChainId | undefined;
}

/** Holds an image, and by it its layers and documents. @throws EngineError not-found, digest-mismatch */
export function holdImage(store: Store, lease: Lease, id: ImageId): HeldImage {
	const row = store.database.write(() => {
		const found = store.database.get<{ top: ChainId | null }>(
			'SELECT top_chain_id AS top FROM image WHERE id = ? AND removing = 0',
			id,
		);
		if (found !== undefined) lease.hold({ kind: 'image', id });
		return found;
	});
	if (row === undefined) throw new EngineError('not-found', { what: 'image', id });
	return { id, config: readBlob(store, id), top: row.top ?? undefined };
}
