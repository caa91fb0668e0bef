import { shortDigest } from '../digest.ts';
import type { Generation, Inventory, Resource, ResourceKey } from '../model.ts';
import { familiarReference } from '../reference.ts';
import {
	blobDiskBytes,
	containerDiskBytes,
	layerDiskBytes,
	leftoverDiskBytes,
	type MemoryContainer,
	type MemoryWorld,
	volumeDiskBytes,
} from './world.ts';

/** Bytes that a store's own database would take. */
const metadataBytes = 131_072;

/** The disk that the world pretends to stand on. */
const filesystem = {
	capacityBytes: 64_000_000_000,
	availableBytes: 21_500_000_000,
	inodeCapacity: 4_000_000,
	inodesFree: 3_200_000,
} as const;

const plain = {
	detail: '',
	sizeBytes: 0,
	diskBytes: 0,
	measuredAt: undefined,
	createdAt: undefined,
	lastUsedAt: undefined,
	labels: {},
	root: undefined,
	references: [],
	keptWith: undefined,
	hidden: false,
} as const;

/** Every stored thing with its bytes and its references. */
export function takeInventory(world: MemoryWorld): Inventory {
	return {
		takenAt: world.now,
		revision: world.revision,
		resources: [
			...tagResources(world),
			...imageResources(world),
			...blobResources(world),
			...layerResources(world),
			...[...world.containers.values()].map(containerResource),
			...volumeResources(world),
			...leaseResources(world),
			...leftoverResources(world),
		],
		metadataBytes,
		filesystem,
	};
}

/** The names of an image, as people say them, sorted. */
export function imageNames(world: MemoryWorld, id: string): readonly string[] {
	return [...world.tags.values()]
		.filter(({ imageId }) => imageId === id)
		.map(({ reference }) => familiarReference(reference))
		.sort();
}

function tagResources(world: MemoryWorld): readonly Resource[] {
	return [...world.tags.values()].map((tag) => {
		const target: ResourceKey = { kind: 'image', id: tag.imageId };
		const image = world.images.get(tag.imageId);
		return {
			...plain,
			key: { kind: 'tag', id: tag.reference },
			label: familiarReference(tag.reference),
			detail: shortDigest(tag.imageId),
			createdAt: image?.createdAt,
			storedAt: tag.movedAt,
			lastUsedAt: image?.lastUsedAt,
			labels: image?.run.labels ?? {},
			root: 'tag',
			references: [target],
			keptWith: target,
			generation: tag.generation,
		};
	});
}

function imageResources(world: MemoryWorld): readonly Resource[] {
	return [...world.images.values()].map((image) => {
		const names = imageNames(world, image.id);
		const hidden = image.hidden && names.length === 0;
		return {
			...plain,
			key: { kind: 'image', id: image.id },
			label: names[0] ?? shortDigest(image.id),
			detail: names.length > 0 ? shortDigest(image.id) : hidden ? 'hidden' : 'dangling',
			createdAt: image.createdAt,
			storedAt: image.storedAt,
			lastUsedAt: image.lastUsedAt,
			labels: image.run.labels,
			root: world.pins.has(image.id) ? 'pinned' : names.length > 0 || hidden ? undefined : 'untagged',
			references: [
				...[image.id, ...image.manifests].map((id): ResourceKey => ({ kind: 'blob', id })),
				...(image.topChainId === undefined ? [] : [{ kind: 'layer', id: image.topChainId } as const]),
			],
			hidden,
			generation: image.generation,
		};
	});
}

function blobResources(world: MemoryWorld): readonly Resource[] {
	return [...world.blobs.values()].map((blob) => ({
		...plain,
		key: { kind: 'blob', id: blob.digest },
		label: shortDigest(blob.digest),
		detail: blob.mediaType,
		sizeBytes: blob.text.length,
		diskBytes: blobDiskBytes(blob),
		storedAt: blob.storedAt,
		generation: blob.generation,
	}));
}

function layerResources(world: MemoryWorld): readonly Resource[] {
	return [...world.layers.values()].map((layer) => ({
		...plain,
		key: { kind: 'layer', id: layer.chainId },
		label: layer.createdBy,
		detail: shortDigest(layer.chainId),
		sizeBytes: layer.sizeBytes,
		diskBytes: layerDiskBytes(layer),
		storedAt: layer.storedAt,
		references: layer.parent === undefined ? [] : [{ kind: 'layer', id: layer.parent }],
		generation: layer.generation,
	}));
}

function containerResource(container: MemoryContainer): Resource {
	const { status, exitCode } = container;
	const running = status === 'running' || status === 'paused' || status === 'restarting';
	return {
		...plain,
		key: { kind: 'container', id: container.id },
		label: container.name,
		detail: status === 'exited' ? `exited (${exitCode ?? '?'})` : status,
		sizeBytes: container.measuredBytes ?? 0,
		diskBytes: containerDiskBytes(container),
		measuredAt: container.measuredAt,
		createdAt: container.createdAt,
		storedAt: container.createdAt,
		lastUsedAt: container.finishedAt ?? container.startedAt,
		labels: container.run.labels,
		root: running ? 'running' : 'container',
		references: [
			{ kind: 'image', id: container.imageId },
			...container.mounts
				.filter(({ type }) => type === 'volume')
				.map(({ source }): ResourceKey => ({ kind: 'volume', id: source })),
		],
		generation: container.generation,
	};
}

function volumeResources(world: MemoryWorld): readonly Resource[] {
	return [...world.volumes.values()].map((volume) => ({
		...plain,
		key: { kind: 'volume', id: volume.name },
		label: volume.name,
		detail: volume.anonymous ? 'anonymous' : 'named',
		sizeBytes: volume.sizeBytes,
		diskBytes: volumeDiskBytes(volume),
		createdAt: volume.createdAt,
		storedAt: volume.createdAt,
		lastUsedAt: volume.lastUsedAt,
		labels: volume.labels,
		root: volume.anonymous ? 'anonymous-volume' : 'named-volume',
		generation: volume.generation,
	}));
}

/** The generation of what has no record that could change. */
const unrecorded = '0' as Generation;

function leaseResources(world: MemoryWorld): readonly Resource[] {
	return [...world.leases.values()].map((lease) => ({
		...plain,
		key: { kind: 'lease', id: lease.id },
		label: lease.purpose,
		detail: `pid ${lease.pid}`,
		storedAt: lease.createdAt,
		root: 'lease',
		references: lease.holds,
		generation: unrecorded,
	}));
}

function leftoverResources(world: MemoryWorld): readonly Resource[] {
	return [...world.leftovers.values()].map((leftover) => ({
		...plain,
		key: leftover.key,
		label: leftover.key.id,
		detail: leftover.live ? 'under way' : leftover.key.kind === 'orphan' ? 'unknown to the metadata' : 'left over',
		sizeBytes: leftover.sizeBytes,
		diskBytes: leftoverDiskBytes(leftover),
		measuredAt: world.now,
		storedAt: world.now,
		root: leftover.live ? 'lease' : undefined,
		generation: unrecorded,
	}));
}
