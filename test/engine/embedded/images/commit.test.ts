import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { commitContainer } from '../../../../src/engine/embedded/images/commit.ts';
import { createImages } from '../../../../src/engine/embedded/images/images.ts';
import { layerDirectory, lowerDirectories } from '../../../../src/engine/embedded/layers/layer-store.ts';
import { unlinkTree } from '../../../../src/engine/embedded/layers/unlink-tree.ts';
import type { ChainId, ImageId, ReferenceText } from '../../../../src/engine/model.ts';
import { archiveOf, dockerMembers, makeImage } from '../../../support/image-archives.ts';
import { temporaryStore } from '../../../support/store.ts';

let opened: ReturnType<typeof temporaryStore>;
let upper: string;
const base = makeImage([{ 'bin/sh': '#!\n', 'etc/motd': 'old\n' }], {
	author: 'Base',
	config: { Cmd: ['/bin/sh'], Healthcheck: { Test: ['CMD', 'true'] } },
});
const options = { reference: undefined, author: '', message: '', changes: [], pause: true };

beforeEach(async () => {
	opened = temporaryStore();
	upper = mkdtempSync(join(tmpdir(), 'tonnage-commit-'));
	async function* stream() {
		yield archiveOf(dockerMembers([{ image: base, tags: ['base:1'] }]));
	}
	await createImages(opened.store).load({ type: 'stream', stream: stream(), label: 'test' }, {});
});

afterEach(() => {
	opened.remove();
	unlinkTree(upper);
});

async function commit(more: Partial<Parameters<typeof commitContainer>[1]['options']> = {}) {
	const { run, layers } = await createImages(opened.store).inspect('base:1');
	return await commitContainer(opened.store, {
		imageId: base.id as ImageId,
		upper,
		lowers: lowerDirectories(opened.store, layers.at(-1)?.chainId),
		run: { ...run, environment: ['FROM=container'] },
		options: { ...options, ...more },
	});
}

test('a container becomes an image: its image’s layers, its changes on top, its settings', async () => {
	mkdirSync(join(upper, 'etc'));
	writeFileSync(join(upper, 'etc/motd'), 'new text\n');
	const id = await commit({
		reference: 'docker.io/library/made:1' as ReferenceText,
		author: 'Somebody',
		message: 'why',
		changes: ['CMD ["made"]'],
	});
	const images = createImages(opened.store);
	const image = await images.inspect('made:1');
	expect(image).toMatchObject({
		id,
		layerCount: 2,
		author: 'Somebody',
		sizeBytes: 7 + 9,
		sharedBytes: 7,
		run: { command: ['made'], environment: ['FROM=container'] },
	});
	expect(image.history.at(-1)).toMatchObject({ comment: 'why', createdBy: '/bin/sh', sizeBytes: 9 });
	expect(JSON.parse(await images.config(id)).config.Healthcheck).toEqual({ Test: ['CMD', 'true'] });
	const top = image.layers.at(-1)?.chainId as ChainId;
	expect(readFileSync(join(layerDirectory(opened.store, top), 'fs/etc/motd'), 'utf8')).toBe('new text\n');
	expect(image.layers[0]?.diffId).toBe(base.diffIds[0]);
});

test('a container that changed nothing gives an image without a layer of its own', async () => {
	const id = await commit();
	const image = await createImages(opened.store).inspect(id);
	expect(image).toMatchObject({ layerCount: 1, references: [], author: 'Base' });
	expect(image.history.at(-1)?.emptyLayer).toBe(true);
});

test('a commit that cannot be leaves nothing', async () => {
	writeFileSync(join(upper, 'new'), 'x');
	await expect(commit({ changes: ['NONSENSE x'] })).rejects.toThrow('NONSENSE');
	expect(opened.store.database.all('SELECT * FROM layer')).toHaveLength(1);
	expect(opened.store.database.all('SELECT * FROM lease')).toEqual([]);
});
