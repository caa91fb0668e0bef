import type { Inventory, Resource, ResourceKey } from '../../engine/model.ts';
import { keyText } from '../collect-state.ts';

/** Who needs one layer, by name. */
export interface LayerHolders {
	/** Images with a tag that reach it. */
	readonly tagged: readonly string[];
	/** Dangling images that reach it. */
	readonly untagged: readonly string[];
	/** Containers for whose sake alone it stays: through a hidden image, or directly. */
	readonly containers: readonly string[];
	/** Operations under way that hold it. */
	readonly leases: readonly string[];
}

/** One layer (a snapshot, or the blob of one) with its holders. */
export interface HeldLayer {
	readonly resource: Resource;
	readonly holders: LayerHolders;
	/** Images of any kind that reach it. */
	readonly imageCount: number;
}

type MutableHolders = { -readonly [Role in keyof LayerHolders]: Set<string> };

/**
 * Every layer with what holds it. One that no tagged image reaches is dangling, whoever else holds it.
 * Costs one walk over the references of each image, container and lease.
 */
export function findLayerHolders(inventory: Inventory): readonly HeldLayer[] {
	const resources = new Map(inventory.resources.map((resource) => [keyText(resource.key), resource]));
	const layers = new Map<string, { resource: Resource; holders: MutableHolders; imageCount: number }>();
	for (const resource of inventory.resources) {
		if (!isLayer(resource)) continue;
		const holders = {
			tagged: new Set<string>(),
			untagged: new Set<string>(),
			containers: new Set<string>(),
			leases: new Set<string>(),
		};
		layers.set(keyText(resource.key), { resource, holders, imageCount: 0 });
	}
	const hold = (from: Resource, role: keyof LayerHolders, name: string, isImage = false) => {
		for (const key of reached(from, resources)) {
			const layer = layers.get(key);
			if (layer === undefined) continue;
			layer.holders[role].add(name);
			if (isImage) layer.imageCount += 1;
		}
	};
	const taggedImages = new Set(
		inventory.resources.filter(({ key }) => key.kind === 'tag').flatMap(({ references }) => references.map(keyText)),
	);
	const imagesInUse = containersByImage(inventory);
	for (const resource of inventory.resources) {
		const key = keyText(resource.key);
		if (resource.key.kind === 'image') {
			if (taggedImages.has(key)) hold(resource, 'tagged', resource.label, true);
			else if (!resource.hidden) hold(resource, 'untagged', resource.label, true);
			else
				for (const [index, name] of (imagesInUse.get(key) ?? []).entries())
					hold(resource, 'containers', name, index === 0);
		}
		if (resource.key.kind === 'container') {
			const direct = resource.references.filter(({ kind }) => kind === 'layer' || kind === 'blob');
			if (direct.length > 0) hold({ ...resource, references: direct }, 'containers', resource.label);
		}
		if (resource.key.kind === 'lease') hold(resource, 'leases', resource.label);
	}
	return [...layers.values()].map(({ resource, holders, imageCount }) => ({
		resource,
		imageCount,
		holders: {
			tagged: [...holders.tagged].sort(),
			untagged: [...holders.untagged].sort(),
			containers: [...holders.containers].sort(),
			leases: [...holders.leases].sort(),
		},
	}));
}

/** True for an unpacked layer, and for the compressed copy of one. */
function isLayer({ key, detail }: Resource): boolean {
	return key.kind === 'layer' || (key.kind === 'blob' && /\.image\.layer\.|\.image\.rootfs\.diff\./.test(detail));
}

function containersByImage(inventory: Inventory): ReadonlyMap<string, readonly string[]> {
	const names = new Map<string, string[]>();
	for (const { key, label, references } of inventory.resources) {
		if (key.kind !== 'container') continue;
		for (const reference of references) {
			if (reference.kind !== 'image') continue;
			const holders = names.get(keyText(reference)) ?? [];
			holders.push(label);
			names.set(keyText(reference), holders);
		}
	}
	return names;
}

function reached(from: Resource, resources: ReadonlyMap<string, Resource>): ReadonlySet<string> {
	const seen = new Set<string>();
	const waiting: ResourceKey[] = [...from.references];
	for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) {
		const text = keyText(key);
		if (seen.has(text)) continue;
		seen.add(text);
		waiting.push(...(resources.get(text)?.references ?? []));
	}
	return seen;
}
