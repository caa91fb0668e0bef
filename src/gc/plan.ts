import { digestOf } from '../engine/digest.ts';
import type { Instant, Inventory, ResourceKey } from '../engine/model.ts';
import { type Decision, decide } from './decide.ts';
import { measureAlone } from './dominators.ts';
import { buildGraph, neighbours, type ResourceGraph } from './graph.ts';
import { reached } from './mark.ts';
import type { KeepReason, Plan, PlannedKeep, PlannedRemoval, RemoveReason } from './model.ts';
import { orderReferrersFirst } from './order.ts';
import { canonicalPlanText } from './plan-text.ts';
import type { Policy } from './policy.ts';

/**
 * Decides for every stored thing whether it stays or goes, and why. Pure: the same inventory, policy and instant
 * give the same plan, and nothing is touched. What is kept never refers to anything that goes.
 * @throws EngineError corrupt where the inventory contradicts itself
 */
export function planCollection(inventory: Inventory, policy: Policy, now: Instant): Plan {
	const graph = buildGraph(inventory);
	const decision = decide(graph, policy, now);
	const kept: PlannedKeep[] = [];
	for (const [node, resource] of graph.resources.entries()) {
		if (decision.marking.how[node] === reached.not) continue;
		kept.push({ resource, reason: keepReason(graph, decision, { node, now }) });
	}
	const removals = describeRemovals(graph, decision);
	const document: Omit<Plan, 'id'> = {
		policy,
		takenAt: inventory.takenAt,
		revision: inventory.revision,
		removals,
		kept,
		broken: graph.broken,
		reclaimableBytes: removals.reduce((sum, { resource }) => sum + resource.diskBytes, 0),
	};
	return { id: digestOf(canonicalPlanText(document)), ...document };
}

function keepReason(
	graph: ResourceGraph,
	{ marking, spared, untils }: Decision,
	{ node, now }: { readonly node: number; readonly now: Instant },
): KeepReason {
	const via = keyOf(graph, marking.via[node] ?? -1);
	const root = graph.resources[node]?.root;
	switch (marking.how[node]) {
		case reached.root: {
			const rule = spared[node];
			if (rule !== undefined) return { type: 'spared', rule };
			if (root !== undefined) return { type: 'root', root };
			break;
		}
		case reached.needed:
			if (via !== undefined) return { type: 'needed', via };
			break;
		case reached.keptWith:
			if (via !== undefined) return { type: 'kept-with', via };
			break;
	}
	return { type: 'young', untilAt: untils[node] ?? now };
}

function describeRemovals(graph: ResourceGraph, { demotions, doomed }: Decision): readonly PlannedRemoval[] {
	const ordered = orderReferrersFirst(graph, doomed);
	const aloneBytes = measureAlone({
		graph,
		ordered,
		standsAlone: (node) => demotions[node] !== undefined,
		bytesOf: (node) => graph.resources[node]?.diskBytes ?? 0,
	});
	return ordered.flatMap((node, place) => {
		const resource = graph.resources[node];
		if (resource === undefined) return [];
		return { resource, reason: removeReason(graph, demotions[node], node), aloneBytes: aloneBytes[place] ?? 0 };
	});
}

function removeReason(graph: ResourceGraph, demotion: Decision['demotions'][number], node: number): RemoveReason {
	if (demotion !== undefined) return { type: 'demoted', rule: demotion.rule };
	// Whatever refers to a doomed thing is doomed too, or the thing would have been reached.
	const by = keyOf(graph, neighbours(graph.referrers, node)[0] ?? -1);
	return by === undefined ? { type: 'unreachable' } : { type: 'unneeded', by };
}

function keyOf(graph: ResourceGraph, node: number): ResourceKey | undefined {
	return graph.resources[node]?.key;
}
