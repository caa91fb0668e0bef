import { type EdgeGraph, neighbours } from './graph.ts';

/** The part of a graph that is about to go. */
export interface DoomedPart {
	readonly graph: EdgeGraph;
	/** Doomed nodes, referrers first. */
	readonly ordered: readonly number[];
	/** True where a doomed node would stand by itself if the others went: it had a root of its own. */
	readonly standsAlone: (node: number) => boolean;
	readonly bytesOf: (node: number) => number;
}

/** The place of what stands above all entries. */
const top = -1;

/**
 * For each doomed node, in the given order, the bytes that removing it alone would free: its own, and those of what
 * then nothing reaches. That is its subtree in the dominator tree. O(edges · depth of the tree).
 * Spec: Cooper, Harvey, Kennedy, A Simple, Fast Dominance Algorithm (2001)
 */
export function measureAlone({ graph, ordered, standsAlone, bytesOf }: DoomedPart): Float64Array {
	const placeOf = new Int32Array(graph.nodeCount).fill(top);
	for (const [place, node] of ordered.entries()) placeOf[node] = place;
	const dominators = findDominators({ graph, ordered, standsAlone }, placeOf);
	const bytes = new Float64Array(ordered.length);
	for (let place = ordered.length - 1; place >= 0; place--) {
		bytes[place] = (bytes[place] ?? 0) + bytesOf(ordered[place] ?? 0);
		const above = dominators[place] ?? top;
		if (above !== top) bytes[above] = (bytes[above] ?? 0) + (bytes[place] ?? 0);
	}
	return bytes;
}

function findDominators({ graph, ordered, standsAlone }: Omit<DoomedPart, 'bytesOf'>, placeOf: Int32Array): Int32Array {
	const dominators = new Int32Array(ordered.length).fill(top);
	for (const [place, node] of ordered.entries()) {
		if (standsAlone(node)) continue;
		let found: number | undefined;
		for (const referrer of neighbours(graph.referrers, node)) {
			const above = placeOf[referrer] ?? top;
			// A later referrer is there only where things refer in circles; the circle is cut at its first member.
			if (above === top || above >= place) continue;
			found = found === undefined ? above : commonDominator(dominators, found, above);
		}
		dominators[place] = found ?? top;
	}
	return dominators;
}

function commonDominator(dominators: Int32Array, one: number, other: number): number {
	let a = one;
	let b = other;
	while (a !== b) {
		if (a > b) a = dominators[a] ?? top;
		else b = dominators[b] ?? top;
	}
	return a;
}
