import { EngineError } from '../errors.ts';
import type { ContainerId, Digest, ImageId, ReferenceText, ResourceKey } from '../model.ts';
import type { RemovalOutcome, RemovalRequest } from '../port.ts';
import {
	blobDiskBytes,
	containerDiskBytes,
	keyText,
	layerDiskBytes,
	leftoverDiskBytes,
	type MemoryWorld,
	volumeDiskBytes,
} from './world.ts';

/** As the port's, but without a generation where the caller has just looked. */
export interface MemoryRemovalRequest {
	readonly key: ResourceKey;
	readonly generation: RemovalRequest['generation'] | undefined;
}

/** The guarded removal of the port: each thing on its own, in the given order. */
export function removeResources(
	world: MemoryWorld,
	requests: readonly MemoryRemovalRequest[],
): readonly RemovalOutcome[] {
	return requests.map((request) => removeOne(world, request));
}

/** Removes an image that no name leads to, then its documents and those of its layers that nothing else needs. */
export function removeImageTree(world: MemoryWorld, id: ImageId): readonly RemovalOutcome[] {
	const image = world.images.get(id);
	if (image === undefined) return [];
	const keys: ResourceKey[] = [{ kind: 'image', id }, ...[id, ...image.manifests].map(blobKey)];
	for (let at = image.topChainId; at !== undefined; at = world.layers.get(at)?.parent) {
		keys.push({ kind: 'layer', id: at });
	}
	const outcomes = removeResources(
		world,
		keys.map((key) => ({ key, generation: undefined })),
	);
	return outcomes.filter(({ type }) => type === 'removed' || type === 'failed');
}

/** Bytes that a list of outcomes gave back. */
export function freedBytesOf(outcomes: readonly RemovalOutcome[]): number {
	return outcomes.reduce((sum, outcome) => sum + ('freedBytes' in outcome ? outcome.freedBytes : 0), 0);
}

function removeOne(world: MemoryWorld, { key, generation }: MemoryRemovalRequest): RemovalOutcome {
	const found = lookUp(world, key);
	if (found === undefined) return { type: 'already-gone', key };
	if (generation !== undefined && found.generation !== generation) {
		return { type: 'refused', key, error: new EngineError('changed', { key }) };
	}
	const by = [...found.ownHolds, ...referrersOf(world, key), ...leaseHolds(world, key)];
	if (by.length > 0) {
		return { type: 'refused', key, error: new EngineError('in-use', { what: key.kind, id: shortId(key), by }) };
	}
	found.drop();
	world.revision++;
	world.recordEvent(found.action, key, found.attributes);
	if (world.stuck.has(keyText(key))) {
		const error = new EngineError('io-failed', { operation: 'remove', path: keyText(key), code: 'EBUSY' });
		return { type: 'failed', key, freedBytes: 0, error };
	}
	return { type: 'removed', key, freedBytes: found.diskBytes };
}

interface Found {
	readonly generation: string;
	readonly diskBytes: number;
	/** What of its own forbids the removal, e.g. a process. */
	readonly ownHolds: readonly string[];
	/** Docker's word for the event. */
	readonly action: string;
	readonly attributes: Readonly<Record<string, string>>;
	readonly drop: () => void;
}

/** What is known of a key, and how it goes. */
function lookUp(world: MemoryWorld, key: ResourceKey): Found | undefined {
	const found = <Id, T>(
		map: Map<Id, T>,
		describe: (item: T) => Omit<Found, 'drop' | 'attributes' | 'ownHolds'> & Partial<Found>,
	): Found | undefined => {
		const id = key.id as Id;
		const item = map.get(id);
		if (item === undefined) return undefined;
		return { ownHolds: [], attributes: { name: key.id }, drop: () => map.delete(id), ...describe(item) };
	};
	switch (key.kind) {
		case 'tag':
			return found(world.tags, ({ generation }) => ({ generation, diskBytes: 0, action: 'untag' }));
		case 'image':
			return found(world.images, ({ generation }) => ({ generation, diskBytes: 0, action: 'delete' }));
		case 'blob':
			return found(world.blobs, (blob) => ({ ...blob, diskBytes: blobDiskBytes(blob), action: 'delete' }));
		case 'layer':
			return found(world.layers, (layer) => ({ ...layer, diskBytes: layerDiskBytes(layer), action: 'delete' }));
		case 'volume':
			return found(world.volumes, (volume) => ({ ...volume, diskBytes: volumeDiskBytes(volume), action: 'destroy' }));
		case 'container':
			return found(world.containers, (container) => ({
				generation: container.generation,
				diskBytes: containerDiskBytes(container),
				action: 'destroy',
				attributes: { name: container.name, image: container.imageReference },
				ownHolds: container.pid === undefined ? [] : [`its own process (${container.status})`],
			}));
		case 'lease':
			return found(world.leases, ({ purpose, pid }) => ({
				generation: '0',
				diskBytes: 0,
				action: 'delete',
				ownHolds: [`${purpose} (pid ${pid})`],
			}));
		case 'ingest':
		case 'orphan':
		case 'trash': {
			const leftover = world.leftovers.get(keyText(key));
			if (leftover === undefined) return undefined;
			return {
				generation: '0',
				diskBytes: leftoverDiskBytes(leftover),
				ownHolds: leftover.live ? [`a live lease`] : [],
				action: 'delete',
				attributes: { name: key.id },
				drop: () => world.leftovers.delete(keyText(key)),
			};
		}
	}
}

/** Words for everything that refers to a thing now. */
function referrersOf(world: MemoryWorld, key: ResourceKey): readonly string[] {
	const containers = [...world.containers.values()];
	const word = (container: { readonly name: string; readonly status: string }) =>
		`container ${container.name} (${container.status})`;
	switch (key.kind) {
		case 'image':
			return [
				...(world.pins.has(key.id as ImageId) ? ['a pin'] : []),
				...[...world.tags.values()].filter(({ imageId }) => imageId === key.id).map(tagWord),
				...containers.filter(({ imageId }) => imageId === key.id).map(word),
			];
		case 'blob':
			return [...world.images.values()]
				.filter(({ id, manifests }) => id === key.id || manifests.includes(key.id as Digest))
				.map(({ id }) => `image ${id.slice(7, 19)}`);
		case 'layer':
			return [
				...[...world.layers.values()]
					.filter(({ parent }) => parent === key.id)
					.map(({ chainId }) => `layer ${chainId.slice(7, 19)}`),
				...[...world.images.values()]
					.filter(({ topChainId }) => topChainId === key.id)
					.map(({ id }) => `image ${id.slice(7, 19)}`),
			];
		case 'volume':
			return containers
				.filter(({ mounts }) => mounts.some(({ type, source }) => type === 'volume' && source === key.id))
				.map(word);
		default:
			return [];
	}
}

function leaseHolds(world: MemoryWorld, key: ResourceKey): readonly string[] {
	const text = keyText(key);
	return [...world.leases.values()]
		.filter(({ holds }) => holds.some((hold) => keyText(hold) === text))
		.map(({ purpose, pid }) => `${purpose} (pid ${pid})`);
}

function tagWord({ reference }: { readonly reference: ReferenceText }): string {
	return `tag ${reference}`;
}

function blobKey(id: Digest): ResourceKey {
	return { kind: 'blob', id };
}

function shortId(key: ResourceKey): string {
	if (key.id.startsWith('sha256:')) return key.id.slice(7, 19);
	return key.kind === 'container' ? (key.id as ContainerId).slice(0, 12) : key.id;
}
