import type { ImageId } from '../../model.ts';
import type { LayerRow } from '../layers/layer-store.ts';
import type { ImageRow } from './image-rows.ts';

/** What one image weighs. */
export interface ImageSizes {
	readonly sizeBytes: number;
	/** Of `sizeBytes`: in layers that another image stands on too. */
	readonly sharedBytes: number;
	/** Of `sizeBytes`: in layers that only this image stands on. */
	readonly uniqueBytes: number;
	/** Allocated, of its layers, its config and its manifests. */
	readonly diskBytes: number;
}

/** Everything the figures are made of, as rows. */
export interface SizedRows {
	readonly images: readonly Pick<ImageRow, 'id' | 'top_chain_id'>[];
	readonly layers: readonly Pick<LayerRow, 'chain_id' | 'parent_chain_id' | 'size_bytes' | 'disk_bytes'>[];
	/** Allocated bytes of the config and the manifests of each image. */
	readonly documentBytes: ReadonlyMap<ImageId, number>;
}

/** One pass over all stacks: what is shared can only be said of all images at once. */
export function measureImages(rows: SizedRows): ReadonlyMap<ImageId, ImageSizes> {
	const layers = new Map<string, SizedRows['layers'][number]>(rows.layers.map((layer) => [layer.chain_id, layer]));
	const stackOf = function* (top: string | null) {
		for (let layer = layers.get(top ?? ''); layer !== undefined; layer = layers.get(layer.parent_chain_id ?? '')) {
			yield layer;
		}
	};
	const imageCounts = new Map<string, number>();
	for (const image of rows.images) {
		for (const { chain_id } of stackOf(image.top_chain_id)) {
			imageCounts.set(chain_id, (imageCounts.get(chain_id) ?? 0) + 1);
		}
	}
	return new Map(
		rows.images.map((image) => {
			let sizeBytes = 0;
			let sharedBytes = 0;
			let diskBytes = rows.documentBytes.get(image.id) ?? 0;
			for (const layer of stackOf(image.top_chain_id)) {
				sizeBytes += layer.size_bytes;
				diskBytes += layer.disk_bytes;
				if ((imageCounts.get(layer.chain_id) ?? 0) > 1) sharedBytes += layer.size_bytes;
			}
			return [image.id, { sizeBytes, sharedBytes, uniqueBytes: sizeBytes - sharedBytes, diskBytes }];
		}),
	);
}
