import { describe, expect, test } from 'vitest';
import type { Engine } from '../../src/engine/port.ts';
import type { Pins } from '../../src/engine/port-collector.ts';
import { canonicalReference } from '../../src/engine/reference.ts';
import { findResource, type MakeHarness, onFresh, planFor, removeSeen, request } from './harness.ts';

/** The capability of pinning images, for engines that have it. */
export function describePins(makeEngine: MakeHarness): void {
	const fresh = (name: string, body: Parameters<typeof onFresh>[1]) => test(name, onFresh(makeEngine, body));

	describe('pins', () => {
		fresh('are listed, and pinning or unpinning twice changes nothing', async ({ engine, makeImage }) => {
			const id = await makeImage('app:1', ['base']);
			const pins = pinsOf(engine);
			expect(await pins.list()).toEqual([]);
			expect(await pins.pin('app:1')).toBe(id);
			const { revision } = await engine.store.takeInventory();
			expect(await pins.pin(id)).toBe(id);
			expect((await engine.store.takeInventory()).revision).toBe(revision);
			expect((await pins.list()).map(({ imageId }) => imageId)).toEqual([id]);
			await pins.unpin('app:1');
			await pins.unpin('app:1');
			expect(await pins.list()).toEqual([]);
			await expect(pins.pin('nothing:1')).rejects.toMatchObject({ code: 'not-found' });
		});

		fresh('35: keep an image under every policy, with its names and its layers', async ({ engine, makeImage }) => {
			await makeImage('app:1', ['base', 'app']);
			await makeImage('goes:1', ['base', 'goes']);
			await pinsOf(engine).pin('app:1');
			const plan = await planFor(engine, { verb: 'system', all: true, volumes: true });
			expect(
				plan.removals.filter(({ resource }) => resource.key.kind === 'tag').map(({ resource }) => resource.label),
			).toEqual(['goes:1']);
			const image = plan.kept.find(({ resource }) => resource.key.kind === 'image');
			expect(image?.reason).toEqual({ type: 'root', root: 'pinned' });
			expect(plan.kept.filter(({ resource }) => resource.key.kind === 'layer')).toHaveLength(2);
		});

		fresh('outlive the name', async ({ engine, makeImage }) => {
			const id = await makeImage('app:1', ['base', 'before']);
			await pinsOf(engine).pin('app:1');
			await makeImage('app:1', ['base', 'after']);
			const plan = await planFor(engine, { verb: 'image' });
			expect(plan.removals).toEqual([]);
			await pinsOf(engine).unpin(id.slice(7, 19));
			expect((await planFor(engine, { verb: 'image' })).removals.map(({ resource }) => resource.key.id)).toContain(id);
		});

		fresh('stand against rmi, forced or not, until they are taken away', async ({ engine, makeImage }) => {
			await makeImage('app:1', ['base']);
			await engine.images.tag('app:1', canonicalReference('app:2'));
			await pinsOf(engine).pin('app:1');
			await engine.images.remove('app:1', { force: false });
			for (const force of [false, true]) {
				await expect(engine.images.remove('app:2', { force })).rejects.toMatchObject({
					code: 'in-use',
					data: { by: ['a pin'] },
					hint: 'Unpin it first: tonnage image unpin app:2',
				});
			}
			await pinsOf(engine).unpin('app:2');
			await engine.images.remove('app:2', { force: false });
			expect((await engine.store.takeInventory()).resources).toEqual([]);
		});

		fresh('that come between plan and sweep win, and save the names too', async ({ engine, makeImage }) => {
			const id = await makeImage('app:1', ['base', 'app']);
			const plan = await planFor(engine, { verb: 'image', all: true });
			await pinsOf(engine).pin('app:1');
			const outcomes = await removeSeen(
				engine,
				plan.removals.map(({ resource }) => resource),
			);
			expect(new Set(outcomes.map(({ type }) => type))).toEqual(new Set(['refused']));
			expect((await engine.images.inspect('app:1')).id).toBe(id);
			const seen = await findResource(engine, 'image', id);
			expect(await removeSeen(engine, [seen])).toMatchObject([
				{ type: 'refused', error: { code: 'in-use', data: { by: expect.arrayContaining(['a pin']) } } },
			]);
		});

		fresh('keep a hidden image when its container goes', async ({ engine, makeBox }) => {
			const box = await makeBox();
			const container = await engine.containers.create(request({ image: box }));
			await engine.images.remove(box, { force: true });
			const [image] = await engine.images.list();
			await pinsOf(engine).pin(image?.id ?? '');
			await engine.containers.remove(container, { force: false, volumes: false });
			expect(await engine.images.list()).toMatchObject([{ id: image?.id, hidden: false }]);
		});
	});
}

function pinsOf({ pins }: Engine): Pins {
	if (pins === undefined) throw new Error('this engine has no pins');
	return pins;
}
