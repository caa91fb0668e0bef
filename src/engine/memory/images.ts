import { EngineError } from '../errors.ts';
import type { ImageDetail, ImageSummary, ReferenceText } from '../model.ts';
import type { ImageRemoval, Images } from '../port.ts';
import { familiarReference } from '../reference.ts';
import { exportArchive, importArchive, readSource } from './archive.ts';
import { applyChanges } from './changes.ts';
import { refusePinned } from './pins.ts';
import { freedBytesOf, removeImageTree, removeResources } from './removal.ts';
import { type ResolvedImage, resolveImage } from './resolve.ts';
import { defaultPlatform, emptyRun, layerStack, moveTag, storeImage } from './store-image.ts';
import { blobDiskBytes, layerDiskBytes, type MemoryContainer, type MemoryImage, type MemoryWorld } from './world.ts';

/** The images of a world behind the port. */
export function createImages(world: MemoryWorld): Images {
	return {
		list: async () => {
			const uses = countLayerUses(world);
			return [...world.images.values()]
				.map((image) => summarize(world, image, uses))
				.sort((a, b) => (b.createdAt ?? b.storedAt) - (a.createdAt ?? a.storedAt) || (a.id < b.id ? -1 : 1));
		},
		inspect: async (name) => describe(world, resolveImage(world, name).image),
		config: async (name) => world.blobs.get(resolveImage(world, name).image.id)?.text ?? '',
		tag: async (name, reference) => moveTag(world, reference, resolveImage(world, name).image.id),
		remove: async (name, { force }) => removeImage(world, resolveImage(world, name), force),
		load: async (source, { signal, onProgress }) => {
			const text = await readSource(world, source);
			signal?.throwIfAborted();
			onProgress?.({ item: 'archive', doneBytes: text.length, totalBytes: text.length });
			return importArchive(world, text, source.type === 'path' ? source.path : source.label);
		},
		save: async function* (names, { signal }) {
			const text = exportArchive(world, names);
			signal?.throwIfAborted();
			yield new TextEncoder().encode(text);
		},
		import: async (source, { reference, message, changes }) => {
			const text = await readSource(world, source);
			const content = {
				layers: [{ name: message === '' ? 'imported' : message, sizeBytes: text.length }],
				run: applyChanges(emptyRun, changes),
				platform: defaultPlatform,
				author: undefined,
				comment: message,
				createdAt: world.now,
				repositoryDigests: [],
			};
			const { id } = storeImage(world, content, reference === undefined ? [] : [reference]);
			world.recordEvent('import', { kind: 'image', id });
			return id;
		},
	};
}

/** SIZE of an image: apparent bytes of all its layers. */
export function imageSizeBytes(world: MemoryWorld, image: MemoryImage): number {
	return layersOf(world, image).reduce((sum, layer) => sum + layer.sizeBytes, 0);
}

/** Docker's rules, save that an image is hidden where Docker would forget it under a container. */
function removeImage(world: MemoryWorld, found: ResolvedImage, force: boolean): ImageRemoval {
	const { image, tag } = found;
	const references = referencesOf(world, image);
	const untagged = tag === undefined ? references : [tag.reference];
	const isLast = untagged.length === references.length;
	const containers = [...world.containers.values()].filter(({ imageId }) => imageId === image.id);
	if (isLast) refusePinned(world, image, tag);
	const holders = isLast ? holdersOf(found, { references, containers, force }) : [];
	if (holders.length > 0) {
		throw new EngineError('in-use', { what: 'image', id: tag?.reference ?? image.id.slice(7, 19), by: holders });
	}
	for (const reference of untagged) untag(world, reference);
	if (!isLast) return { untagged, deleted: [], freedBytes: 0, hiddenFor: [] };
	if (containers.length > 0) {
		world.updateImage(image.id, { hidden: true });
		return { untagged, deleted: [], freedBytes: 0, hiddenFor: containers.map(({ name }) => name) };
	}
	const outcomes = removeImageTree(world, image.id);
	const deleted = outcomes.map(({ key }) => key).filter(({ kind }) => kind !== 'blob');
	return { untagged, deleted, freedBytes: freedBytesOf(outcomes), hiddenFor: [] };
}

