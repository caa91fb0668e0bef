import { digestOf } from '../digest.ts';
import type { ChainId, DiffId, HistoryEntry, ImageId, Instant, Platform, ReferenceText, RunConfig } from '../model.ts';
import type { MemoryWorld } from './world.ts';

/** One layer to be stored; its name stands for its bytes: equal names and sizes are equal layers. */
export interface LayerContent {
	readonly name: string;
	readonly sizeBytes: number;
}

/** An image to be stored. */
export interface ImageContent {
	readonly layers: readonly LayerContent[];
	readonly run: RunConfig;
	readonly platform: Platform;
	readonly author: string | undefined;
	readonly comment: string;
	readonly createdAt: Instant | undefined;
	readonly repositoryDigests: readonly string[];
}

/** A config in which nothing is set. */
export const emptyRun: RunConfig = {
	environment: [],
	entrypoint: [],
	command: [],
	workingDirectory: '/',
	user: '',
	volumes: [],
	exposedPorts: [],
	stopSignal: undefined,
	labels: {},
};

/** The platform of images that say nothing else. */
export const defaultPlatform: Platform = { os: 'linux', architecture: 'amd64' };

/** Media types of the documents that an image is stored with. Spec: image-spec media-types.md (v1.1.1) */
const configMediaType = 'application/vnd.oci.image.config.v1+json';
const manifestMediaType = 'application/vnd.oci.image.manifest.v1+json';

/** What storing an image did. */
export interface StoredImage {
	readonly id: ImageId;
	readonly newLayers: number;
	readonly reusedLayers: number;
}

/** Stores an image with its layers and documents, and moves the references to it. What is there already is reused. */
export function storeImage(
	world: MemoryWorld,
	content: ImageContent,
	references: readonly ReferenceText[],
): StoredImage {
	const { chain, newLayers } = storeLayers(world, content.layers);
	const config = configText(
		content,
		chain.map((id) => world.layers.get(id)?.diffId ?? ''),
	);
	const id = digestOf<ImageId>(config);
	const manifest = JSON.stringify({ schemaVersion: 2, mediaType: manifestMediaType, config: { digest: id } });
	storeBlob(world, configMediaType, config);
	storeBlob(world, manifestMediaType, manifest);
	if (!world.images.has(id)) {
		world.images.set(id, {
			id,
			topChainId: chain.at(-1),
			manifests: [digestOf(manifest)],
			repositoryDigests: content.repositoryDigests,
			platform: content.platform,
			history: historyOf(content, chain),
			author: content.author,
			run: content.run,
			createdAt: content.createdAt,
			storedAt: world.now,
			lastUsedAt: undefined,
			hidden: false,
			generation: world.nextGeneration(),
		});
	} else world.updateImage(id, { hidden: false });
	for (const reference of references) moveTag(world, reference, id);
	return { id, newLayers, reusedLayers: chain.length - newLayers };
}

/** Lets a reference mean that image from now on; the image must be there. */
export function moveTag(world: MemoryWorld, reference: ReferenceText, imageId: ImageId): void {
	const previous = world.tags.get(reference)?.imageId;
	if (previous === imageId) return;
	world.tags.set(reference, { reference, imageId, movedAt: world.now, generation: world.nextGeneration() });
	world.updateImage(imageId, { hidden: false });
	// The image that lost the name may now stand for itself: plans made before must not touch it unseen.
	if (previous !== undefined && world.images.has(previous)) world.updateImage(previous, {});
	world.recordEvent('tag', { kind: 'tag', id: reference }, { name: reference, image: imageId });
}

/** The layers of a stack, base first. */
export function layerStack(world: MemoryWorld, top: ChainId | undefined): readonly ChainId[] {
	const stack: ChainId[] = [];
	for (let at = top; at !== undefined; at = world.layers.get(at)?.parent) stack.unshift(at);
	return stack;
}

function storeLayers(
	world: MemoryWorld,
	layers: readonly LayerContent[],
): { readonly chain: readonly ChainId[]; readonly newLayers: number } {
	const chain: ChainId[] = [];
	let newLayers = 0;
	for (const { name, sizeBytes } of layers) {
		const parent = chain.at(-1);
		const diffId = digestOf<DiffId>(`layer ${name} of ${sizeBytes} bytes`);
		const chainId = parent === undefined ? (diffId as string as ChainId) : digestOf<ChainId>(`${parent} ${diffId}`);
		chain.push(chainId);
		if (world.layers.has(chainId)) continue;
		newLayers++;
		const generation = world.nextGeneration();
		world.layers.set(chainId, {
			chainId,
			diffId,
			parent,
			sizeBytes,
			createdBy: name,
			storedAt: world.now,
			generation,
		});
	}
	return { chain, newLayers };
}

function storeBlob(world: MemoryWorld, mediaType: string, text: string): void {
	const digest = digestOf(text);
	if (world.blobs.has(digest)) return;
	world.blobs.set(digest, { digest, mediaType, text, storedAt: world.now, generation: world.nextGeneration() });
}

function historyOf(content: ImageContent, chain: readonly ChainId[]): readonly HistoryEntry[] {
	return content.layers.map(({ name, sizeBytes }, index) => ({
		createdAt: content.createdAt,
		createdBy: name,
		comment: index === content.layers.length - 1 ? content.comment : '',
		emptyLayer: false,
		sizeBytes,
		chainId: chain[index],
	}));
}

/** Spec: image-spec config.md#properties (v1.1.1) */
function configText(content: ImageContent, diffIds: readonly string[]): string {
	const { run, createdAt, author, platform } = content;
	const present = (paths: readonly string[]) => Object.fromEntries(paths.map((path) => [path, {}]));
	return JSON.stringify({
		...(createdAt === undefined ? {} : { created: new Date(createdAt).toISOString() }),
		...(author === undefined ? {} : { author }),
		...platform,
		config: {
			User: run.user,
			ExposedPorts: present(run.exposedPorts),
			Env: run.environment,
			Entrypoint: run.entrypoint,
			Cmd: run.command,
			Volumes: present(run.volumes),
			WorkingDir: run.workingDirectory,
			Labels: run.labels,
			...(run.stopSignal === undefined ? {} : { StopSignal: run.stopSignal }),
		},
		rootfs: { type: 'layers', diff_ids: diffIds },
		history: content.layers.map(({ name }, index) => ({
			created_by: name,
			...(index === content.layers.length - 1 && content.comment !== '' ? { comment: content.comment } : {}),
		})),
	});
}
