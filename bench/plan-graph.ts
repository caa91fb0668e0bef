/** How long the collector thinks. `node bench/plan-graph.ts` prints medians; no engine and no disk takes part. */

import { takeInventory } from '../src/engine/memory/inventory.ts';
import { WorldBuilder } from '../src/engine/memory/world-builder.ts';
import { accountBytes, summarizeUsage } from '../src/gc/accounting.ts';
import { EdgeList } from '../src/gc/graph.ts';
import { markReachable } from '../src/gc/mark.ts';
import { planCollection } from '../src/gc/plan.ts';
import { prunePolicy } from '../src/gc/presets.ts';

const now = Date.UTC(2026, 10, 20);
const rounds = 15;

/** Milliseconds of the middle round; the first two, which compile, do not count. */
function median(act: () => void): number {
	const times: number[] = [];
	for (let round = 0; round < rounds + 2; round++) {
		const start = performance.now();
		act();
		if (round >= 2) times.push(performance.now() - start);
	}
	return times.sort((a, b) => a - b)[rounds >> 1] ?? 0;
}

function report(what: string, ms: number): void {
	console.log(`${what.padEnd(56)} ${ms.toFixed(2).padStart(9)} ms`);
}

/** As gc.md's population: images on shared bases, a third of them dangling, every second one with a container. */
function population(imageCount: number) {
	const builder = new WorldBuilder(now);
	for (let index = 0; index < imageCount; index++) {
		const layers = [
			`base ${index % 10} 5MB`,
			`runtime ${index % 60} 2MB`,
			`dependencies ${index >> 1} 800kB`,
			`application ${index} 300kB`,
			`settings ${index % 8} 1kB`,
		];
		const name = index % 4 === 3 ? undefined : `service-${index}:1`;
		builder.image(name, layers, { age: `${1 + (index % 90)}d` });
		if (name !== undefined && index % 2 === 0) {
			builder.container(`container-${index}`, { image: name, status: index % 20 === 0 ? 'running' : 'exited' });
		}
	}
	return takeInventory(builder.build());
}

function markingOf(nodeCount: number): void {
	let state = 1;
	const random = (below: number) => {
		state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
		return state % below;
	};
	const build = () => {
		const edges = new EdgeList(nodeCount);
		// Two edges of five lead anywhere below, the others to a neighbour, as chains of layers do.
		for (let node = 1; node < nodeCount; node++) {
			edges.add(node, Math.max(0, node - 1 - random(8)));
			if (node % 5 < 2) edges.add(node, random(node));
		}
		return edges;
	};
	const edges = build();
	const graph = {
		nodeCount,
		references: edges.rows(),
		referrers: edges.reversed().rows(),
		followers: new EdgeList(nodeCount).rows(),
	};
	const roots = Array.from({ length: nodeCount / 100 }, (_, index) => nodeCount - 1 - index * 37);
	report(
		`${nodeCount.toLocaleString('en')} nodes: pack the edges, both ways`,
		median(() => {
			edges.rows();
			edges.reversed().rows();
		}),
	);
	report(
		`${nodeCount.toLocaleString('en')} nodes: mark`,
		median(() => {
			markReachable(graph, { roots: [roots], young: [] });
		}),
	);
}

for (const imageCount of [100, 400, 4000]) {
	const inventory = population(imageCount);
	const name = `${imageCount} images, ${inventory.resources.length} things`;
	const policy = prunePolicy({ verb: 'system', all: true });
	report(
		`${name}: plan`,
		median(() => planCollection(inventory, policy, now)),
	);
	report(
		`${name}: account`,
		median(() => accountBytes(inventory, policy, now)),
	);
	report(
		`${name}: system df`,
		median(() => summarizeUsage(inventory, now)),
	);
}
for (const nodeCount of [10_000, 100_000, 1_000_000]) markingOf(nodeCount);
