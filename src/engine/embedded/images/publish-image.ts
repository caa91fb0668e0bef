import type { ChainId, Digest, ImageId, ReferenceText, ResourceKey } from '../../model.ts';
import { imageIdOf } from '../../oci/identity.ts';
import { type ImageConfig, parseConfig } from '../../oci/image-config.ts';
import { putBlob } from '../content/blob-store.ts';
import { layerStack } from '../layers/layer-store.ts';
import { finishRemoval, removeResources } from '../removal.ts';
import type { Lease, Store } from '../store.ts';
import { moveTag } from './tags.ts';

/** A document as it arrived. */
export interface StoredDocument {
	readonly bytes: Uint8Array;
	readonly mediaType: string;
}

/** An image whose layers are all in the store and held by the lease. */
export interface NewImage {
	/** Docker's word for the event. */
	readonly action: 'load' | 'import' | 'commit' | 'pull';
	readonly config: StoredDocument;
	/** The manifests it came with, kept byte for byte. */
	readonly manifests: readonly StoredDocument[];
	/** Identity of its stack; undefined for an image without layers. */
	readonly top: ChainId | undefined;
	/** Names it gets; each moves to it. */
	readonly references: readonly ReferenceText[];
	/** Where a registry has it: the repository spelled out, and the digest that it is known by there. */
	readonly origin?: { readonly repository: string; readonly digest: Digest };
}

/** Makes an image be there: its documents first, then all rows and names in one transaction. */
export function publishImage(store: Store, work: ImageWork, image: NewImage): ImageId {
	const id = imageIdOf(image.config.bytes);
	const config = parseConfig(image.config.bytes, id);
	finishEarlierRemoval(store, id);
	work.made.push({ kind: 'blob', id });
	putBlob(store, work.lease, image.config);
	const manifests = image.manifests.map((document) => putBlob(store, work.lease, document));
	work.made.push(...manifests.map((digest): ResourceKey => ({ kind: 'blob', id: digest })));
	store.database.write(() => {
		insertImage(store, { id, config, top: image.top });
		for (const digest of manifests) {
			store.database.run('INSERT OR IGNORE INTO image_manifest (image_id, digest) VALUES (?, ?)', id, digest);
		}
		if (image.origin !== undefined) recordOrigin(store, id, image.origin);
		for (const reference of image.references) moveTag(store, reference, id);
		store.database.recordEvent(image.action, { kind: 'image', id }, { name: image.references[0] ?? id });
	});
	return id;
}

/** Notes that a registry knows the image by a digest. Only inside `database.write`. */
export function recordOrigin(
	store: Store,
	id: ImageId,
	origin: { readonly repository: string; readonly digest: Digest },
): void {
	store.database.run(
		'INSERT OR IGNORE INTO repository_digest (image_id, repository, digest) VALUES (?, ?, ?)',
		id,
		origin.repository,
		origin.digest,
	);
}

/** The lease of one piece of work, and what it has put into the store so far, in order. */
export interface ImageWork {
	readonly lease: Lease;
	readonly made: ResourceKey[];
}

/** Does work that stores images under a lease. Where it fails, what it made and nothing refers to is removed again. */
export async function storeImages<T>(
	store: Store,
	purpose: string,
	work: (context: ImageWork) => Promise<T>,
): Promise<T> {
	const context: ImageWork = { lease: store.acquireLease(purpose), made: [] };
	try {
		return await work(context);
	} catch (error) {
		context.lease.release();
		await removeResources(
			store,
			context.made.toReversed().map((key) => ({ key, generation: undefined })),
		);
		throw error;
	} finally {
		context.lease.release();
	}
}

/** The same image may be on its way out at this moment; its row would hold on to documents that go with it. */
function finishEarlierRemoval(store: Store, id: ImageId): void {
	const row = store.database.get<{ removing: number }>('SELECT removing FROM image WHERE id = ?', id);
	if (row?.removing === 1) finishRemoval(store, { kind: 'image', id });
}

/** An image that is stored again keeps its row and is hidden no more. */
function insertImage(
	store: Store,
	image: { readonly id: ImageId; readonly config: ImageConfig; readonly top: ChainId | undefined },
): void {
	const { platform, createdAt, run } = image.config;
	const layers = layerStack(store, image.top);
	store.database.run(
		`INSERT INTO image (id, top_chain_id, layer_count, size_bytes, os, architecture, variant, labels, created_at,
			stored_at, generation) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET hidden = 0, removing = 0, generation = excluded.generation`,
		image.id,
		image.top ?? null,
		layers.length,
		layers.reduce((sum, layer) => sum + layer.size_bytes, 0),
		platform.os,
		platform.architecture,
		platform.variant ?? '',
		JSON.stringify(run.labels),
		createdAt ?? null,
		store.now(),
		store.database.nextGeneration(),
	);
}
