import type { Instant, Inventory, Resource, ResourceKey } from '../engine/model.ts';
import { describePath, describeReason, nameOf, pathTo } from './explain.ts';
import { buildGraph } from './graph.ts';
import { markReachable, reached } from './mark.ts';
import type { Plan, PlannedRemoval } from './model.ts';
import { planCollection } from './plan.ts';

/** One line of a plan that is not executed, and why not. */
export interface SkippedRemoval {
	/** As it was planned. */
	readonly resource: Resource;
	/** `gone`: there is nothing left to do. The others: it stays. */
	readonly type: 'gone' | 'changed' | 'live';
	/** Half a sentence. */
	readonly why: string;
}

/** What is left of a plan. */
export interface NarrowedPlan {
	/** The same plan with a shorter list, never a longer one; its id is still that of the whole. */
	readonly plan: Plan;
	/** In the order of the plan. */
	readonly skipped: readonly SkippedRemoval[];
}

/**
 * A plan that was made earlier, minus what has become live since: exactly its list without what has gone, what has
 * changed, what its policy would keep by now, and what something needs that is not on the list. Pure; three marks.
 * The store checks each removal again when it comes to it.
 */
export function narrowPlan(plan: Plan, inventory: Inventory, now: Instant): NarrowedPlan {
	const current = planCollection(inventory, plan.policy, now);
	const stored = new Map(inventory.resources.map((resource) => [textOf(resource.key), resource]));
	const staying = new Set(current.kept.map(({ resource }) => textOf(resource.key)));
	const skips = new Map<string, Omit<SkippedRemoval, 'resource'>>();
	for (const { resource } of plan.removals) {
		const text = textOf(resource.key);
		const present = stored.get(text);
		if (present === undefined) skips.set(text, { type: 'gone', why: 'it has gone already' });
		else if (present.generation !== resource.generation) {
			skips.set(text, { type: 'changed', why: 'it has changed since the plan was made' });
		} else if (staying.has(text)) skips.set(text, { type: 'live', why: whyLive(current, resource.key) });
	}
	const listed = new Set(plan.removals.map(({ resource }) => textOf(resource.key)).filter((text) => !skips.has(text)));
	for (const [text, why] of findNeeded(inventory, listed)) skips.set(text, { type: 'live', why });
	const removals = plan.removals.flatMap((removal): readonly PlannedRemoval[] => {
		const text = textOf(removal.resource.key);
		const resource = stored.get(text);
		return resource === undefined || skips.has(text) ? [] : [{ ...removal, resource }];
	});
	return {
		plan: {
			...plan,
			removals,
			reclaimableBytes: removals.reduce((sum, { resource }) => sum + resource.diskBytes, 0),
		},
		skipped: plan.removals.flatMap(({ resource }) => {
			const skip = skips.get(textOf(resource.key));
			return skip === undefined ? [] : [{ resource, ...skip }];
		}),
	};
}

/** Of the listed things those that something outside the list needs, with words for it. */
function findNeeded(inventory: Inventory, listed: ReadonlySet<string>): ReadonlyMap<string, string> {
	const graph = buildGraph(inventory);
	const outside: number[] = [];
	for (const [node, { key }] of graph.resources.entries()) if (!listed.has(textOf(key))) outside.push(node);
	const { how, via } = markReachable(graph, { roots: [outside], young: [] });
	const needed = new Map<string, string>();
	for (const [node, { key }] of graph.resources.entries()) {
		if (how[node] === reached.not || !listed.has(textOf(key))) continue;
		const by = graph.resources[via[node] ?? -1];
		const who = by === undefined ? 'something' : nameOf(by, inventory.takenAt);
		needed.set(textOf(key), how[node] === reached.keptWith ? `${who} stays` : `${who} needs it`);
	}
	return needed;
}

function whyLive(current: Plan, key: ResourceKey): string {
	const path = pathTo(current, key);
	return path.length < 2 ? describeReason(current, key) : `it is needed: ${describePath(current, key)}`;
}

function textOf({ kind, id }: ResourceKey): string {
	return `${kind} ${id}`;
}
