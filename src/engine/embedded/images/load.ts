import { shortDigest } from '../../digest.ts';
import { EngineError } from '../../errors.ts';
import type { ChainId } from '../../model.ts';
import { layerSteps } from '../../oci/image-config.ts';
import type { ImageSource, LoadedImage, TransferOptions } from '../../port.ts';
import { ensureLayer } from '../layers/layer-store.ts';
import type { Store } from '../store.ts';
import type { ImageArchive } from './archived-file.ts';
import { dockerManifestName, readDockerArchive } from './docker-archive.ts';
import type { FoundImage, FoundLayer } from './found-image.ts';
import { openImageArchive } from './image-archive.ts';
import { layoutName, readOciLayout } from './oci-layout.ts';
import { type ImageWork, publishImage, storeImages } from './publish-image.ts';

/**
 * Takes in every image of a docker-archive, an OCI archive or an OCI layout directory. Each image is there whole or
 * not at all; those before one that fails stay. Layers that are there already are not read.
 * @throws EngineError not-found, permission-denied, corrupt, unsafe, digest-mismatch, size-mismatch, limit-exceeded,
 * unsupported, unsupported-media-type, out-of-space
 */
export async function loadImages(
	store: Store,
	source: ImageSource,
	options: TransferOptions,
): Promise<readonly LoadedImage[]> {
	return await storeImages(store, 'load', async (work) => {
		const archive = await openImageArchive(source, work.lease, options);
		try {
			const loaded: LoadedImage[] = [];
			for await (const image of await readArchive(archive)) {
				options.signal?.throwIfAborted();
				loaded.push(await loadImage(store, work, { image, options }));
			}
			if (loaded.length > 0) return loaded;
			throw new EngineError('corrupt', { what: 'the archive', where: archive.label, why: 'it holds no image' });
		} finally {
			await archive.close();
		}
	});
}

async function readArchive(archive: ImageArchive): Promise<AsyncIterable<FoundImage>> {
	const manifest = await archive.find(dockerManifestName);
	if (manifest !== undefined) return readDockerArchive(archive, manifest);
	const layout = await archive.find(layoutName);
	if (layout !== undefined) return readOciLayout(archive, layout);
	const isAncient = (await archive.find('repositories')) !== undefined;
	throw new EngineError('corrupt', {
		what: 'the archive',
		where: archive.label,
		why: isAncient
			? 'it was written by a Docker before 1.10, without a manifest.json'
			: 'it is no image: it has neither a manifest.json nor an oci-layout',
	});
}

async function loadImage(
	store: Store,
	work: ImageWork,
	wanted: { readonly image: FoundImage; readonly options: TransferOptions },
): Promise<LoadedImage> {
	const { image, options } = wanted;
	const { diffIds } = image.parsed;
	const steps = layerSteps(image.parsed);
	let top: ChainId | undefined;
	let reusedLayers = 0;
	for (const [index, layer] of image.layers.entries()) {
		const ensured = await ensureLayer(store, work.lease, {
			diffId: diffIds[index],
			parent: top,
			createdBy: steps[index] ?? '',
			where: layer.where,
			open: () => withProgress(layer, shortDigest(diffIds[index] ?? ''), options),
			...(options.signal === undefined ? {} : { signal: options.signal }),
		});
		top = ensured.chainId;
		if (ensured.reused) reusedLayers++;
		else work.made.push({ kind: 'layer', id: ensured.chainId });
	}
	const id = publishImage(store, work, {
		action: 'load',
		config: image.config,
		manifests: image.manifests,
		top,
		references: image.references,
	});
	return { id, references: image.references, reusedLayers, newLayers: image.layers.length - reusedLayers };
}

async function* withProgress(layer: FoundLayer, item: string, options: TransferOptions): AsyncGenerator<Uint8Array> {
	let doneBytes = 0;
	for await (const chunk of layer.open()) {
		doneBytes += chunk.length;
		options.onProgress?.({ item, doneBytes, totalBytes: layer.sizeBytes });
		yield chunk;
	}
}
