import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createImages } from '../../../../src/engine/embedded/images/images.ts';
import { layerStack } from '../../../../src/engine/embedded/layers/layer-store.ts';
import { unlinkTree } from '../../../../src/engine/embedded/layers/unlink-tree.ts';
import type { ReferenceText } from '../../../../src/engine/model.ts';
import { hostPlatform } from '../../../../src/engine/oci/platform.ts';
import type { ImageSource } from '../../../../src/engine/port.ts';
import {
	archiveOf,
	blobMember,
	dockerMembers,
	type Member,
	makeImage,
	ociImage,
	ociMembers,
	sha256,
} from '../../../support/image-archives.ts';
import { temporaryStore } from '../../../support/store.ts';

let opened: ReturnType<typeof temporaryStore>;
let directory: string;

beforeEach(() => {
	opened = temporaryStore();
	directory = mkdtempSync(join(tmpdir(), 'tonnage-load-'));
});

afterEach(() => {
	opened.remove();
	unlinkTree(directory);
});

const base = { 'etc/os-release': 'ID=test\n', 'bin/sh': '#!\n' };
const app = makeImage([base, { 'srv/app': 'app\n' }]);
const web = makeImage([base, { 'srv/web': 'web, and a little more\n' }]);

function images() {
	return createImages(opened.store);
}

function load(source: ImageSource | Buffer) {
	if (!Buffer.isBuffer(source)) return images().load(source, {});
	async function* stream() {
		yield source as Buffer;
	}
	return images().load({ type: 'stream', stream: stream(), label: 'standard input' }, {});
}

function fileOf(name: string, bytes: Uint8Array): ImageSource {
	writeFileSync(join(directory, name), bytes);
	return { type: 'path', path: join(directory, name) };
}

function layoutOf(name: string, members: readonly Member[]): ImageSource {
	for (const { name: member, body = '' } of members) {
		const path = join(directory, name, member);
		mkdirSync(dirname(path), { recursive: true });
		writeFileSync(path, body);
	}
	return { type: 'path', path: join(directory, name) };
}

function contentOf(id: string, path: string): string {
	const row = opened.store.database.get<{ top: never }>('SELECT top_chain_id AS top FROM image WHERE id = ?', id);
	const layer = layerStack(opened.store, row?.top).at(-1);
	return readFileSync(join(opened.store.paths.layers, layer?.directory ?? '', 'fs', path), 'utf8');
}

