import type { Resource, ResourceKind } from '../engine/model.ts';
import { neighbours, type ResourceGraph } from './graph.ts';

/** The order in which people understand a removal, wherever references leave the choice. */
const kindOrder: readonly ResourceKind[] = [
	'tag',
	'container',
	'image',
	'blob',
	'layer',
	'volume',
	'ingest',
	'orphan',
	'trash',
	'lease',
];

/**
 * Chosen nodes with referrers before what they refer to; among those that are free to go by kind, then by id.
 * The same input always gives the same order. O(n log n).
 */
export function orderReferrersFirst(graph: ResourceGraph, chosen: readonly number[]): readonly number[] {
	const sorted = chosen.toSorted((a, b) => compareResources(graph.resources[a], graph.resources[b]));
	const rank = new Int32Array(graph.nodeCount).fill(-1);
	for (const [place, node] of sorted.entries()) rank[node] = place;
	const waitingFor = new Uint32Array(sorted.length);
	for (const [place, node] of sorted.entries()) {
		for (const referrer of neighbours(graph.referrers, node)) {
			if ((rank[referrer] ?? -1) >= 0 && referrer !== node) waitingFor[place] = (waitingFor[place] ?? 0) + 1;
		}
	}
	const free = new RankHeap(sorted.length);
	for (let place = 0; place < sorted.length; place++) if (waitingFor[place] === 0) free.push(place);
	const ordered: number[] = [];
	const done = new Uint8Array(sorted.length);
	let nextLocked = 0;
	while (ordered.length < sorted.length) {
		let place = free.pop();
		if (place === undefined) {
			// Only a damaged store refers in circles; going on with the first one lets the store decide.
			while (done[nextLocked] === 1) nextLocked++;
			place = nextLocked;
		}
		const node = sorted[place];
		if (node === undefined || done[place] === 1) continue;
		done[place] = 1;
		ordered.push(node);
		for (const target of neighbours(graph.references, node)) {
			const targetPlace = rank[target] ?? -1;
			if (targetPlace < 0 || done[targetPlace] === 1 || target === node) continue;
			const left = (waitingFor[targetPlace] ?? 0) - 1;
			waitingFor[targetPlace] = left;
			if (left === 0) free.push(targetPlace);
		}
	}
	return ordered;
}

function compareResources(a: Resource | undefined, b: Resource | undefined): number {
	if (a === undefined || b === undefined) return 0;
	const byKind = kindOrder.indexOf(a.key.kind) - kindOrder.indexOf(b.key.kind);
	if (byKind !== 0) return byKind;
	return a.key.id < b.key.id ? -1 : a.key.id > b.key.id ? 1 : 0;
}

/** A binary heap of small numbers: the lowest one comes first. */
class RankHeap {
	readonly #items: Uint32Array;
	#size = 0;

	constructor(capacity: number) {
		this.#items = new Uint32Array(capacity);
	}

	push(item: number): void {
		let at = this.#size++;
		while (at > 0) {
			const parent = (at - 1) >> 1;
			const above = this.#items[parent] ?? 0;
			if (above <= item) break;
			this.#items[at] = above;
			at = parent;
		}
		this.#items[at] = item;
	}

	pop(): number | undefined {
		if (this.#size === 0) return undefined;
		const first = this.#items[0];
		const last = this.#items[--this.#size] ?? 0;
		let at = 0;
		for (let child = 1; child < this.#size; child = 2 * at + 1) {
			const right = child + 1;
			if (right < this.#size && (this.#items[right] ?? 0) < (this.#items[child] ?? 0)) child = right;
			const below = this.#items[child] ?? 0;
			if (below >= last) break;
			this.#items[at] = below;
			at = child;
		}
		this.#items[at] = last;
		return first;
	}
}
