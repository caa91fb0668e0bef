import type { Instant, Inventory, Resource, ResourceKind } from '../engine/model.ts';
import { decide } from './decide.ts';
import { buildGraph, type ResourceGraph } from './graph.ts';
import type { Policy } from './policy.ts';
import { garbagePolicy, prunePolicy } from './presets.ts';

/** Where the allocated bytes of a store are. All but the first add up to the first: every byte is in one place. */
export interface Account {
	readonly totalBytes: number;
	/** Stands, whatever the policy. */
	readonly liveBytes: number;
	/** Goes by the policy's plan, without what crashes left; that is in the last three. */
	readonly reclaimableBytes: number;
	/** Stands only because work under way holds it. */
	readonly leasedBytes: number;
	/** Stands only because a container needs an image that no name leads to any more. */
	readonly hiddenBytes: number;
	/** On disk and unknown to the metadata, or left by work that was cut short. */
	readonly orphanBytes: number;
	/** Removed already, not yet unlinked. */
	readonly trashBytes: number;
	/** The store's own files. */
	readonly metadataBytes: number;
}

/** Says where the bytes are, if one collected by that policy. Each figure comes from a decision as plans make it, none from a formula. */
export function accountBytes(inventory: Inventory, policy: Policy, now: Instant): Account {
	const going = keysOf(findDoomed(buildGraph(inventory), policy, now));
	const goingUnheld = keysOf(findDoomed(buildGraph(withoutLeases(inventory)), policy, now));
	const goingUnhidden = keysOf(findDoomed(buildGraph(withoutHidden(inventory)), policy, now));
	const sums = { live: 0, reclaimable: 0, leased: 0, hidden: 0, orphan: 0, trash: 0 };
	for (const resource of inventory.resources) {
		const text = keyText(resource);
		const { kind } = resource.key;
		if (kind === 'trash') sums.trash += resource.diskBytes;
		else if (going.has(text)) {
			if (kind === 'orphan' || kind === 'ingest') sums.orphan += resource.diskBytes;
			else sums.reclaimable += resource.diskBytes;
		} else if (resource.root === 'lease' || goingUnheld.has(text)) sums.leased += resource.diskBytes;
		else if (goingUnhidden.has(text)) sums.hidden += resource.diskBytes;
		else sums.live += resource.diskBytes;
	}
	return {
		totalBytes: sumOf(inventory.resources, 'diskBytes') + inventory.metadataBytes,
		liveBytes: sums.live,
		reclaimableBytes: sums.reclaimable,
		leasedBytes: sums.leased,
		hiddenBytes: sums.hidden,
		orphanBytes: sums.orphan,
		trashBytes: sums.trash,
		metadataBytes: inventory.metadataBytes,
	};
}

/** One line of `system df`. */
export interface UsageRow {
	readonly type: 'images' | 'containers' | 'volumes' | 'leftovers';
	readonly totalCount: number;
	/** Images that a container uses, containers that run, volumes that a container uses. */
	readonly activeCount: number;
	/** Apparent bytes, each stored thing once: Docker's figure. */
	readonly sizeBytes: number;
	/** Allocated bytes of the same. */
	readonly diskBytes: number;
	/** Of `sizeBytes` and of `diskBytes`: what the matching prune verb with `-a` would free. */
	readonly reclaimableSizeBytes: number;
	readonly reclaimableBytes: number;
}

/** The rows of `system df`. What is reclaimable is what the plan of the matching prune removes. */
export function summarizeUsage(inventory: Inventory, now: Instant): readonly UsageRow[] {
	const graph = buildGraph(inventory);
	const doomedBy = (policy: Policy) => findDoomed(graph, policy, now);
	const used = new Set(
		inventory.resources
			.filter(({ key }) => key.kind === 'container')
			.flatMap(({ references }) => references.map(({ kind, id }) => `${kind} ${id}`)),
	);
	const isUsed = (resource: Resource) => used.has(keyText(resource));
	const rowFor = usageRow.bind(undefined, inventory);
	return [
		rowFor({
			type: 'images',
			counted: 'image',
			kinds: ['image', 'blob', 'layer'],
			isActive: isUsed,
			going: doomedBy(prunePolicy({ verb: 'image', all: true })),
		}),
		rowFor({
			type: 'containers',
			counted: 'container',
			kinds: ['container'],
			isActive: ({ root }) => root === 'running',
			going: doomedBy(prunePolicy({ verb: 'container' })),
		}),
		rowFor({
			type: 'volumes',
			counted: 'volume',
			kinds: ['volume'],
			isActive: isUsed,
			going: doomedBy(prunePolicy({ verb: 'volume', all: true })),
		}),
		rowFor({
			type: 'leftovers',
			counted: undefined,
			kinds: ['ingest', 'orphan', 'trash'],
			isActive: ({ root }) => root !== undefined,
			going: doomedBy(garbagePolicy),
		}),
	];
}

interface RowSource {
	readonly type: UsageRow['type'];
	/** The kind that people count; all of `kinds` where undefined. */
	readonly counted: ResourceKind | undefined;
	readonly kinds: readonly ResourceKind[];
	readonly isActive: (resource: Resource) => boolean;
	readonly going: readonly Resource[];
}

function usageRow(inventory: Inventory, { type, counted, kinds, isActive, going }: RowSource): UsageRow {
	const stored = inventory.resources.filter(({ key }) => kinds.includes(key.kind));
	const goingHere = going.filter(({ key }) => kinds.includes(key.kind));
	const things = counted === undefined ? stored : stored.filter(({ key }) => key.kind === counted);
	return {
		type,
		totalCount: things.length,
		activeCount: things.filter(isActive).length,
		sizeBytes: sumOf(sized(stored), 'sizeBytes'),
		diskBytes: sumOf(stored, 'diskBytes'),
		reclaimableSizeBytes: sumOf(sized(goingHere), 'sizeBytes'),
		reclaimableBytes: sumOf(goingHere, 'diskBytes'),
	};
}

/** SIZE counts layers, not the documents beside them. */
function sized(resources: readonly Resource[]): readonly Resource[] {
	return resources.filter(({ key }) => key.kind !== 'blob');
}

function sumOf(resources: readonly Resource[], figure: 'sizeBytes' | 'diskBytes'): number {
	return resources.reduce((sum, resource) => sum + resource[figure], 0);
}

function withoutLeases(inventory: Inventory): Inventory {
	return { ...inventory, resources: inventory.resources.filter(({ root }) => root !== 'lease') };
}

/** As if no container needed an image that has lost its names. */
function withoutHidden(inventory: Inventory): Inventory {
	const hidden = new Set(inventory.resources.filter((resource) => resource.hidden).map(keyText));
	if (hidden.size === 0) return inventory;
	const resources = inventory.resources.map((resource) => ({
		...resource,
		references: resource.references.filter(({ kind, id }) => !hidden.has(`${kind} ${id}`)),
	}));
	return { ...inventory, resources };
}

/** What a plan by that policy would remove. */
function findDoomed(graph: ResourceGraph, policy: Policy, now: Instant): readonly Resource[] {
	return decide(graph, policy, now).doomed.flatMap((node) => graph.resources[node] ?? []);
}

function keysOf(resources: readonly Resource[]): ReadonlySet<string> {
	return new Set(resources.map(keyText));
}

function keyText({ key }: Resource): string {
	return `${key.kind} ${key.id}`;
}
