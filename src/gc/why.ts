import type { Instant, Inventory, Resource, ResourceKey } from '../engine/model.ts';
import { chooseSeeds, type Decision, decide } from './decide.ts';
import { type Fate, findFate, pathTo } from './explain.ts';
import { buildGraph, neighbours, type ResourceGraph } from './graph.ts';
import { markReachable, reached } from './mark.ts';
import type { KeepReason, Plan } from './model.ts';
import { planCollection } from './plan.ts';
import type { Policy } from './policy.ts';

/** One thing that stands on its own and leads to the thing in question. */
export interface Holder {
	readonly resource: Resource;
	/** Why it stands: never that something else needs it. */
	readonly reason: KeepReason;
}

/** All that there is to say of one thing's fate. */
export interface Explanation {
	readonly plan: Plan;
	readonly fate: Fate;
	/** From the thing to what decides its fate, both included. */
	readonly path: readonly ResourceKey[];
	/**
	 * The smallest set of roots that would have to go for the thing to be free: every one of them leads to it, so
	 * with one less it stays. Strongest first; empty where it goes anyway.
	 */
	readonly holders: readonly Holder[];
	/** Allocated bytes that the disk would have back if those went, beyond what the plan takes; for what goes anyway, with it alone. */
	readonly freedBytes: number;
}

/** What to explain, and under which policy. */
export interface WhyQuestion {
	readonly key: ResourceKey;
	readonly policy: Policy;
	readonly now: Instant;
}

/**
 * Why a thing stays and what would have to go for it to be free, or what takes it. Pure; two marks of the graph.
 * undefined where the inventory does not have the thing.
 */
export function explainThing(inventory: Inventory, { key, policy, now }: WhyQuestion): Explanation | undefined {
	const plan = planCollection(inventory, policy, now);
	const fate = findFate(plan, key);
	if (fate === undefined) return undefined;
	const path = pathTo(plan, key);
	if (fate.type === 'removed') {
		const removal = plan.removals.find(({ resource }) => resource === fate.resource);
		return { plan, fate, path, holders: [], freedBytes: removal?.aloneBytes ?? 0 };
	}
	const graph = buildGraph(inventory);
	const decision = decide(graph, policy, now);
	const holding = findHolders(graph, decision, graph.resources.indexOf(fate.resource));
	const holders = holding.flatMap((node): readonly Holder[] => {
		const resource = graph.resources[node];
		if (resource === undefined) return [];
		return [{ resource, reason: standingReason(plan, decision, { node, resource, now }) }];
	});
	return { plan, fate, path, holders, freedBytes: bytesFreedWithout(graph, decision, holding) };
}

/** Nodes that stand on their own and reach `node`: the edges walked backwards. In the order of their strength. */
function findHolders(graph: ResourceGraph, decision: Decision, node: number): readonly number[] {
	const seeds = chooseSeeds(graph.resources, decision);
	const reaching = new Set([node]);
	const numberOf = new Map(graph.resources.map(({ key }, number) => [`${key.kind} ${key.id}`, number]));
	for (const at of reaching) {
		for (const referrer of neighbours(graph.referrers, at)) reaching.add(referrer);
		const followed = graph.resources[at]?.keptWith;
		const above = followed === undefined ? undefined : numberOf.get(`${followed.kind} ${followed.id}`);
		if (above !== undefined) reaching.add(above);
	}
	return [...new Set([...seeds.roots.flat(), ...seeds.young])].filter((seed) => reaching.has(seed));
}

function standingReason(
	plan: Plan,
	decision: Decision,
	{ node, resource, now }: { readonly node: number; readonly resource: Resource; readonly now: Instant },
): KeepReason {
	const fate = findFate(plan, resource.key);
	if (fate?.type === 'kept' && fate.reason.type !== 'needed' && fate.reason.type !== 'kept-with') return fate.reason;
	// Something stronger reaches it too, but its own root stands beside that.
	const { root } = resource;
	const rule = decision.spared[node];
	if (rule !== undefined) return { type: 'spared', rule };
	if (root !== undefined && decision.demotions[node] === undefined) return { type: 'root', root };
	return { type: 'young', untilAt: decision.untils[node] ?? now };
}

function bytesFreedWithout(graph: ResourceGraph, decision: Decision, holders: readonly number[]): number {
	const gone = new Set(holders);
	const seeds = chooseSeeds(graph.resources, decision);
	const without = (nodes: readonly number[]) => nodes.filter((node) => !gone.has(node));
	// Whoever waits until the youngest holder is old enough waits for everything that is as young.
	const waitedUntil = Math.max(...holders.map((node) => decision.untils[node] ?? 0));
	const stillYoung = without(seeds.young).filter((node) => (decision.untils[node] ?? 0) > waitedUntil);
	const { how } = markReachable(graph, { roots: seeds.roots.map(without), young: stillYoung });
	let bytes = 0;
	for (const [node, { diskBytes }] of graph.resources.entries()) {
		if (how[node] === reached.not && decision.marking.how[node] !== reached.not) bytes += diskBytes;
	}
	return bytes;
}
