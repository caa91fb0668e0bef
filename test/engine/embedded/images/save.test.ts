import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createImages } from '../../../../src/engine/embedded/images/images.ts';
import { archiveOf, dockerMembers, makeImage, ociImage, ociMembers } from '../../../support/image-archives.ts';
import { temporaryStore } from '../../../support/store.ts';

let opened: ReturnType<typeof temporaryStore>;
const base = { 'bin/sh': '#!\n' };
const app = makeImage([base, { 'srv/app': 'app\n' }]);
const web = makeImage([base, { 'srv/web': 'web\n' }]);

beforeEach(async () => {
	opened = temporaryStore();
	await load(archiveOf(dockerMembers([{ image: app, tags: ['app:1', 'app:2', 'other:1'] }, { image: web }])));
});

afterEach(() => opened.remove());

async function load(archive: Uint8Array): Promise<void> {
	async function* stream() {
		yield archive;
	}
	await createImages(opened.store).load({ type: 'stream', stream: stream(), label: 'test' }, {});
}

async function save(...names: readonly string[]): Promise<Buffer> {
	return Buffer.concat(await Array.fromAsync(createImages(opened.store).save(names, {})));
}

/** What is in a small archive, by name. */
function entriesOf(archive: Buffer): ReadonlyMap<string, Buffer> {
	const entries = new Map<string, Buffer>();
	for (let at = 0; archive[at] !== 0; ) {
		const name = archive.toString('latin1', at, archive.indexOf(0, at));
		const size = Number.parseInt(archive.toString('latin1', at + 124, at + 135), 8);
		entries.set(name, archive.subarray(at + 512, at + 512 + size));
		at += 512 + Math.ceil(size / 512) * 512;
	}
	return entries;
}

function manifestOf(archive: Buffer): readonly { Config: string; RepoTags: string[] | null; Layers: string[] }[] {
	return JSON.parse(String(entriesOf(archive).get('manifest.json')));
}

test.each<[string, string[], (string[] | null)[]]>([
	['a tag alone', ['app:1'], [['docker.io/library/app:1']]],
	['a repository, with all of its tags', ['app'], [['docker.io/library/app:1', 'docker.io/library/app:2']]],
	['an ID, without any', [app.id], [null]],
	['the beginning of an ID', [app.id.slice(7, 15)], [null]],
	['one image under two names once', ['app:1', 'other:1'], [['docker.io/library/app:1', 'docker.io/library/other:1']]],
	['two images in the order they are named', [web.id, 'app:2'], [null, ['docker.io/library/app:2']]],
])('saves %s', async (_, names, tags) => {
	expect(manifestOf(await save(...names)).map(({ RepoTags }) => RepoTags)).toEqual(tags);
});

test('the archive holds the bytes that came in, and a shared layer once', async () => {
	const archive = await save(app.id, web.id);
	const entries = entriesOf(archive);
	const blobs = [...entries.keys()].filter((name) => name.startsWith('blobs/'));
	expect(blobs).toHaveLength(2 + 2 + 3);
	for (const image of [app, web]) {
		expect(entries.get(`blobs/sha256/${image.id.slice(7)}`)).toEqual(image.config);
		for (const [index, layer] of image.layers.entries()) {
			expect(entries.get(`blobs/sha256/${image.diffIds[index]?.slice(7)}`)).toEqual(layer);
		}
	}
	expect(await save(app.id, web.id)).toEqual(archive);
});

test('both halves of the archive can be loaded alone', async () => {
	const entries = entriesOf(await save('app:1'));
	const images = createImages(opened.store);
	await images.remove(app.id, { force: true });
	const members = [...entries].filter(([name]) => name !== 'manifest.json').map(([name, body]) => ({ name, body }));
	await load(archiveOf(members));
	expect(await images.inspect('app:1')).toMatchObject({ id: app.id, references: ['docker.io/library/app:1'] });
});

test('an image that came with a manifest is saved all the same', async () => {
	const oci = ociImage(web, 'zstd');
	await load(archiveOf(ociMembers([oci.descriptor], oci.members)));
	expect(manifestOf(await save(web.id))[0]?.Layers).toHaveLength(2);
});

test('a stored layer that was changed is noticed, and the hold is let go', async () => {
	const row = opened.store.database.get<{ directory: string }>(
		"SELECT directory FROM layer WHERE parent_chain_id IS NOT NULL AND created_by = 'COPY srv/app'",
	);
	const file = join(opened.store.paths.layers, row?.directory ?? '', 'fs/srv/app');
	expect(readFileSync(file, 'utf8')).toBe('app\n');
	writeFileSync(file, 'APP\n');
	await expect(save('app:1')).rejects.toThrow('not what its digest says');
	expect(opened.store.database.all('SELECT * FROM lease')).toEqual([]);
});

test.each([
	[[], 'none is named'],
	[['nothing'], 'No image is called "nothing"'],
	[['app:1', 'app:3'], 'No image is called "app:3"'],
	[['APP'], 'lowercase'],
])('saving %j is refused before the first byte', async (names, words) => {
	await expect(createImages(opened.store).save(names, {})[Symbol.asyncIterator]().next()).rejects.toThrow(words);
	expect(opened.store.database.all('SELECT * FROM lease')).toEqual([]);
});
