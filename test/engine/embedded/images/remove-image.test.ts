import { readdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createImages } from '../../../../src/engine/embedded/images/images.ts';
import { removeHiddenImage } from '../../../../src/engine/embedded/images/remove-image.ts';
import { isEngineError } from '../../../../src/engine/errors.ts';
import type { ImageId, ReferenceText } from '../../../../src/engine/model.ts';
import { archiveOf, dockerMembers, makeImage } from '../../../support/image-archives.ts';
import { temporaryStore } from '../../../support/store.ts';

let opened: ReturnType<typeof temporaryStore>;
const base = { 'bin/sh': '#!\n' };
const app = makeImage([base, { 'srv/app': 'app\n' }, { 'srv/more': 'more\n' }]);
const web = makeImage([base, { 'srv/web': 'web\n' }]);

beforeEach(async () => {
	opened = temporaryStore();
	const archive = archiveOf(
		dockerMembers([
			{ image: app, tags: ['app:1'] },
			{ image: web, tags: ['web:1', 'localhost/web:1'] },
		]),
	);
	async function* stream() {
		yield archive;
	}
	await images().load({ type: 'stream', stream: stream(), label: 'test' }, {});
});

afterEach(() => opened.remove());

function images() {
	return createImages(opened.store);
}

function addContainer(imageId: string, status: string): string {
	const id = `${opened.store.database.revision()}`.padStart(64, '0');
	opened.store.database.write(() =>
		opened.store.database.run(
			`INSERT INTO container (id, name, image_id, image_reference, settings, labels, status, created_at, generation)
			VALUES (?, ?, ?, 'app:1', '{}', '{}', ?, 1, ?)`,
			id,
			`box-${status}`,
			imageId,
			status,
			opened.store.database.nextGeneration(),
		),
	);
	return id;
}

function dropContainer(id: string): void {
	opened.store.database.write(() => opened.store.database.run('DELETE FROM container WHERE id = ?', id));
}

/** `removed`, `untagged`, `hidden`, or the refusal and who is to blame. */
async function remove(name: string, force: boolean): Promise<string> {
	try {
		const result = await images().remove(name, { force });
		if (result.hiddenFor.length > 0) return `hidden for ${result.hiddenFor.join()}`;
		return result.deleted.length > 0 ? 'removed' : `untagged ${result.untagged.join()}`;
	} catch (error) {
		if (!isEngineError(error, 'in-use')) throw error;
		return `refused: ${error.data.by.join()}`;
	}
}

describe('rmi decides as docker does', () => {
	const tag = 'app:1';
	const id = app.id;
	test.each<[string, { container?: string; tags?: string[]; name: string; force: boolean }, string]>([
		['the last tag', { name: tag, force: false }, 'removed'],
		['the ID with one tag', { name: id, force: false }, 'removed'],
		['one tag of two', { name: tag, tags: ['app:2'], force: false }, 'untagged docker.io/library/app:1'],
		['the ID with two tags', { name: id, tags: ['app:2'], force: false }, 'refused: tag app:1,tag app:2'],
		['the ID with two tags, forced', { name: id, tags: ['app:2'], force: true }, 'removed'],
		[
			'the last tag, a container stopped',
			{ name: tag, container: 'exited', force: false },
			'refused: container box-exited (exited)',
		],
		[
			'the last tag, a container created',
			{ name: tag, container: 'created', force: false },
			'refused: container box-created (created)',
		],
		[
			'the last tag, a container stopped, forced',
			{ name: tag, container: 'exited', force: true },
			'hidden for box-exited',
		],
		[
			'one tag of two, a container running',
			{ name: tag, tags: ['app:2'], container: 'running', force: false },
			'untagged docker.io/library/app:1',
		],
		[
			'the last tag, a container running',
			{ name: tag, container: 'running', force: false },
			'refused: container box-running (running)',
		],
		[
			'the last tag, a container running, forced',
			{ name: tag, container: 'running', force: true },
			'hidden for box-running',
		],
		[
			'the ID, a container stopped',
			{ name: id, container: 'exited', force: false },
			'refused: container box-exited (exited)',
		],
		['the ID, a container stopped, forced', { name: id, container: 'exited', force: true }, 'hidden for box-exited'],
		[
			'the ID, a container running, forced',
			{ name: id, container: 'running', force: true },
			'refused: container box-running (running)',
		],
		[
			'the ID, a container paused, forced',
			{ name: id, container: 'paused', force: true },
			'refused: container box-paused (paused)',
		],
	])('%s', async (_, { container, tags = [], name, force }, expected) => {
		for (const text of tags) await images().tag(id, `docker.io/library/${text}` as ReferenceText);
		if (container !== undefined) addContainer(id, container);
		const before = await images().inspect(id);
		expect(await remove(name, force)).toBe(expected);
		const after = (await images().list()).find((image) => image.id === id);
		if (expected === 'removed') expect(after).toBeUndefined();
		else if (expected.startsWith('hidden')) expect(after).toMatchObject({ references: [], hidden: true });
		else if (expected.startsWith('refused')) expect(after?.references).toEqual(before.references);
		else expect(after).toMatchObject({ hidden: false, references: ['docker.io/library/app:2'] });
	});
});

