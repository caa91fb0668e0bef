import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { takeInventory } from '../../../src/engine/embedded/inventory.ts';
import { layerDirectory } from '../../../src/engine/embedded/layers/layer-store.ts';
import { openStore } from '../../../src/engine/embedded/open.ts';
import { finishRemoval, removeResources } from '../../../src/engine/embedded/removal.ts';
import type { Resource, ResourceKind } from '../../../src/engine/model.ts';
import { storeImage, storeLayer, temporaryStore } from '../../support/store.ts';

let world: ReturnType<typeof temporaryStore>;
beforeEach(() => {
	world = temporaryStore();
});
afterEach(() => world.remove());

const app = 'docker.io/library/app:1';
const order: readonly ResourceKind[] = ['tag', 'image', 'blob', 'layer'];

function find(kind: ResourceKind): Resource {
	const found = takeInventory(world.store).resources.find(({ key }) => key.kind === kind);
	if (found === undefined) throw new Error(`no ${kind} in the inventory`);
	return found;
}

function request(resource: Resource) {
	return { key: resource.key, generation: resource.generation };
}

describe('removing from a store', () => {
	it('takes a tag, its image, config and layer in that order, and frees the bytes that were promised', async () => {
		await storeImage(world.store, app, { 'bin/app': 'x'.repeat(50_000) });
		const victims = order.map(find);
		const outcomes = await removeResources(world.store, victims.map(request));
		expect(outcomes.map(({ type }) => type)).toEqual(['removed', 'removed', 'removed', 'removed']);
		const freed = outcomes.reduce((sum, outcome) => sum + (outcome.type === 'removed' ? outcome.freedBytes : 0), 0);
		expect(freed).toBe(victims.reduce((sum, { diskBytes }) => sum + diskBytes, 0));
		expect(takeInventory(world.store).resources).toEqual([]);
		expect(readdirSync(world.store.paths.layers).filter((name) => !name.startsWith('.'))).toEqual([]);
		expect(readdirSync(world.store.paths.trash)).toEqual([]);
	});

	it.each([
		['an image that a tag names', 'image', /tag docker.io\/library\/app:1/],
		['a config that an image needs', 'blob', /image/],
		['a layer that an image needs', 'layer', /image/],
	] as const)('refuses %s, says by what, and changes nothing', async (_case, kind, by) => {
		await storeImage(world.store, app, { 'bin/app': 'x' });
		const before = takeInventory(world.store).resources;
		const [outcome] = await removeResources(world.store, [request(find(kind))]);
		expect(outcome?.type).toBe('refused');
		expect(outcome?.type === 'refused' && outcome.error.message).toMatch(by);
		expect(takeInventory(world.store).resources).toEqual(before);
	});

	it('refuses what is no longer what the caller saw, and takes the rest', async () => {
		await storeImage(world.store, app, { 'bin/app': 'x' });
		await storeImage(world.store, 'docker.io/library/other:1', { 'bin/other': 'y' });
		const tags = takeInventory(world.store).resources.filter(({ key }) => key.kind === 'tag');
		world.store.database.write(() =>
			world.store.database.run(
				'UPDATE tag SET generation = ? WHERE reference = ?',
				world.store.database.nextGeneration(),
				app,
			),
		);
		const outcomes = await removeResources(world.store, tags.map(request));
		expect(Object.fromEntries(outcomes.map(({ key, type }) => [key.id, type]))).toEqual({
			[app]: 'refused',
			'docker.io/library/other:1': 'removed',
		});
	});

	it('calls a thing that went meanwhile already gone', async () => {
		await storeImage(world.store, app, { 'bin/app': 'x' });
		const tag = request(find('tag'));
		await removeResources(world.store, [tag]);
		expect((await removeResources(world.store, [tag]))[0]?.type).toBe('already-gone');
	});

	it('leaves what a live lease holds, and takes it once the lease is gone', async () => {
		await storeImage(world.store, undefined, { 'bin/app': 'x' });
		const image = find('image');
		const lease = world.store.acquireLease('a build');
		world.store.database.write(() => lease.hold(image.key));
		const [held] = await removeResources(world.store, [request(image)]);
		expect(held?.type === 'refused' && held.error.message).toContain('a build');
		lease.release();
		expect((await removeResources(world.store, [request(image)]))[0]?.type).toBe('removed');
	});

	it('never follows a path out of the store, whatever key it is given', async () => {
		const keys = ['trash/..', '../etc', 'layers/../../etc', '/etc/passwd', 'volumes/..'];
		const outcomes = await removeResources(
			world.store,
			keys.map((id) => ({ key: { kind: 'orphan', id } as const, generation: undefined })),
		);
		expect(outcomes.map(({ type }) => type)).toEqual(keys.map(() => 'already-gone'));
	});
});

