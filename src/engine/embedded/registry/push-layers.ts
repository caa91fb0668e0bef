import { shortDigest } from '../../digest.ts';
import type { Descriptor } from '../../model.ts';
import type { PushOptions } from '../../registry-port.ts';
import type { LayerRow } from '../layers/layer-store.ts';
import type { Lease, Store } from '../store.ts';
import { knownLayerBlobs, rememberLayerBlob } from './layer-blobs.ts';
import { type PackedLayer, packLayer } from './pack-layer.ts';
import { packedLayerType } from './pushed-manifest.ts';
import { hasBlob, mountBlob, type PushPlace, uploadBlob } from './upload-blob.ts';

/** What sending layers works with. */
export interface PushWork {
	readonly store: Store;
	readonly lease: Lease;
	readonly place: PushPlace;
	readonly options: PushOptions;
	readonly configType: string;
}

/** A layer of which it is clear which blob it will be; `packed` where that must travel. */
export interface ReadyLayer {
	readonly layer: LayerRow;
	readonly descriptor: Descriptor;
	readonly packed: PackedLayer | undefined;
}

/** Finds the layer in the registry, or in another repository of it, or compresses it into a file. */
export async function readyLayer(work: PushWork, layer: LayerRow): Promise<ReadyLayer> {
	const { store, place, options } = work;
	const item = shortDigest(layer.diff_id);
	const { registry } = place.client.world;
	const here = { registry, repository: place.repository };
	const known = knownLayerBlobs(store, layer.diff_id, here);
	const tried = new Set<string>();
	for (const { descriptor } of known) {
		if (tried.has(descriptor.digest)) continue;
		tried.add(descriptor.digest);
		if (!(await hasBlob(place, descriptor.digest, descriptor.size))) continue;
		rememberLayerBlob(store, layer.diff_id, { ...here, descriptor });
		options.onStep?.({ item, text: 'Layer already exists' });
		return { layer, descriptor, packed: undefined };
	}
	for (const { descriptor, repository, registry: where } of known) {
		if (where !== registry || repository === place.repository) continue;
		if (!(await mountBlob(place, descriptor.digest, repository))) continue;
		rememberLayerBlob(store, layer.diff_id, { ...here, descriptor });
		options.onStep?.({ item, text: `Mounted from ${repository}` });
		return { layer, descriptor, packed: undefined };
	}
	options.onStep?.({ item, text: 'Compressing' });
	const packed = await packLayer(store, work.lease, { layer, signal: place.signal });
	const mediaType = packedLayerType(work.configType);
	return { layer, descriptor: { mediaType, digest: packed.digest, size: packed.sizeBytes }, packed };
}

/** Sends a layer that was compressed, unless the registry has just that. Gives whether it travelled. */
export async function sendLayer(work: PushWork, { layer, descriptor, packed }: ReadyLayer): Promise<boolean> {
	if (packed === undefined) return false;
	const { place, options, store } = work;
	const item = shortDigest(layer.diff_id);
	const { digest, size } = descriptor;
	const isThere = await hasBlob(place, digest, size);
	if (!isThere) {
		const blob = { digest, sizeBytes: size, open: () => packed.spool.read() };
		await uploadBlob(place, blob, (doneBytes) => options.onProgress?.({ item, doneBytes, totalBytes: size }));
	}
	packed.spool.remove();
	const { registry } = place.client.world;
	rememberLayerBlob(store, layer.diff_id, { registry, repository: place.repository, descriptor });
	options.onStep?.({ item, text: isThere ? 'Layer already exists' : 'Pushed' });
	return !isThere;
}