test('what goes with an image is what nothing else needs, to the byte', async () => {
	const before = await images().inspect(app.id);
	const removal = await images().remove('app:1', { force: false });
	expect(removal.deleted.map(({ kind }) => kind)).toEqual(['image', 'layer', 'layer']);
	const shared = before.layers[0]?.diskBytes ?? 0;
	expect(removal.freedBytes).toBe((before.diskBytes ?? 0) - shared);
	expect(readdirSync(opened.store.paths.layers)).toHaveLength(2);
	expect(readdirSync(opened.store.paths.blobs)).toHaveLength(1);
	expect((await images().inspect('web:1')).sharedBytes).toBe(0);
	await images().remove(web.id, { force: true });
	for (const place of [opened.store.paths.layers, opened.store.paths.blobs, opened.store.paths.trash]) {
		expect(readdirSync(place)).toEqual([]);
	}
});

test('a hidden image goes with its last container, and not before', async () => {
	const [first, second] = [addContainer(app.id, 'exited'), addContainer(app.id, 'created')];
	await images().remove('app:1', { force: true });
	dropContainer(first);
	expect(await removeHiddenImage(opened.store, app.id as ImageId)).toBe(0);
	dropContainer(second);
	expect(await removeHiddenImage(opened.store, app.id as ImageId)).toBeGreaterThan(0);
	expect((await images().list()).map(({ id }) => id)).toEqual([web.id]);
	expect(await removeHiddenImage(opened.store, web.id as ImageId)).toBe(0);
	expect(await images().list()).toHaveLength(1);
});

test('an image that is being saved is not removed under the reader’s hands', async () => {
	const reading = images().save(['app:1'], {})[Symbol.asyncIterator]();
	await reading.next();
	expect(await remove(app.id, true)).toMatch(/^refused: save/);
	await reading.return?.();
	expect(await remove(app.id, true)).toBe('removed');
});

test('a tag moves, and the image that had it dangles', async () => {
	await images().tag('web:1', 'docker.io/library/app:1' as ReferenceText);
	expect((await images().inspect('app:1')).id).toBe(web.id);
	expect(await images().inspect(app.id)).toMatchObject({ references: [], hidden: false });
	const actions = opened.store.database.eventsSince(0).map(({ action, key }) => `${action} ${key.id}`);
	expect(actions.at(-1)).toBe('tag docker.io/library/app:1');
});

test('a name with a digest is not given as a tag', async () => {
	const reference = `docker.io/library/app@${app.id}` as ReferenceText;
	await expect(images().tag(app.id, reference)).rejects.toThrow('cannot hold a digest');
});
