import type { Instant, Resource } from '../engine/model.ts';
import { findDemotion, rankOfRoot, rootRankCount, youngUntil } from './demotion.ts';
import type { ResourceGraph } from './graph.ts';
import { type Marking, markReachable, reached, type Seeds } from './mark.ts';
import type { Demotion, Policy } from './policy.ts';

/** What a policy means for each node of a graph. */
export interface Decision {
	readonly marking: Marking;
	/** What took the root of a node away, by node; undefined where it stands or there was none. */
	readonly demotions: readonly (Demotion | undefined)[];
	/** Until when a node is too young to go, by node; undefined where it is old enough. */
	readonly untils: readonly (Instant | undefined)[];
	/** The nodes that go, in the order of the inventory. */
	readonly doomed: readonly number[];
}

/** The decision behind every plan and every figure: which nodes stand, and which go. */
export function decide(graph: ResourceGraph, policy: Policy, now: Instant): Decision {
	const demotions = graph.resources.map((resource) => findDemotion(resource, policy));
	const untils = graph.resources.map((resource) => youngUntil(resource, policy.graceMs, now));
	const marking = markReachable(graph, chooseSeeds(graph.resources, { demotions, untils }));
	const doomed: number[] = [];
	for (let node = 0; node < graph.nodeCount; node++) if (marking.how[node] === reached.not) doomed.push(node);
	return { marking, demotions, untils, doomed };
}

/** What stands on its own under a decision, strongest first. */
export function chooseSeeds(
	resources: readonly Resource[],
	{ demotions, untils }: Pick<Decision, 'demotions' | 'untils'>,
): Seeds {
	const roots = Array.from({ length: rootRankCount }, (): number[] => []);
	const young: number[] = [];
	for (const [node, { root }] of resources.entries()) {
		if (root !== undefined && demotions[node] === undefined) roots[rankOfRoot(root)]?.push(node);
		if (untils[node] !== undefined) young.push(node);
	}
	return { roots, young };
}
