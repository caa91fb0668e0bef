import { EngineError } from '../engine/errors.ts';
import type { Inventory, Resource, ResourceKey, ResourceKind } from '../engine/model.ts';
import type { BrokenEdge } from './model.ts';

/** Edges in compressed sparse rows: those of node n are `targets[starts[n]]` up to `targets[starts[n + 1]]`, without the last. */
export interface Edges {
	readonly starts: Uint32Array;
	readonly targets: Uint32Array;
}

/** Who refers to whom, by number: the fast shape that marking needs. */
export interface EdgeGraph {
	readonly nodeCount: number;
	/** From a referrer to what it needs. */
	readonly references: Edges;
	/** The same edges turned round. */
	readonly referrers: Edges;
	/** From a thing to those that are kept with it. */
	readonly followers: Edges;
}

/** An inventory as a graph: node n is `resources[n]`. */
export interface ResourceGraph extends EdgeGraph {
	readonly resources: readonly Resource[];
	readonly broken: readonly BrokenEdge[];
}

/**
 * Numbers the resources and resolves their references. Linear. Edges to what is not there are set aside, not followed.
 * @throws EngineError corrupt where two resources have one key: whoever cannot tell them apart must not remove either
 */
export function buildGraph(inventory: Inventory): ResourceGraph {
	const { resources } = inventory;
	const numberOf = internKeys(resources);
	const broken: BrokenEdge[] = [];
	const references = new EdgeList(resources.length);
	const following = new EdgeList(resources.length);
	for (const [from, resource] of resources.entries()) {
		for (const target of resource.references) {
			const to = numberOf(target);
			if (to === undefined) broken.push({ from: resource.key, to: target });
			else references.add(from, to);
		}
		const kept = resource.keptWith === undefined ? undefined : numberOf(resource.keptWith);
		if (kept !== undefined) following.add(kept, from);
	}
	return {
		resources,
		nodeCount: resources.length,
		references: references.rows(),
		referrers: references.reversed().rows(),
		followers: following.rows(),
		broken,
	};
}

/** Collects edges and packs them into rows; edges of one node keep the order in which they came. */
export class EdgeList {
	readonly #nodeCount: number;
	#from = new Uint32Array(1024);
	#to = new Uint32Array(1024);
	#count = 0;

	constructor(nodeCount: number) {
		this.#nodeCount = nodeCount;
	}

	add(from: number, to: number): void {
		if (this.#count === this.#from.length) {
			this.#from = grown(this.#from);
			this.#to = grown(this.#to);
		}
		this.#from[this.#count] = from;
		this.#to[this.#count] = to;
		this.#count++;
	}

	reversed(): EdgeList {
		const turned = new EdgeList(this.#nodeCount);
		turned.#from = this.#to;
		turned.#to = this.#from;
		turned.#count = this.#count;
		return turned;
	}

	rows(): Edges {
		const starts = new Uint32Array(this.#nodeCount + 1);
		const targets = new Uint32Array(this.#count);
		for (let edge = 0; edge < this.#count; edge++) {
			const from = this.#from[edge] ?? 0;
			starts[from + 1] = (starts[from + 1] ?? 0) + 1;
		}
		for (let node = 0; node < this.#nodeCount; node++) starts[node + 1] = (starts[node + 1] ?? 0) + (starts[node] ?? 0);
		const next = starts.slice();
		for (let edge = 0; edge < this.#count; edge++) {
			const from = this.#from[edge] ?? 0;
			const place = next[from] ?? 0;
			targets[place] = this.#to[edge] ?? 0;
			next[from] = place + 1;
		}
		return { starts, targets };
	}
}

/** The nodes that a node's edges lead to. */
export function neighbours(edges: Edges, node: number): Uint32Array {
	return edges.targets.subarray(edges.starts[node], edges.starts[node + 1]);
}

function internKeys(resources: readonly Resource[]): (key: ResourceKey) => number | undefined {
	const numbers = new Map<ResourceKind, Map<string, number>>();
	for (const [number, { key }] of resources.entries()) {
		let ofKind = numbers.get(key.kind);
		if (ofKind === undefined) {
			ofKind = new Map();
			numbers.set(key.kind, ofKind);
		}
		if (ofKind.has(key.id)) {
			throw new EngineError('corrupt', {
				what: 'the inventory',
				where: `at ${key.kind} ${key.id}`,
				why: 'it is listed twice',
			});
		}
		ofKind.set(key.id, number);
	}
	return ({ kind, id }) => numbers.get(kind)?.get(id);
}

function grown(array: Uint32Array): Uint32Array<ArrayBuffer> {
	const larger = new Uint32Array(array.length * 2);
	larger.set(array);
	return larger;
}
