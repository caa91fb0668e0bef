import type { Inventory, ResourceKind } from '../engine/model.ts';
import { type Account, accountBytes } from '../gc/accounting.ts';
import { planCollection } from '../gc/plan.ts';
import { policyOf } from './collect-presets.ts';

/** What the stored things of an engine add up to: the figures of the overview. */
export interface Summary {
	readonly images: Tally;
	readonly layers: Tally;
	readonly containers: Tally;
	readonly volumes: Tally;
	/** What would go with the dangling images. */
	readonly dangling: Tally;
	/** What would go with everything that no running container needs. */
	readonly unused: Tally;
	/** Where the bytes are, if one collected everything unused. */
	readonly account: Account;
}

/** How many things, and their allocated bytes. */
export interface Tally {
	readonly count: number;
	readonly bytes: number;
}

/** Adds up an inventory. Pure; costs five plans, so it is done once for each loading and not for each frame. */
export function summarize(inventory: Inventory): Summary {
	const everything = policyOf('system-all');
	const layers = tally(inventory, 'layer');
	const reclaimable = (policy: Parameters<typeof planCollection>[1]): Tally => {
		const plan = planCollection(inventory, policy, inventory.takenAt);
		return { count: plan.removals.length, bytes: plan.reclaimableBytes };
	};
	return {
		// An image's own bytes are small documents; what people mean is what it is made of, each layer counted once.
		images: { count: tally(inventory, 'image').count, bytes: layers.bytes + tally(inventory, 'blob').bytes },
		layers,
		containers: tally(inventory, 'container'),
		volumes: tally(inventory, 'volume'),
		dangling: reclaimable(policyOf('dangling')),
		unused: reclaimable(everything),
		account: accountBytes(inventory, everything, inventory.takenAt),
	};
}

function tally(inventory: Inventory, kind: ResourceKind): Tally {
	const things = inventory.resources.filter(({ key }) => key.kind === kind);
	return { count: things.length, bytes: things.reduce((sum, { diskBytes }) => sum + diskBytes, 0) };
}