describe('a docker-archive', () => {
	test('gives every image in it, under all of its names, with shared layers stored once', async () => {
		const archive = archiveOf(
			dockerMembers([
				{ image: app, tags: ['app:1', 'localhost:5000/app:latest'] },
				{ image: web, tags: ['team/web:2'] },
			]),
		);
		expect(await load(fileOf('both.tar', archive))).toEqual([
			{
				id: app.id,
				references: ['docker.io/library/app:1', 'localhost:5000/app:latest'],
				reusedLayers: 0,
				newLayers: 2,
			},
			{ id: web.id, references: ['docker.io/team/web:2'], reusedLayers: 1, newLayers: 1 },
		]);
		expect(contentOf(app.id, 'srv/app')).toBe('app\n');
		const listed = await images().list();
		expect(
			listed.map(({ id, sizeBytes, sharedBytes, uniqueBytes }) => [id, sizeBytes, sharedBytes, uniqueBytes]).sort(),
		).toEqual(
			[
				[app.id, 15, 11, 4],
				[web.id, 34, 11, 23],
			].sort(),
		);
		const detail = await images().inspect('app:1');
		expect(detail.layers.map(({ diffId }) => diffId)).toEqual(app.diffIds);
		expect(detail.history.map(({ createdBy, sizeBytes }) => [createdBy, sizeBytes])).toEqual([
			['COPY etc/os-release bin/sh', 11],
			['COPY srv/app', 4],
		]);
		expect(await images().config(app.id.slice(7, 19))).toBe(app.config.toString());
	});

	test('may keep its layers behind links, as docker and podman do', async () => {
		const [first = Buffer.alloc(0), second = Buffer.alloc(0)] = app.layers;
		const archive = archiveOf([
			{ name: 'aa/layer.tar', body: first },
			{ name: 'bb/layer.tar', symlink: '../aa/layer.tar' },
			{ name: './cc/layer.tar', body: second },
			{ name: 'dd/layer.tar', hardlink: 'cc/layer.tar' },
			{ name: 'config.json', body: app.config },
			{
				name: 'manifest.json',
				body: JSON.stringify([{ Config: 'config.json', RepoTags: null, Layers: ['bb/layer.tar', 'dd/layer.tar'] }]),
			},
		]);
		expect(await load(archive)).toMatchObject([{ id: app.id, newLayers: 2 }]);
	});

	test('may be an OCI layout too; then its own manifest counts', async () => {
		const oci = ociImage(web, 'none');
		const archive = archiveOf([
			...ociMembers([oci.descriptor], oci.members),
			...app.layers.map(blobMember),
			blobMember(app.config),
			{
				name: 'manifest.json',
				body: JSON.stringify([
					{
						Config: `blobs/sha256/${app.id.slice(7)}`,
						RepoTags: ['app:1'],
						Layers: app.diffIds.map((diffId) => `blobs/sha256/${diffId.slice(7)}`),
						LayerSources: Object.fromEntries(
							app.layers.map((layer) => [
								sha256(layer),
								{ mediaType: 'application/vnd.oci.image.layer.v1.tar', size: layer.length, digest: sha256(layer) },
							]),
						),
					},
				]),
			},
		]);
		expect(await load(archive)).toMatchObject([{ id: app.id, references: ['docker.io/library/app:1'] }]);
	});

	test.each([
		['gzip', gzipSync],
		['zstd', zstdCompressSync],
	] as const)('may be compressed with %s as a whole, from a file and from a stream', async (ending, compress) => {
		const archive = compress(archiveOf(dockerMembers([{ image: app, tags: ['app:1'] }])));
		expect(await load(fileOf(`app.tar.${ending}`, archive))).toMatchObject([{ id: app.id, newLayers: 2 }]);
		expect(await load(archive)).toMatchObject([{ id: app.id, newLayers: 0, reusedLayers: 2 }]);
		expect(readdirSync(opened.store.paths.ingest)).toEqual([]);
	});

	test('may hold compressed layers and an image without any', async () => {
		const none = makeImage([]);
		const members = dockerMembers([{ image: app }, { image: none, tags: ['none:1'] }]).map((member) =>
			member.name.endsWith('.tar') ? { ...member, body: gzipSync(member.body as Buffer) } : member,
		);
		expect(await load(archiveOf(members))).toMatchObject([{ id: app.id }, { id: none.id, newLayers: 0 }]);
		expect((await images().inspect('none:1')).sizeBytes).toBe(0);
	});
});

describe('an OCI layout', () => {
	test.each(['none', 'gzip', 'zstd'] as const)(
		'gives the same image from %s layers, and keeps its manifest',
		async (packing) => {
			const oci = ociImage(app, packing);
			const named = { ...oci.descriptor, annotations: { 'org.opencontainers.image.ref.name': 'localhost/app:9' } };
			const members = ociMembers([named], oci.members);
			expect(await load(archiveOf(members))).toMatchObject([{ id: app.id, references: ['localhost/app:9'] }]);
			expect(await load(layoutOf('app', members))).toMatchObject([{ id: app.id, reusedLayers: 2 }]);
			const detail = await images().inspect(app.id);
			expect(detail.manifestDigests).toHaveLength(1);
			expect(detail.repositoryDigests).toEqual([`localhost/app@${detail.manifestDigests[0]}`]);
			expect((await images().inspect(`localhost/app@${detail.manifestDigests[0]}`)).id).toBe(app.id);
			// The layer blobs themselves are given back: only the config and the manifest stay.
			expect(readdirSync(opened.store.paths.blobs)).toHaveLength(2);
		},
	);

	test.each([
		['io.containerd.image.name', 'docker.io/library/app:1', 'docker.io/library/app:1'],
		['org.opencontainers.image.ref.name', 'app:2', 'docker.io/library/app:2'],
		['org.opencontainers.image.ref.name', '3.0', 'docker.io/library/vessel:3.0'],
	])('names its image by %s %s', async (annotation, value, reference) => {
		const oci = ociImage(app);
		const members = ociMembers([{ ...oci.descriptor, annotations: { [annotation]: value } }], oci.members);
		expect(await load(layoutOf('Vessel', members))).toMatchObject([{ references: [reference] }]);
	});

	test('has one image for each name, and one image under several names', async () => {
		const first = ociImage(app);
		const second = ociImage(web);
		const named = (descriptor: object, name: string) => ({
			...descriptor,
			annotations: { 'org.opencontainers.image.ref.name': name },
		});
		const members = ociMembers(
			[named(first.descriptor, 'a'), named(first.descriptor, 'b'), named(second.descriptor, 'c')],
			[...first.members, ...second.members],
		);
		expect(await load(layoutOf('vessel', members))).toMatchObject([
			{ id: app.id, references: ['docker.io/library/vessel:a', 'docker.io/library/vessel:b'] },
			{ id: web.id, references: ['docker.io/library/vessel:c'] },
		]);
	});

	test('of several platforms gives this host’s; the others may be missing', async () => {
		const host = { ...hostPlatform(process.arch) };
		const mine = ociImage(app);
		const other = ociImage(web);
		const attestation = { ...other.descriptor, platform: { os: 'unknown', architecture: 'unknown' } };
		const inner = Buffer.from(
			JSON.stringify({
				schemaVersion: 2,
				manifests: [
					{ ...other.descriptor, platform: { os: 'linux', architecture: 'mips' } },
					{ ...mine.descriptor, platform: host },
					attestation,
				],
			}),
		);
		const descriptor = {
			mediaType: 'application/vnd.oci.image.index.v1+json',
			digest: sha256(inner),
			size: inner.length,
			annotations: { 'org.opencontainers.image.ref.name': 'app:multi' },
		};
		const members = ociMembers([descriptor], [blobMember(inner), ...mine.members]);
		expect(await load(archiveOf(members))).toMatchObject([{ id: app.id, references: ['docker.io/library/app:multi'] }]);
	});

	test('without an image for this host says for which it has one', async () => {
		const descriptors = ['mips', 'vax'].map((architecture, index) => ({
			...ociImage(index === 0 ? app : web).descriptor,
			platform: { os: 'linux', architecture },
		}));
		await expect(load(archiveOf(ociMembers(descriptors, [])))).rejects.toThrow('only for linux/mips, linux/vax');
	});
});

