import { describe, expect, test } from 'vitest';
import { createMemoryEngine } from '../../src/engine/memory/open.ts';
import type { RemovalRequest, ResourceStore } from '../../src/engine/port.ts';
import type { Plan, SweepEvent } from '../../src/gc/model.ts';
import { planCollection } from '../../src/gc/plan.ts';
import { type PruneRequest, prunePolicy } from '../../src/gc/presets.ts';
import { sweepPlan } from '../../src/gc/sweep.ts';
import { world, worldNow } from '../support/world.ts';

type Memory = ReturnType<typeof createMemoryEngine>;

function population(imageCount: number): Memory {
	const builder = world().image('kept:1', ['base 10MB', 'kept 1MB']).container('web', { image: 'kept:1' });
	for (let index = 0; index < imageCount; index++) builder.image(undefined, ['base 10MB', `dead ${index} 1MB`]);
	return createMemoryEngine(builder.build());
}

async function planFor(engine: Memory, request: PruneRequest = { verb: 'image' }): Promise<Plan> {
	return planCollection(await engine.store.takeInventory(), prunePolicy(request), worldNow);
}

async function collect(store: ResourceStore, plan: Plan, signal?: AbortSignal): Promise<readonly SweepEvent[]> {
	const events: SweepEvent[] = [];
	for await (const event of sweepPlan(store, plan, signal)) events.push(event);
	return events;
}

/** Hands batches on to a store and remembers them; `before` runs ahead of each. */
function watched(store: ResourceStore, before: (batch: number) => void = () => {}) {
	const batches: (readonly RemovalRequest[])[] = [];
	const remove: ResourceStore['remove'] = async (requests, options) => {
		before(batches.length);
		batches.push(requests);
		return store.remove(requests, options);
	};
	return { batches, store: { ...store, remove } };
}

describe('a sweep', () => {
	test('frees exactly what was planned, to the byte, and leaves nothing to plan', async () => {
		const engine = population(5);
		const plan = await planFor(engine);
		const events = await collect(engine.store, plan);
		expect(events.at(-1)).toEqual({
			type: 'finished',
			plannedBytes: plan.reclaimableBytes,
			freedBytes: plan.reclaimableBytes,
			removedCount: plan.removals.length,
			refusedCount: 0,
			failedCount: 0,
		});
		expect((await planFor(engine)).removals).toEqual([]);
		expect(await engine.images.list()).toHaveLength(1);
	});

	test('goes in batches of at most 64, in the order of the plan', async () => {
		const engine = population(60);
		const plan = await planFor(engine);
		const { batches, store } = watched(engine.store);
		await collect(store, plan);
		expect(Math.max(...batches.map((batch) => batch.length))).toBeLessThanOrEqual(64);
		expect(batches.length).toBeGreaterThan(1);
		expect(batches.flat()).toEqual(
			plan.removals.map(({ resource }) => ({ key: resource.key, generation: resource.generation })),
		);
	});

	test('ends a batch early where many bytes are in it, so that a stop is heard soon', async () => {
		const builder = world();
		for (const name of ['a', 'b', 'c']) builder.image(undefined, [`${name} 200MB`]);
		const engine = createMemoryEngine(builder.build());
		const { batches, store } = watched(engine.store);
		await collect(store, await planFor(engine));
		expect(batches.length).toBeGreaterThan(1);
	});

	test('of an empty plan asks the store for nothing', async () => {
		const engine = population(0);
		const { batches, store } = watched(engine.store);
		expect(await collect(store, await planFor(engine))).toMatchObject([
			{ type: 'finished', removedCount: 0, freedBytes: 0 },
		]);
		expect(batches).toEqual([]);
	});
});

describe('what changed between plan and sweep', () => {
	test('an image that got a container is refused, and so is all that it needs; the rest goes', async () => {
		const engine = population(2);
		const plan = await planFor(engine);
		const [image] = (await engine.images.list()).filter(({ references }) => references.length === 0);
		await engine.containers.create(createRequest(image?.id ?? ''));
		const events = await collect(engine.store, plan);
		const refused = events.filter(({ type }) => type === 'refused');
		expect(refused.map((event) => ('key' in event ? event.key.kind : ''))).toEqual(['image', 'blob', 'blob', 'layer']);
		const finished = events.at(-1);
		expect(finished).toMatchObject({ type: 'finished', refusedCount: 4, removedCount: plan.removals.length - 4 });
		expect((await engine.images.list()).map(({ id }) => id)).toContain(image?.id);
		expect((await engine.containers.list()).map(({ imageId }) => imageId)).toContain(image?.id);
	});

	test('what has gone meanwhile is said to be gone, and is no failure', async () => {
		const engine = population(1);
		const plan = await planFor(engine);
		await collect(engine.store, plan);
		const again = await collect(engine.store, plan);
		expect(new Set(again.slice(0, -1).map(({ type }) => type))).toEqual(new Set(['already-gone']));
		expect(again.at(-1)).toMatchObject({ freedBytes: 0, removedCount: 0, refusedCount: 0, failedCount: 0 });
	});

	test('a lease taken meanwhile holds', async () => {
		const engine = population(1);
		const plan = await planFor(engine);
		const layer = plan.removals.find(({ resource }) => resource.key.kind === 'layer');
		engine.hold('pull', layer === undefined ? [] : [layer.resource.key]);
		const events = await collect(engine.store, plan);
		expect(events.find(({ type }) => type === 'refused')).toMatchObject({ error: { code: 'in-use' } });
	});
});

test('one thing that cannot be unlinked does not stop the others and is counted', async () => {
	const engine = population(3);
	const plan = await planFor(engine);
	const layer = plan.removals.find(({ resource }) => resource.key.kind === 'layer');
	if (layer === undefined) throw new Error('no layer is planned');
	engine.jam(layer.resource.key);
	const events = await collect(engine.store, plan);
	expect(events.at(-1)).toMatchObject({
		failedCount: 1,
		removedCount: plan.removals.length - 1,
		freedBytes: plan.reclaimableBytes - layer.resource.diskBytes,
	});
});

test('an abort is heard between batches; what was done is told, and the store is sound', async () => {
	const engine = population(60);
	const plan = await planFor(engine);
	const aborting = new AbortController();
	const { batches, store } = watched(engine.store, (batch) => {
		if (batch === 1) aborting.abort();
	});
	const events = await collect(store, plan, aborting.signal);
	expect(batches).toHaveLength(2);
	expect(events.at(-1)).toMatchObject({ type: 'finished', removedCount: events.length - 1 });
	expect((await engine.store.takeInventory()).resources.length).toBeGreaterThan(0);
	const rest = await planFor(engine);
	expect(rest.broken).toEqual([]);
	expect(rest.removals.length).toBe(plan.removals.length - batches.flat().length);
});

test('a signal that was aborted before does nothing', async () => {
	const engine = population(1);
	const plan = await planFor(engine);
	expect(await collect(engine.store, plan, AbortSignal.abort())).toMatchObject([{ type: 'finished', removedCount: 0 }]);
});

function createRequest(image: string) {
	return {
		image,
		name: undefined,
		command: undefined,
		entrypoint: undefined,
		environment: [],
		workingDirectory: undefined,
		user: undefined,
		hostname: undefined,
		mounts: [],
		network: 'none' as const,
		limits: { memoryBytes: undefined, cpus: undefined, pidsLimit: undefined },
		labels: {},
		tty: false,
		stdinOpen: false,
		autoRemove: false,
		stopSignal: undefined,
	};
}
