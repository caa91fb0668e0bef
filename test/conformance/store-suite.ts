import { describe, expect, test } from 'vitest';
import type { Generation, ResourceKey } from '../../src/engine/model.ts';
import { canonicalReference } from '../../src/engine/reference.ts';
import { accountBytes } from '../../src/gc/accounting.ts';
import { prunePolicy } from '../../src/gc/presets.ts';
import { sweepPlan } from '../../src/gc/sweep.ts';
import { findResource, gather, type MakeHarness, onFresh, planFor, removeSeen, request } from './harness.ts';

const text = ({ kind, id }: ResourceKey) => `${kind} ${id}`;
const typesOf = (outcomes: readonly { readonly type: string }[]) => outcomes.map(({ type }) => type);

/** What the port promises of the inventory and of guarded removal. */
export function describeStore(makeEngine: MakeHarness): void {
	const fresh = (title: string, body: Parameters<typeof onFresh>[1]) => test(title, onFresh(makeEngine, body));

	describe('the inventory', () => {
		fresh('of an empty store is empty', async ({ engine }) => {
			expect((await engine.store.takeInventory()).resources).toEqual([]);
		});

		fresh('has every thing once, and refers to nothing that is not there', async ({ engine, makeImage, makeBox }) => {
			await makeImage('app:1', ['base', 'app']);
			await makeImage(undefined, ['base', 'lost']);
			const mounts = [{ type: 'volume', source: '', target: '/data', readOnly: false } as const];
			await engine.containers.create(request({ image: await makeBox(), mounts }));
			const { resources } = await engine.store.takeInventory();
			const keys = resources.map(({ key }) => text(key));
			expect(new Set(keys).size).toBe(keys.length);
			for (const { references, keptWith } of resources) {
				for (const target of references) expect(keys).toContain(text(target));
				if (keptWith !== undefined) expect(keys).toContain(text(keptWith));
			}
			const kinds = new Set(resources.map(({ key }) => key.kind));
			expect([...kinds].sort()).toEqual(['blob', 'container', 'image', 'layer', 'tag', 'volume']);
		});

		fresh('says what stands by itself, and as what', async ({ engine, makeImage, makeBox }) => {
			await makeImage('app:1', ['base', 'app']);
			const dangling = await makeImage(undefined, ['base', 'lost']);
			const box = await makeBox();
			const running = await engine.containers.create(request({ image: box }));
			const created = await engine.containers.create(request({ image: box }));
			await engine.containers.start(running);
			expect((await findResource(engine, 'tag', canonicalReference('app:1'))).root).toBe('tag');
			expect((await findResource(engine, 'image', dangling)).root).toBe('untagged');
			expect((await findResource(engine, 'image', 'app:1')).root).toBeUndefined();
			expect((await findResource(engine, 'container', running)).root).toBe('running');
			expect((await findResource(engine, 'container', created)).root).toBe('container');
		});

		fresh('has the sizes that images and containers are listed with', async ({ engine, makeImage }) => {
			await makeImage('app:1', ['base', 'app']);
			const { resources } = await engine.store.takeInventory();
			const sum = (figure: 'sizeBytes' | 'diskBytes', kind: string) =>
				resources.filter(({ key }) => key.kind === kind).reduce((total, resource) => total + resource[figure], 0);
			const [image] = await engine.images.list();
			expect(sum('sizeBytes', 'layer')).toBe(image?.sizeBytes);
			expect(sum('diskBytes', 'layer') + sum('diskBytes', 'blob')).toBe(image?.diskBytes);
		});

		fresh('has a place for every byte', async ({ engine, makeImage, makeBox }) => {
			await makeImage('app:1', ['base', 'app']);
			await makeImage(undefined, ['base', 'lost']);
			const box = await makeBox();
			await engine.containers.create(request({ image: box }));
			await engine.images.remove(box, { force: true });
			const inventory = await engine.store.takeInventory();
			const { totalBytes, ...places } = accountBytes(inventory, prunePolicy({ verb: 'image' }), inventory.takenAt);
			expect(Object.values(places).reduce((sum, bytes) => sum + bytes, 0)).toBe(totalBytes);
			expect(places.reclaimableBytes).toBeGreaterThan(0);
			expect(places.hiddenBytes).toBeGreaterThan(0);
		});

		fresh('28: says when an image was last used: when its last container ended', async ({ engine, makeBox }) => {
			const box = await makeBox();
			const { id: imageId } = await engine.images.inspect(box);
			expect((await findResource(engine, 'image', imageId)).lastUsedAt).toBeUndefined();
			const id = await engine.containers.create(request({ image: box }));
			await engine.containers.start(id);
			const { startedAt } = await engine.containers.inspect(id);
			expect(startedAt).toBeDefined();
			expect((await findResource(engine, 'image', imageId)).lastUsedAt).toBe(startedAt);
			await engine.containers.stop(id, { graceMs: 200 });
			const { finishedAt } = await engine.containers.inspect(id);
			expect(finishedAt).toBeDefined();
			expect((await findResource(engine, 'image', imageId)).lastUsedAt).toBe(finishedAt);
			expect((await findResource(engine, 'tag', canonicalReference(box))).lastUsedAt).toBe(finishedAt);
		});

		fresh('has a revision that grows with every change', async ({ engine, makeImage }) => {
			const before = (await engine.store.takeInventory()).revision;
			await makeImage('app:1', ['base']);
			expect((await engine.store.takeInventory()).revision).toBeGreaterThan(before);
		});
	});

	describe('removal', () => {
		fresh(
			'takes a whole image at once, referrers first, and frees what was recorded',
			async ({ engine, makeImage }) => {
				await makeImage('app:1', ['base', 'app']);
				const plan = await planFor(engine, { verb: 'image', all: true });
				const outcomes = await removeSeen(
					engine,
					plan.removals.map(({ resource }) => resource),
				);
				expect(new Set(typesOf(outcomes))).toEqual(new Set(['removed']));
				expect(outcomes.map((outcome) => ('freedBytes' in outcome ? outcome.freedBytes : undefined))).toEqual(
					plan.removals.map(({ resource }) => resource.diskBytes),
				);
				expect((await engine.store.takeInventory()).resources).toEqual([]);
			},
		);

		fresh('refuses what something refers to, and says what', async ({ engine, makeImage }) => {
			const id = await makeImage('app:1', ['base', 'app']);
			const { resources } = await engine.store.takeInventory();
			const outcomes = await removeSeen(
				engine,
				resources.filter(({ key }) => key.kind !== 'tag'),
			);
			expect(new Set(typesOf(outcomes))).toEqual(new Set(['refused']));
			expect(outcomes.find(({ key }) => key.id === id && key.kind === 'image')).toMatchObject({
				error: { code: 'in-use', data: { by: [expect.stringContaining('app:1')] } },
			});
			expect((await engine.store.takeInventory()).resources).toHaveLength(resources.length);
		});

		fresh('refuses a name that means something else by now', async ({ engine, makeImage }) => {
			await makeImage('app:1', ['base', 'before']);
			const seen = await findResource(engine, 'tag', canonicalReference('app:1'));
			const after = await makeImage('app:1', ['base', 'after']);
			expect(await removeSeen(engine, [seen])).toMatchObject([{ type: 'refused', error: { code: 'changed' } }]);
			expect((await engine.images.inspect('app:1')).id).toBe(after);
		});

		fresh(
			'refuses a container that was started since, and takes it once it was looked at again',
			async ({ engine, makeBox }) => {
				const id = await engine.containers.create(request({ image: await makeBox() }));
				const seen = await findResource(engine, 'container', id);
				await engine.containers.start(id);
				expect(typesOf(await removeSeen(engine, [seen]))).toEqual(['refused']);
				const running = await findResource(engine, 'container', id);
				expect(await removeSeen(engine, [running])).toMatchObject([{ type: 'refused', error: { code: 'in-use' } }]);
				await engine.containers.stop(id, { graceMs: 200 });
				expect(typesOf(await removeSeen(engine, [running]))).toEqual(['refused']);
				expect(typesOf(await removeSeen(engine, [await findResource(engine, 'container', id)]))).toEqual(['removed']);
				expect(await engine.containers.list()).toEqual([]);
			},
		);

		fresh('refuses an image that got a container since, and all that it needs', async ({ engine, makeBox }) => {
			const box = await makeBox();
			const plan = await planFor(engine, { verb: 'image', all: true });
			await engine.containers.create(request({ image: box }));
			const outcomes = await removeSeen(
				engine,
				plan.removals.map(({ resource }) => resource),
			);
			const removed = outcomes.filter(({ type }) => type === 'removed').map(({ key }) => key.kind);
			expect(removed.filter((kind) => kind !== 'tag')).toEqual([]);
			expect((await engine.images.list()).map(({ layerCount }) => layerCount)).toEqual([1]);
		});

		fresh('says of what has gone that it has gone', async ({ engine, makeImage }) => {
			await makeImage('app:1', ['base']);
			const { resources } = await engine.store.takeInventory();
			await engine.images.remove('app:1', { force: false });
			expect(new Set(typesOf(await removeSeen(engine, resources)))).toEqual(new Set(['already-gone']));
		});

		fresh(
			'answers for each of a batch, in its order; one refusal does not stop the others',
			async ({ engine, makeImage }) => {
				await makeImage('stays:1', ['base', 'stays']);
				await makeImage('goes:1', ['base', 'goes']);
				const held = await findResource(engine, 'image', 'stays:1');
				const free = await findResource(engine, 'tag', canonicalReference('goes:1'));
				const unknown = { kind: 'layer', id: `sha256:${'0'.repeat(64)}` } as const;
				const outcomes = await engine.store.remove(
					[held, { key: unknown, generation: '1' as Generation }, free].map(({ key, generation }) => ({
						key,
						generation,
					})),
					{},
				);
				expect(outcomes.map(({ type, key }) => [type, key])).toEqual([
					['refused', held.key],
					['already-gone', unknown],
					['removed', free.key],
				]);
			},
		);

		fresh('does nothing for a signal that was aborted before', async ({ engine, makeImage }) => {
			await makeImage('app:1', ['base']);
			const { resources } = await engine.store.takeInventory();
			const tag = await findResource(engine, 'tag', canonicalReference('app:1'));
			await expect(
				engine.store.remove([{ key: tag.key, generation: tag.generation }], { signal: AbortSignal.abort() }),
			).rejects.toMatchObject({ name: 'AbortError' });
			expect((await engine.store.takeInventory()).resources).toHaveLength(resources.length);
		});
	});

	describe('a plan that is swept', () => {
		fresh('frees exactly what was planned, and leaves the rest usable', async ({ engine, makeImage, makeBox }) => {
			const box = await makeBox();
			await makeImage('used:1', ['base', 'used']);
			await makeImage('rebuilt:1', ['base', 'first try']);
			await makeImage('rebuilt:1', ['base', 'second try']);
			const running = await engine.containers.create(request({ image: box, name: 'runs' }));
			await engine.containers.start(running);
			await engine.containers.create(request({ image: box, name: 'stopped' }));
			const plan = await planFor(engine, { verb: 'system' });
			const events = await gather(sweepPlan(engine.store, plan));
			expect(events.at(-1)).toMatchObject({
				type: 'finished',
				plannedBytes: plan.reclaimableBytes,
				freedBytes: plan.reclaimableBytes,
				removedCount: plan.removals.length,
				refusedCount: 0,
				failedCount: 0,
			});
			expect((await planFor(engine, { verb: 'system' })).removals).toEqual([]);
			expect((await engine.containers.list()).map(({ name, status }) => `${name} ${status}`)).toEqual(['runs running']);
			expect((await engine.images.list()).map(({ references }) => references[0]).sort()).toEqual(
				[box, 'rebuilt:1', 'used:1'].map(canonicalReference).sort(),
			);
		});

		fresh('with a hidden image takes it together with its container', async ({ engine, makeBox }) => {
			const box = await makeBox();
			await engine.containers.create(request({ image: box }));
			await engine.images.remove(box, { force: true });
			expect((await planFor(engine, { verb: 'image', all: true })).removals).toEqual([]);
			const plan = await planFor(engine, { verb: 'container' });
			await gather(sweepPlan(engine.store, plan));
			expect((await engine.store.takeInventory()).resources).toEqual([]);
		});
	});
}
