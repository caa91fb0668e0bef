import { describe, expect, test } from 'vitest';
import { digestOf } from '../../src/engine/digest.ts';
import type { ImageId } from '../../src/engine/model.ts';
import { canonicalReference } from '../../src/engine/reference.ts';
import { gather, type MakeHarness, onFresh, request } from './harness.ts';

/** What the port promises of images. */
export function describeImages(makeEngine: MakeHarness): void {
	const fresh = (title: string, body: Parameters<typeof onFresh>[1]) => test(title, onFresh(makeEngine, body));

	describe('finds images', () => {
		fresh('by any name, by id and by a unique beginning of one', async ({ engine, makeImage }) => {
			const id = await makeImage('app:1', ['base', 'app']);
			await engine.images.tag('app:1', canonicalReference('registry.example:5000/team/app:latest'));
			const names = [
				'app:1',
				'docker.io/library/app:1',
				'registry.example:5000/team/app',
				id,
				id.slice(7),
				id.slice(7, 19),
			];
			for (const name of names) expect((await engine.images.inspect(name)).id).toBe(id);
		});

		fresh('or says that there is none', async ({ engine, makeImage }) => {
			await makeImage('app:1', ['base']);
			for (const name of ['app:2', 'other', digestOf('no image'), 'a'.repeat(64)]) {
				await expect(engine.images.inspect(name)).rejects.toMatchObject({ code: 'not-found', data: { what: 'image' } });
			}
		});

		fresh('or says that the beginning of an id fits several', async ({ engine, makeImage }) => {
			const ids: ImageId[] = [];
			// Seventeen ids cannot all begin differently.
			for (let index = 0; index < 17; index++) ids.push(await makeImage(undefined, [`layer-${index}`]));
			const first = ids.map((id) => id.slice(7, 8)).find((digit, index, digits) => digits.indexOf(digit) !== index);
			await expect(engine.images.inspect(`sha256:${first}`)).rejects.toMatchObject({ code: 'ambiguous' });
		});

		fresh('or says why a text is no name', async ({ engine }) => {
			await expect(engine.images.inspect('Not A Name')).rejects.toMatchObject({ code: 'invalid-reference' });
			await expect(engine.images.remove('a//b', { force: false })).rejects.toMatchObject({ code: 'invalid-reference' });
		});
	});

	describe('sizes', () => {
		fresh('are those of the layers, and shared and unique add up to them', async ({ engine, makeImage }) => {
			await makeImage('one:1', ['base', 'one']);
			await makeImage('two:1', ['base', 'two']);
			for (const summary of await engine.images.list()) {
				const detail = await engine.images.inspect(summary.id);
				expect(detail.layers).toHaveLength(2);
				expect(detail.layerCount).toBe(2);
				expect(detail.sizeBytes).toBe(detail.layers.reduce((sum, layer) => sum + layer.sizeBytes, 0));
				expect((summary.sharedBytes ?? 0) + (summary.uniqueBytes ?? 0)).toBe(summary.sizeBytes);
				expect(summary.sharedBytes).toBe(detail.layers[0]?.sizeBytes);
				expect(summary.uniqueBytes).toBe(detail.layers[1]?.sizeBytes);
				expect(summary.uniqueBytes).toBeGreaterThan(0);
				expect(summary.diskBytes).toBeGreaterThanOrEqual(
					detail.layers.reduce((sum, layer) => sum + (layer.diskBytes ?? 0), 0),
				);
			}
		});

		fresh('of an image alone are all its own', async ({ engine, makeImage }) => {
			await makeImage('one:1', ['base', 'one']);
			const [only] = await engine.images.list();
			expect(only).toMatchObject({ sharedBytes: 0, uniqueBytes: only?.sizeBytes });
		});
	});

	fresh('the id of an image is the digest of its config', async ({ engine, makeImage }) => {
		const id = await makeImage('app:1', ['base']);
		expect(digestOf(await engine.images.config('app:1'))).toBe(id);
	});

	describe('names', () => {
		fresh('add up on one image, sorted', async ({ engine, makeImage }) => {
			await makeImage('b:1', ['base']);
			await engine.images.tag('b:1', canonicalReference('a:1'));
			expect((await engine.images.list()).map(({ references }) => references)).toEqual([
				[canonicalReference('a:1'), canonicalReference('b:1')],
			]);
		});

		fresh('move, and leave what had them dangling', async ({ engine, makeImage }) => {
			const before = await makeImage('app:1', ['base', 'before']);
			const after = await makeImage('app:1', ['base', 'after']);
			expect((await engine.images.inspect('app:1')).id).toBe(after);
			expect(await engine.images.inspect(before)).toMatchObject({ references: [], hidden: false });
		});

		fresh('cannot be given to what is not there', async ({ engine }) => {
			await expect(engine.images.tag('nothing', canonicalReference('x'))).rejects.toMatchObject({ code: 'not-found' });
		});
	});

	describe('rmi', () => {
		fresh('of one name of two takes only that name', async ({ engine, makeImage }) => {
			const id = await makeImage('a:1', ['base']);
			await engine.images.tag('a:1', canonicalReference('b:1'));
			const removal = await engine.images.remove('a:1', { force: false });
			expect(removal).toEqual({ untagged: [canonicalReference('a:1')], deleted: [], freedBytes: 0, hiddenFor: [] });
			expect((await engine.images.inspect('b:1')).id).toBe(id);
		});

		fresh('of the last name takes the image and the layers that only it had', async ({ engine, makeImage }) => {
			const gone = await makeImage('gone:1', ['base', 'gone']);
			await makeImage('stays:1', ['base', 'stays']);
			const { layers } = await engine.images.inspect('gone:1');
			const removal = await engine.images.remove('gone:1', { force: false });
			expect(removal.deleted).toEqual([
				{ kind: 'image', id: gone },
				{ kind: 'layer', id: layers[1]?.chainId },
			]);
			expect(removal.freedBytes).toBeGreaterThanOrEqual(layers[1]?.diskBytes ?? Number.NaN);
			expect((await engine.images.inspect('stays:1')).layers).toHaveLength(2);
			await expect(engine.images.inspect(gone)).rejects.toMatchObject({ code: 'not-found' });
		});

		fresh('by id refuses several names, unless forced', async ({ engine, makeImage }) => {
			const id = await makeImage('a:1', ['base']);
			await engine.images.tag('a:1', canonicalReference('b:1'));
			await expect(engine.images.remove(id, { force: false })).rejects.toMatchObject({ code: 'in-use' });
			expect((await engine.images.inspect(id)).references).toHaveLength(2);
			expect((await engine.images.remove(id, { force: true })).untagged).toHaveLength(2);
			expect(await engine.images.list()).toEqual([]);
		});

		fresh(
			'of what a container uses refuses; forced, it hides the image until the container goes',
			async ({ engine, makeBox }) => {
				const box = await makeBox();
				const container = await engine.containers.create(request({ image: box, name: 'keeper' }));
				await expect(engine.images.remove(box, { force: false })).rejects.toMatchObject({
					code: 'in-use',
					data: { by: [expect.stringContaining('keeper')] },
				});
				const { id } = await engine.images.inspect(box);
				expect(await engine.images.remove(box, { force: true })).toMatchObject({
					deleted: [],
					freedBytes: 0,
					hiddenFor: ['keeper'],
				});
				expect(await engine.images.list()).toMatchObject([{ id, references: [], hidden: true, containerCount: 1 }]);
				expect(
					(await engine.containers.remove(container, { force: false, volumes: false })).freedBytes,
				).toBeGreaterThan(0);
				expect(await engine.images.list()).toEqual([]);
				const { resources } = await engine.store.takeInventory();
				expect(resources.filter(({ key }) => key.kind !== 'volume')).toEqual([]);
			},
		);

		fresh('of a hidden image that gets a name again leaves it visible', async ({ engine, makeBox }) => {
			const box = await makeBox();
			const container = await engine.containers.create(request({ image: box, name: 'keeper' }));
			const { id } = await engine.images.inspect(box);
			await engine.images.remove(box, { force: true });
			await engine.images.tag(id, canonicalReference('again:1'));
			await engine.containers.remove(container, { force: false, volumes: true });
			expect(await engine.images.list()).toMatchObject([
				{ id, hidden: false, references: [canonicalReference('again:1')] },
			]);
		});

		fresh('by id never takes the image of a running container, forced or not', async ({ engine, makeBox }) => {
			const box = await makeBox();
			const { id } = await engine.images.inspect(box);
			await engine.containers.start(await engine.containers.create(request({ image: box })));
			for (const force of [false, true]) {
				await expect(engine.images.remove(id, { force })).rejects.toMatchObject({ code: 'in-use' });
			}
			expect((await engine.images.inspect(box)).hidden).toBe(false);
		});
	});

	describe('archives', () => {
		fresh('written by save are read by load as the same images under the same names', async ({ engine, makeImage }) => {
			const ids = [await makeImage('a:1', ['base', 'a']), await makeImage('b:1', ['base', 'b'])];
			const bytes = await gather(engine.images.save(['a:1', 'b:1'], {}));
			const before = await Promise.all(ids.map((id) => engine.images.inspect(id)));
			for (const id of ids) await engine.images.remove(id, { force: true });
			expect(await engine.images.list()).toEqual([]);
			const loaded = await engine.images.load({ type: 'stream', stream: stream(bytes), label: 'the archive' }, {});
			expect(loaded.map(({ id }) => id).sort()).toEqual(ids.toSorted());
			expect(loaded.reduce((sum, { newLayers }) => sum + newLayers, 0)).toBe(3);
			expect(loaded.reduce((sum, { reusedLayers }) => sum + reusedLayers, 0)).toBe(1);
			for (const image of before) {
				const again = await engine.images.inspect(image.references[0] ?? '');
				expect(again).toMatchObject({ id: image.id, sizeBytes: image.sizeBytes });
				expect(again.layers.map(({ chainId }) => chainId)).toEqual(image.layers.map(({ chainId }) => chainId));
			}
		});

		fresh('that are none leave nothing behind', async ({ engine }) => {
			const source = {
				type: 'stream',
				stream: stream([new TextEncoder().encode('not an archive')]),
				label: 'the text',
			} as const;
			await expect(engine.images.load(source, {})).rejects.toMatchObject({ name: 'EngineError' });
			expect((await engine.store.takeInventory()).resources).toEqual([]);
		});

		fresh('that are not there are missing files', async ({ engine }) => {
			const source = { type: 'path', path: '/no/such/archive.tar' } as const;
			await expect(engine.images.load(source, {})).rejects.toMatchObject({ code: 'not-found', data: { what: 'file' } });
		});

		fresh('of what is not there cannot be written', async ({ engine }) => {
			await expect(gather(engine.images.save(['nothing'], {}))).rejects.toMatchObject({ code: 'not-found' });
		});
	});
}

async function* stream(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
	yield* chunks;
}
