import { digestOf } from '../digest.ts';
import type { ChainId, DiffId, ImageId } from '../model.ts';

/** The identity of every prefix of a stack, base first. Spec: image-spec config.md#layer-chainid (v1.1.1) */
export function chainIds(diffIds: readonly DiffId[]): readonly ChainId[] {
	const chain: ChainId[] = [];
	for (const diffId of diffIds) {
		const parent = chain.at(-1);
		chain.push(parent === undefined ? (diffId as string as ChainId) : digestOf<ChainId>(`${parent} ${diffId}`));
	}
	return chain;
}

/** An image is known by the bytes of its config. Spec: image-spec config.md#imageid (v1.1.1) */
export function imageIdOf(config: Uint8Array): ImageId {
	return digestOf<ImageId>(config);
}
