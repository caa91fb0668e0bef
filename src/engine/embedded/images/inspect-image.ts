import { EngineError } from '../../errors.ts';
import type { ChainId, HistoryEntry, ImageDetail, ImageId, ImageLayer } from '../../model.ts';
import { type ImageConfig, parseConfig } from '../../oci/image-config.ts';
import { readBlob } from '../content/blob-store.ts';
import { layerStack } from '../layers/layer-store.ts';
import type { Store } from '../store.ts';
import { manifestsOf } from './image-rows.ts';
import { listImages } from './list-images.ts';

/**
 * Everything there is to say of one image.
 * @throws EngineError not-found where it has gone meanwhile, corrupt or digest-mismatch where the store is damaged
 */
export function inspectImage(store: Store, id: ImageId): ImageDetail {
	return store.database.read(() => {
		const summary = listImages(store).find((image) => image.id === id);
		if (summary === undefined) throw new EngineError('not-found', { what: 'image', id });
		const config = readImageConfig(store, id);
		const layers = readLayers(store, id);
		return {
			...summary,
			platform: config.platform,
			layers,
			history: historyOf(config, layers),
			author: config.author,
			run: config.run,
			manifestDigests: manifestsOf(store, id),
		};
	});
}

/** An image's config, read from its blob. @throws EngineError not-found, corrupt, digest-mismatch */
export function readImageConfig(store: Store, id: ImageId): ImageConfig {
	return parseConfig(readBlob(store, id), id);
}

function readLayers(store: Store, id: ImageId): readonly ImageLayer[] {
	const row = store.database.get<{ top: ChainId | null }>('SELECT top_chain_id AS top FROM image WHERE id = ?', id);
	return layerStack(store, row?.top).map((layer) => ({
		diffId: layer.diff_id,
		chainId: layer.chain_id,
		sizeBytes: layer.size_bytes,
		diskBytes: layer.disk_bytes,
		createdBy: layer.created_by || undefined,
	}));
}

/** The config's steps beside the layers they made; a layer without a step gets one that says nothing, as in Docker. */
function historyOf(config: ImageConfig, layers: readonly ImageLayer[]): readonly HistoryEntry[] {
	const left = [...layers];
	const told = config.history.map((step): HistoryEntry => {
		const layer = step.emptyLayer ? undefined : left.shift();
		return { ...step, sizeBytes: layer?.sizeBytes ?? 0, chainId: layer?.chainId };
	});
	const untold = left.map(
		(layer): HistoryEntry => ({
			createdAt: undefined,
			createdBy: '',
			comment: '',
			emptyLayer: false,
			sizeBytes: layer.sizeBytes,
			chainId: layer.chainId,
		}),
	);
	return [...told, ...untold];
}
