import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createImages } from '../../../../src/engine/embedded/images/images.ts';
import { unlinkTree } from '../../../../src/engine/embedded/layers/unlink-tree.ts';
import type { ReferenceText } from '../../../../src/engine/model.ts';
import type { ImportOptions } from '../../../../src/engine/port.ts';
import { sha256 } from '../../../support/image-archives.ts';
import { tarOf, temporaryStore } from '../../../support/store.ts';

let opened: ReturnType<typeof temporaryStore>;
let directory: string;
const tar = tarOf({ 'bin/sh': '#!\n', 'etc/os-release': 'ID=test\n' });
const plain: ImportOptions = { reference: undefined, message: '', changes: [] };

beforeEach(() => {
	opened = temporaryStore();
	directory = mkdtempSync(join(tmpdir(), 'tonnage-import-'));
});

afterEach(() => {
	opened.remove();
	unlinkTree(directory);
});

function pathOf(name: string, bytes: Uint8Array) {
	writeFileSync(join(directory, name), bytes);
	return { type: 'path', path: join(directory, name) } as const;
}

test('a root filesystem becomes an image of one layer, with the settings that were asked for', async () => {
	const images = createImages(opened.store);
	const id = await images.import(pathOf('root.tar.gz', gzipSync(tar)), {
		reference: 'docker.io/library/root:1' as ReferenceText,
		message: 'from a test',
		changes: ['CMD ["sh"]', 'ENV A=b'],
	});
	const image = await images.inspect('root:1');
	expect(image).toMatchObject({ id, layerCount: 1, run: { command: ['sh'], environment: ['A=b'] } });
	expect(image.layers.map(({ diffId }) => diffId)).toEqual([sha256(tar)]);
	expect(image.history).toMatchObject([{ comment: 'from a test', sizeBytes: 11, emptyLayer: false }]);
	expect(readdirSync(opened.store.paths.ingest)).toEqual([]);
});

test('a stream is taken without spooling it, and its layer is stored once', async () => {
	const images = createImages(opened.store);
	async function* stream() {
		for (let at = 0; at < tar.length; at += 100) yield tar.subarray(at, at + 100);
	}
	const done: number[] = [];
	const options = { ...plain, onProgress: ({ doneBytes }: { doneBytes: number }) => done.push(doneBytes) };
	await images.import({ type: 'stream', stream: stream(), label: '-' }, options);
	await images.import(pathOf('root.tar', tar), { ...plain, message: 'again' });
	expect(done.at(-1)).toBe(tar.length);
	expect((await images.list()).map(({ references, sharedBytes }) => [references, sharedBytes])).toEqual([
		[[], 11],
		[[], 11],
	]);
	expect(readdirSync(opened.store.paths.layers)).toHaveLength(1);
});

test.each<[string, Uint8Array, Partial<ImportOptions>, string]>([
	['a file that is no tar', Buffer.from('hello'.repeat(300)), {}, 'cannot be read'],
	['a tar that is cut short', tar.subarray(0, 700), {}, 'cannot be read'],
	['a change that is none', tar, { changes: ['RUN x'] }, 'RUN'],
	['a name that cannot be a tag', tar, { reference: `docker.io/library/a@${sha256(tar)}` as ReferenceText }, 'digest'],
])('%s is refused, and nothing is left of it', async (_, bytes, options, words) => {
	const importing = createImages(opened.store).import(pathOf('bad.tar', bytes), { ...plain, ...options });
	await expect(importing).rejects.toThrow(words);
	for (const table of ['image', 'layer', 'blob', 'lease']) {
		expect(opened.store.database.all(`SELECT * FROM ${table}`)).toEqual([]);
	}
	for (const place of [opened.store.paths.ingest, opened.store.paths.layers, opened.store.paths.blobs]) {
		expect(readdirSync(place)).toEqual([]);
	}
});

test('a directory is refused', async () => {
	const importing = createImages(opened.store).import({ type: 'path', path: directory }, plain);
	await expect(importing).rejects.toThrow('it is a directory');
});