describe('opening a store after a crash', () => {
	it.each([
		['marked, files still in place', () => {}],
		[
			'marked, files already in trash',
			() => execFileSync('sh', ['-c', `mv ${world.root}/layers/*.* ${world.root}/trash/`]),
		],
		['marked, files already unlinked', () => execFileSync('sh', ['-c', `rm -rf ${world.root}/layers/*.*`])],
	])('completes a removal that was %s', async (_case, crash) => {
		await storeImage(world.store, undefined, { 'bin/app': 'x' });
		world.store.database.write(() => {
			for (const table of ['image', 'blob', 'layer']) world.store.database.run(`UPDATE ${table} SET removing = 1`);
		});
		crash();
		world.store.close();
		const reopened = openStore({ root: world.root });
		expect(takeInventory(reopened).resources).toEqual([]);
		for (const table of ['image', 'blob', 'layer']) expect(reopened.database.all(`SELECT * FROM ${table}`)).toEqual([]);
		expect(readdirSync(reopened.paths.trash)).toEqual([]);
		reopened.close();
	});

	it('stores a layer again that is on its way out', async () => {
		const id = await storeImage(world.store, undefined, { 'bin/app': 'x' });
		world.store.database.write(() => {
			for (const table of ['image', 'blob', 'layer']) world.store.database.run(`UPDATE ${table} SET removing = 1`);
			world.store.database.run('DELETE FROM image');
		});
		expect(await storeImage(world.store, undefined, { 'bin/app': 'x' })).toBe(id);
		expect(
			takeInventory(world.store)
				.resources.map(({ key }) => key.kind)
				.sort(),
		).toEqual(['blob', 'image', 'layer']);
	});

	it('never takes what has been stored again since it was marked', async () => {
		const lease = world.store.acquireLease('a load');
		const layer = await storeLayer(world.store, lease, { files: { 'bin/app': 'x' } });
		// Another process has marked it and lost sight of it; meanwhile it was removed and stored again.
		finishRemoval(world.store, { kind: 'layer', id: layer.chainId });
		expect(readdirSync(layerDirectory(world.store, layer.chainId)).sort()).toEqual(['fs', 'skeleton']);
		lease.release();
	});

	it('stores a layer again whose removal could not be completed, and keeps it through the next opening', async () => {
		// The image's row refers to them still, as after a crash between two rows.
		await storeImage(world.store, 'docker.io/library/app:1', { 'bin/app': 'x' });
		world.store.database.write(() => {
			for (const table of ['blob', 'layer']) world.store.database.run(`UPDATE ${table} SET removing = 1`);
		});
		const lease = world.store.acquireLease('a load');
		const layer = await storeLayer(world.store, lease, { files: { 'bin/app': 'x' } });
		openStore({ root: world.root }).close();
		expect(
			takeInventory(world.store)
				.resources.filter(({ key }) => key.kind === 'layer')
				.map(({ key }) => key.id),
		).toEqual([layer.chainId]);
		expect(readdirSync(layerDirectory(world.store, layer.chainId)).sort()).toEqual(['fs', 'skeleton']);
		lease.release();
	});

	it('shows a directory that it does not know as orphan, with its bytes, and removes it only when asked', async () => {
		execFileSync('sh', [
			'-c',
			`mkdir ${world.root}/layers/foreign && head -c 100000 /dev/zero > ${world.root}/layers/foreign/x && sync`,
		]);
		world.store.close();
		const reopened = openStore({ root: world.root });
		const [orphan] = takeInventory(reopened).resources;
		expect(orphan?.key).toEqual({ kind: 'orphan', id: 'layers/foreign' });
		const du = Number(
			execFileSync('du', ['-s', '--block-size=1', `${world.root}/layers/foreign`], { encoding: 'utf8' }).split('\t')[0],
		);
		expect(orphan?.diskBytes).toBe(du);
		const [outcome] = await removeResources(reopened, orphan === undefined ? [] : [request(orphan)]);
		expect(outcome).toEqual({ type: 'removed', key: orphan?.key, freedBytes: du });
		reopened.close();
	});
});