describe('loading', () => {
	test('moves a name, and leaves the image that had it dangling', async () => {
		await load(archiveOf(dockerMembers([{ image: app, tags: ['app:1'] }])));
		await load(archiveOf(dockerMembers([{ image: web, tags: ['app:1'] }])));
		expect((await images().inspect('app:1')).id).toBe(web.id);
		expect((await images().inspect(app.id)).references).toEqual([]);
	});

	test('brings a hidden image back into sight', async () => {
		await load(archiveOf(dockerMembers([{ image: app, tags: ['app:1'] }])));
		opened.store.database.write(() => opened.store.database.run('UPDATE image SET hidden = 1'));
		await images().tag(app.id, 'docker.io/library/app:2' as ReferenceText);
		expect((await images().inspect(app.id)).hidden).toBe(false);
	});

	test('reports what it does, and stops when it is told to', async () => {
		const archive = archiveOf(dockerMembers([{ image: app }]));
		const abort = new AbortController();
		const items = new Set<string>();
		const source = fileOf('app.tar', archive);
		const loading = images().load(source, {
			signal: abort.signal,
			onProgress: ({ item, doneBytes, totalBytes }) => {
				items.add(item);
				expect(doneBytes).toBeLessThanOrEqual(totalBytes ?? 0);
				if (items.size === 2) abort.abort(new Error('enough'));
			},
		});
		await expect(loading).rejects.toThrow('enough');
		expect([...items]).toEqual(app.diffIds.map((diffId) => diffId.slice(7, 19)));
		expect(opened.store.database.all('SELECT * FROM layer')).toEqual([]);
		expect(readdirSync(opened.store.paths.layers)).toEqual([]);
		expect(readdirSync(opened.store.paths.ingest)).toEqual([]);
	});

	test('from a stream that stalls stops when it is told to', async () => {
		const abort = new AbortController();
		async function* stalling() {
			yield archiveOf(dockerMembers([{ image: app }])).subarray(0, 2000);
			setTimeout(() => abort.abort(new Error('enough')), 10);
			await new Promise(() => {});
		}
		const source: ImageSource = { type: 'stream', stream: stalling(), label: 'standard input' };
		await expect(images().load(source, { signal: abort.signal })).rejects.toThrow('enough');
		expect(readdirSync(opened.store.paths.ingest)).toEqual([]);
	});

	test('the same archive three times at once stores it once', async () => {
		const source = fileOf('app.tar', archiveOf(dockerMembers([{ image: app, tags: ['app:1'] }])));
		await Promise.all([load(source), load(source), load(source)]);
		expect(readdirSync(opened.store.paths.layers)).toHaveLength(2);
		expect(readdirSync(opened.store.paths.blobs)).toHaveLength(1);
		expect(await images().list()).toHaveLength(1);
	});
});
