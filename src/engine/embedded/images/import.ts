import type { ImageId } from '../../model.ts';
import { deriveConfig } from '../../oci/derive-config.ts';
import { dockerConfig } from '../../oci/media-types.ts';
import { hostPlatform } from '../../oci/platform.ts';
import { emptyRun } from '../../oci/run-config.ts';
import type { ImageSource, ImportOptions } from '../../port.ts';
import { ensureLayer } from '../layers/layer-store.ts';
import type { Store } from '../store.ts';
import { applyChanges } from './dockerfile-change.ts';
import { publishImage, storeImages } from './publish-image.ts';
import { openSource } from './source.ts';
import { checkTag } from './tags.ts';

/**
 * Makes an image of one layer from the tar of a root filesystem, compressed or not. Reads its source once, and
 * spools nothing.
 * @throws EngineError not-found, invalid-argument, invalid-reference, corrupt, unsafe, limit-exceeded, out-of-space
 */
export async function importImage(store: Store, source: ImageSource, options: ImportOptions): Promise<ImageId> {
	const run = applyChanges(emptyRun, options.changes);
	const references = options.reference === undefined ? [] : [checkTag(options.reference)];
	return await storeImages(store, 'import', async (work) => {
		const { label, totalBytes, chunks } = await openSource(source, options.signal);
		const comment = options.message === '' ? `Imported from ${label}` : options.message;
		const layer = await ensureLayer(store, work.lease, {
			diffId: undefined,
			parent: undefined,
			createdBy: comment,
			where: label,
			open: () => counted(chunks, (doneBytes) => options.onProgress?.({ item: label, doneBytes, totalBytes })),
			...(options.signal === undefined ? {} : { signal: options.signal }),
		});
		if (!layer.reused) work.made.push({ kind: 'layer', id: layer.chainId });
		const config = deriveConfig({
			base: undefined,
			platform: hostPlatform(process.arch),
			run,
			diffId: layer.diffId,
			createdAt: store.now(),
			createdBy: '',
			author: '',
			comment,
		});
		return publishImage(store, work, {
			action: 'import',
			config: { bytes: config, mediaType: dockerConfig },
			manifests: [],
			top: layer.chainId,
			references,
		});
	});
}

async function* counted(
	chunks: AsyncIterable<Uint8Array>,
	onBytes: (doneBytes: number) => void,
): AsyncGenerator<Uint8Array> {
	let doneBytes = 0;
	for await (const chunk of chunks) {
		doneBytes += chunk.length;
		onBytes(doneBytes);
		yield chunk;
	}
}