/** Words for what forbids taking an image's last name, or removing it by its id. */
function holdersOf(
	{ tag }: ResolvedImage,
	image: {
		readonly references: readonly ReferenceText[];
		readonly containers: readonly MemoryContainer[];
		readonly force: boolean;
	},
): readonly string[] {
	const running = image.containers.filter(({ pid }) => pid !== undefined);
	const words = (containers: readonly MemoryContainer[]) =>
		containers.map(({ name, status }) => `container ${name} (${status})`);
	if (tag === undefined && running.length > 0) return words(running);
	if (image.force) return [];
	if (image.containers.length > 0) return words(image.containers);
	const isAmbiguous = tag === undefined && image.references.length > 1;
	return isAmbiguous ? image.references.map((reference) => `tag ${familiarReference(reference)}`) : [];
}

function untag(world: MemoryWorld, reference: ReferenceText): void {
	const imageId = world.tags.get(reference)?.imageId;
	removeResources(world, [{ key: { kind: 'tag', id: reference }, generation: undefined }]);
	if (imageId !== undefined) world.updateImage(imageId, {});
}

function referencesOf(world: MemoryWorld, image: MemoryImage): readonly ReferenceText[] {
	return [...world.tags.values()]
		.filter(({ imageId }) => imageId === image.id)
		.map(({ reference }) => reference)
		.sort();
}

function layersOf(world: MemoryWorld, image: MemoryImage) {
	return layerStack(world, image.topChainId).flatMap((id) => world.layers.get(id) ?? []);
}

/** How many images each layer is part of. */
function countLayerUses(world: MemoryWorld): ReadonlyMap<string, number> {
	const uses = new Map<string, number>();
	for (const image of world.images.values()) {
		for (const { chainId } of layersOf(world, image)) uses.set(chainId, (uses.get(chainId) ?? 0) + 1);
	}
	return uses;
}

function summarize(world: MemoryWorld, image: MemoryImage, uses: ReadonlyMap<string, number>): ImageSummary {
	const references = referencesOf(world, image);
	const layers = layersOf(world, image);
	const sizeBytes = imageSizeBytes(world, image);
	const uniqueBytes = layers
		.filter(({ chainId }) => uses.get(chainId) === 1)
		.reduce((sum, layer) => sum + layer.sizeBytes, 0);
	const blobs = [image.id, ...image.manifests].flatMap((digest) => world.blobs.get(digest) ?? []);
	return {
		id: image.id,
		references,
		repositoryDigests: image.repositoryDigests,
		createdAt: image.createdAt,
		storedAt: image.storedAt,
		sizeBytes,
		sharedBytes: sizeBytes - uniqueBytes,
		uniqueBytes,
		diskBytes:
			layers.reduce((sum, layer) => sum + layerDiskBytes(layer), 0) +
			blobs.reduce((sum, blob) => sum + blobDiskBytes(blob), 0),
		containerCount: [...world.containers.values()].filter(({ imageId }) => imageId === image.id).length,
		hidden: image.hidden && references.length === 0,
		labels: image.run.labels,
		layerCount: layers.length,
	};
}

function describe(world: MemoryWorld, image: MemoryImage): ImageDetail {
	return {
		...summarize(world, image, countLayerUses(world)),
		platform: image.platform,
		layers: layersOf(world, image).map((layer) => ({
			diffId: layer.diffId,
			chainId: layer.chainId,
			sizeBytes: layer.sizeBytes,
			diskBytes: layerDiskBytes(layer),
			createdBy: layer.createdBy,
		})),
		history: image.history,
		author: image.author,
		run: image.run,
		manifestDigests: image.manifests,
	};
}
