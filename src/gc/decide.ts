import type { Instant, Resource } from '../engine/model.ts';
import { findDemotion, rankOfRoot, rootRankCount, youngUntil } from './demotion.ts';
import type { ResourceGraph } from './graph.ts';
import { type Marking, markReachable, reached, type Seeds } from './mark.ts';
import type { Demotion, Policy } from './policy.ts';
import { findSpared } from './spare.ts';

/** What a policy means for each node of a graph. */
export interface Decision {
	readonly marking: Marking;
	/** What took the root of a node away, by node; undefined where it stands or there was none. */
	readonly demotions: readonly (Demotion | undefined)[];
	/** The rule that keeps a node whose root would have been taken, or that has none; undefined for all others. */
	readonly spared: readonly (string | undefined)[];
	/** Until when a node is too young to go, by node; undefined where it is old enough. */
	readonly untils: readonly (Instant | undefined)[];
	/** The nodes that go, in the order of the inventory. */
	readonly doomed: readonly number[];
}

/** The decision behind every plan and every figure: which nodes stand, and which go. */
export function decide(graph: ResourceGraph, policy: Policy, now: Instant): Decision {
	const wanted = graph.resources.map((resource) => findDemotion(resource, policy));
	const spared = findSpared(graph.resources, policy).map((rule, node) =>
		wanted[node] === undefined && graph.resources[node]?.root !== undefined ? undefined : rule,
	);
	const demotions = wanted.map((demotion, node) => (spared[node] === undefined ? demotion : undefined));
	const untils = graph.resources.map((resource) => youngUntil(resource, policy.graceMs, now));
	const marking = markReachable(graph, chooseSeeds(graph.resources, { demotions, spared, untils }));
	const doomed: number[] = [];
	for (let node = 0; node < graph.nodeCount; node++) if (marking.how[node] === reached.not) doomed.push(node);
	return { marking, demotions, spared, untils, doomed };
}

/** What stands on its own under a decision, strongest first. */
export function chooseSeeds(
	resources: readonly Resource[],
	{ demotions, spared, untils }: Pick<Decision, 'demotions' | 'spared' | 'untils'>,
): Seeds {
	const roots = Array.from({ length: rootRankCount }, (): number[] => []);
	const young: number[] = [];
	for (const [node, { root }] of resources.entries()) {
		if (spared[node] !== undefined) roots[rankOfRoot('pinned')]?.push(node);
		else if (root !== undefined && demotions[node] === undefined) roots[rankOfRoot(root)]?.push(node);
		if (untils[node] !== undefined) young.push(node);
	}
	return { roots, young };
}
