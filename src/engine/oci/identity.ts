import { digestOf } from '../digest.ts';
import type { ChainId, DiffId, ImageId } from '../model.ts';

/** The identity of a stack: what is below, and one layer on top. Spec: image-spec config.md#layer-chainid (v1.1.1) */
export function chainIdOf(parent: ChainId | undefined, diffId: DiffId): ChainId {
	return parent === undefined ? (diffId as string as ChainId) : digestOf<ChainId>(`${parent} ${diffId}`);
}

/** An image is known by the bytes of its config. Spec: image-spec config.md#imageid (v1.1.1) */
export function imageIdOf(config: Uint8Array): ImageId {
	return digestOf<ImageId>(config);
}
