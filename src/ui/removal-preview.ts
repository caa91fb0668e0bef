import type { Inventory, Resource, ResourceKey } from '../engine/model.ts';
import { planCollection } from '../gc/plan.ts';
import type { Policy } from '../gc/policy.ts';
import { keyText } from './collect-state.ts';
import type { RemovalPreview } from './confirmation.ts';
import { cleanText, formatNumberOf } from './format.ts';

const nothingDemoted: Policy = { name: 'what goes along', demotions: [], graceMs: 0 };

/**
 * What removing these things by hand would free: they stand no longer, and what then nothing reaches goes with them.
 * Things that were unreachable before are not counted: they are not this removal's doing.
 */
export function previewRemoval(inventory: Inventory, keys: readonly ResourceKey[]): RemovalPreview {
	const chosen = new Set(keys.map(keyText));
	const before = new Set(removals(inventory).map(({ key }) => keyText(key)));
	const resources = inventory.resources
		// A name that is taken away is gone whatever keeps its image; other things may turn out to be needed still.
		.filter(({ key }) => !(key.kind === 'tag' && chosen.has(keyText(key))))
		.map((resource) => (chosen.has(keyText(resource.key)) ? { ...resource, root: undefined } : resource));
	const going = removals({ ...inventory, resources }).filter(({ key }) => !before.has(keyText(key)));
	return {
		freedBytes: going.reduce((sum, { diskBytes }) => sum + diskBytes, 0),
		alsoGone: describe(going.filter(({ key }) => !chosen.has(keyText(key)))),
	};
}

function removals(inventory: Inventory): readonly Resource[] {
	return planCollection(inventory, nothingDemoted, inventory.takenAt).removals.map(({ resource }) => resource);
}

function describe(resources: readonly Resource[]): readonly string[] {
	const images = resources.filter(({ key }) => key.kind === 'image');
	const layers = resources.filter(({ key }) => key.kind === 'layer');
	const volumes = resources.filter(({ key }) => key.kind === 'volume');
	return [
		...images.map(({ label, hidden }) => `${hidden ? 'hidden ' : ''}image ${cleanText(label)}`),
		...volumes.map(({ label }) => `volume ${cleanText(label)}`),
		...(layers.length === 0 ? [] : [formatNumberOf(layers.length, 'layer')]),
	];
}
