import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createImages } from '../../../../src/engine/embedded/images/images.ts';
import { unlinkTree } from '../../../../src/engine/embedded/layers/unlink-tree.ts';
import { type EngineErrorCode, isEngineError } from '../../../../src/engine/errors.ts';
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
import { tarOf, temporaryStore } from '../../../support/store.ts';

let opened: ReturnType<typeof temporaryStore>;
let directory: string;

beforeEach(() => {
	opened = temporaryStore();
	directory = mkdtempSync(join(tmpdir(), 'tonnage-bad-'));
});

afterEach(() => {
	opened.remove();
	unlinkTree(directory);
});

const good = makeImage([{ 'bin/sh': '#!\n' }, { 'srv/app': 'app\n' }]);
const goodMembers = dockerMembers([{ image: good, tags: ['app:1'] }]);
const oci = ociImage(good);
const manifestType = 'application/vnd.oci.image.manifest.v1+json';

/** Loads what must not load: one clear error of that code with those words, and nothing is left of it. */
async function expectRefused(source: ImageSource | Buffer, code: EngineErrorCode, words: string): Promise<void> {
	const images = createImages(opened.store);
	const given: ImageSource = Buffer.isBuffer(source) ? { type: 'path', path: writeArchive(source) } : source;
	const error: unknown = await images.load(given, {}).then(
		() => 'it was loaded',
		(thrown: unknown) => thrown,
	);
	if (!isEngineError(error)) throw error instanceof Error ? error : new Error(String(error));
	expect(`${error.code}: ${error.message}`).toContain(`${code}: `);
	expect(error.message).toContain(words);
	expect(error.message).not.toMatch(/[\u0000-\u001f]/);
	expectNothingLeft();
}

function expectNothingLeft(): void {
	const { paths, database } = opened.store;
	for (const table of ['image', 'tag', 'layer', 'blob', 'image_manifest', 'lease', 'lease_hold']) {
		expect(database.all(`SELECT * FROM ${table}`), table).toEqual([]);
	}
	for (const place of [paths.ingest, paths.layers, paths.blobs, paths.trash, paths.leases]) {
		expect(readdirSync(place), place).toEqual([]);
	}
}

function writeArchive(bytes: Uint8Array): string {
	const path = join(directory, 'bad.tar');
	writeFileSync(path, bytes);
	return path;
}

/** A docker-archive whose manifest says something else. */
function withManifest(manifest: unknown, more: readonly Member[] = []): Buffer {
	const body = typeof manifest === 'string' ? manifest : JSON.stringify(manifest);
	return archiveOf([
		...goodMembers.filter(({ name }) => name !== 'manifest.json'),
		...more,
		{ name: 'manifest.json', body },
	]);
}

const configName = `${good.id.slice(7)}.json`;
const layerNames = good.diffIds.map((diffId) => `${diffId.slice(7)}.tar`);

/** An OCI archive around one manifest document. */
function withOciManifest(manifest: unknown, more: readonly Member[] = oci.members, mediaType = manifestType): Buffer {
	const body = Buffer.from(JSON.stringify(manifest));
	const descriptor = { mediaType, digest: sha256(body), size: body.length };
	return archiveOf(ociMembers([descriptor], [...more, blobMember(body)]));
}

const ociManifest = JSON.parse(String(oci.members[1]?.body)) as {
	config: { mediaType: string; digest: string; size: number };
	layers: { mediaType: string; digest: string; size: number }[];
};

describe('an archive that is none', () => {
	test.each([
		['empty', Buffer.alloc(0), 'corrupt', ''],
		['noise', Buffer.from('no tar at all '.repeat(100)), 'corrupt', ''],
		['two zero blocks', Buffer.alloc(1024), 'corrupt', 'neither a manifest.json nor an oci-layout'],
		['a root filesystem', tarOf({ 'etc/passwd': 'root' }), 'corrupt', 'neither a manifest.json nor an oci-layout'],
		['too old', tarOf({ repositories: '{}' }), 'corrupt', 'before 1.10'],
		['without images', withManifest([]), 'corrupt', 'no image'],
		['gzip that breaks off', gzipSync(archiveOf(goodMembers)).subarray(0, 300), 'corrupt', ''],
		['zstd that breaks off', zstdCompressSync(archiveOf(goodMembers)).subarray(0, 300), 'corrupt', ''],
		['xz', Buffer.from('fd377a585a000004e6d6b446', 'hex'), 'unsupported', 'xz'],
	] as const)('%s', async (_, bytes, code, words) => {
		await expectRefused(bytes, code, words);
	});

	test.each([0.2, 0.5, 0.8, 0.97])('cut short at %d of its length', async (part) => {
		const archive = archiveOf(goodMembers);
		await expectRefused(archive.subarray(0, Math.floor(archive.length * part)), 'corrupt', '');
	});

	test('a file that is not there', async () => {
		await expectRefused({ type: 'path', path: join(directory, 'none.tar') }, 'not-found', 'none.tar');
	});

	test('a directory that is no layout', async () => {
		await expectRefused({ type: 'path', path: directory }, 'corrupt', 'not an OCI image layout');
	});

	test('a stream that ends with an error', async () => {
		async function* stream() {
			yield archiveOf(goodMembers).subarray(0, 1000);
			throw new Error('the pipe broke');
		}
		const images = createImages(opened.store);
		await expect(images.load({ type: 'stream', stream: stream(), label: 'standard input' }, {})).rejects.toThrow(
			'the pipe broke',
		);
		expectNothingLeft();
	});
});

describe('a docker-archive that does not hold what it says', () => {
	test.each([
		['a manifest that is not JSON', withManifest('[{'), 'corrupt', 'not valid JSON'],
		['a manifest that nests without end', withManifest('['.repeat(50_000)), 'limit-exceeded', 'deeper'],
		['a huge manifest', withManifest(`[${' '.repeat(5 * 1024 * 1024)}]`), 'limit-exceeded', '4,194,304'],
		['a missing config', withManifest([{ Config: 'x.json', Layers: layerNames }]), 'corrupt', 'x.json is missing'],
		[
			'a missing layer',
			withManifest([{ Config: configName, Layers: [layerNames[0], 'x.tar'] }]),
			'corrupt',
			'layer 2 (x.tar) is missing',
		],
		[
			'too few layers',
			withManifest([{ Config: configName, Layers: [layerNames[0]] }]),
			'corrupt',
			'names 2 layers, but it comes with 1',
		],
		[
			'layers in the wrong order',
			withManifest([{ Config: configName, Layers: layerNames.toReversed() }]),
			'digest-mismatch',
			good.diffIds[0] ?? '',
		],
		[
			'a config that is not what its name says',
			withManifest(
				[{ Config: `${'0'.repeat(64)}.json`, Layers: layerNames }],
				[{ name: `${'0'.repeat(64)}.json`, body: good.config }],
			),
			'digest-mismatch',
			good.id,
		],
		[
			'a blob that is not what its name says',
			withManifest(
				[{ Config: configName, Layers: [layerNames[0], `blobs/sha256/${'0'.repeat(64)}`] }],
				[{ name: `blobs/sha256/${'0'.repeat(64)}`, body: good.layers[1] ?? '' }],
			),
			'digest-mismatch',
			'0'.repeat(64),
		],
		[
			'a config without a root filesystem',
			withManifest([{ Config: 'c', Layers: [] }], [{ name: 'c', body: '{}' }]),
			'corrupt',
			'rootfs',
		],
		[
			'a huge config',
			withManifest([{ Config: 'c', Layers: [] }], [{ name: 'c', body: ' '.repeat(9 * 1024 * 1024) }]),
			'limit-exceeded',
			'8,388,608',
		],
		['a name with a control character', withManifest([{ Config: 'x\u001b[2J', Layers: [] }]), 'corrupt', 'is missing'],
		[
			'a tag that is none',
			withManifest([{ Config: configName, RepoTags: ['A:1'], Layers: layerNames }]),
			'corrupt',
			'lowercase',
		],
	] as const)('%s', async (_, bytes, code, words) => {
		await expectRefused(bytes, code, words);
	});

	test('an image that fails leaves those before it', async () => {
		const other = makeImage([{ 'bin/sh': '#!\n' }, { x: 'y' }]);
		const manifest = [
			{ Config: configName, RepoTags: ['app:1'], Layers: layerNames },
			{ Config: 'other.json', RepoTags: ['app:2'], Layers: [layerNames[0], layerNames[1]] },
		];
		const path = writeArchive(withManifest(manifest, [{ name: 'other.json', body: other.config }]));
		const images = createImages(opened.store);
		await expect(images.load({ type: 'path', path }, {})).rejects.toThrow(other.diffIds[1]);
		expect((await images.list()).map(({ id, references }) => [id, references])).toEqual([
			[good.id, ['docker.io/library/app:1']],
		]);
		expect(readdirSync(opened.store.paths.layers)).toHaveLength(2);
		expect(readdirSync(opened.store.paths.ingest)).toEqual([]);
	});
});

describe('an archive that reaches for the host’s files gets none of them', () => {
	test.each([
		[
			'a layer above the archive',
			withManifest([{ Config: configName, Layers: [layerNames[0], '../../etc/passwd'] }]),
			'unsafe',
			'leads out of the archive',
		],
		[
			'an absolute layer',
			withManifest([{ Config: configName, Layers: [layerNames[0], '/etc/passwd'] }]),
			'corrupt',
			'missing',
		],
		[
			'a config above the archive',
			withManifest([{ Config: '../../../etc/passwd', Layers: [] }]),
			'unsafe',
			'leads out',
		],
		[
			'a layer that is a link to a file of the host',
			withManifest([{ Config: configName, Layers: [layerNames[0], 'l'] }], [{ name: 'l', symlink: '/etc/passwd' }]),
			'corrupt',
			'missing',
		],
		[
			'a link that climbs',
			withManifest([{ Config: configName, Layers: [layerNames[0], 'a/l'] }], [{ name: 'a/l', symlink: '../../x' }]),
			'unsafe',
			'leads out',
		],
		[
			'links in a circle',
			withManifest(
				[{ Config: configName, Layers: [layerNames[0], 'a'] }],
				[
					{ name: 'a', symlink: 'b' },
					{ name: 'b', hardlink: 'a' },
				],
			),
			'unsafe',
			'leads to itself',
		],
		[
			'a manifest that is a link to itself',
			archiveOf([{ name: 'manifest.json', symlink: 'manifest.json' }]),
			'unsafe',
			'leads to itself',
		],
	] as const)('%s', async (_, bytes, code, words) => {
		await expectRefused(bytes, code, words);
	});

	test.each([
		['index.json', (path: string) => symlinkSync('/etc/passwd', path), 'symbolic link'],
		['oci-layout', (path: string) => execFileSync('mkfifo', [path]), 'not a regular file'],
		['index.json', (path: string) => mkdirSync(path), 'not a regular file'],
	])('a layout directory whose %s is something else', async (name, make, words) => {
		for (const member of ociMembers([oci.descriptor], oci.members)) {
			mkdirSync(dirname(join(directory, member.name)), { recursive: true });
			if (member.name !== name) writeFileSync(join(directory, member.name), member.body ?? '');
		}
		make(join(directory, name));
		await expectRefused({ type: 'path', path: directory }, 'unsafe', words);
	});

	test('a layout directory whose blobs lie behind a link', async () => {
		symlinkSync('/etc', join(directory, 'blobs'));
		await expectRefused({ type: 'path', path: directory }, 'corrupt', 'blobs is not a directory');
	});
});

describe('an OCI layout that does not hold what it says', () => {
	const [config] = oci.members;
	test.each([
		[
			'an index that is missing',
			archiveOf([{ name: 'oci-layout', body: '{"imageLayoutVersion":"1.0.0"}' }]),
			'corrupt',
			'index.json is missing',
		],
		[
			'a layout of another version',
			archiveOf([{ name: 'oci-layout', body: '{"imageLayoutVersion":"3"}' }]),
			'unsupported',
			'"3"',
		],
		['a manifest that is missing', archiveOf(ociMembers([oci.descriptor], [])), 'corrupt', 'is missing'],
		['an empty index', archiveOf(ociMembers([], [])), 'corrupt', 'no image'],
		[
			'a descriptor of something else',
			withOciManifest(ociManifest, oci.members, 'application/vnd.docker.distribution.manifest.v1+prettyjws'),
			'unsupported-media-type',
			'v1+prettyjws',
		],
		[
			'an artifact',
			withOciManifest({
				schemaVersion: 2,
				config: { ...ociManifest.config, mediaType: 'application/vnd.oci.empty.v1+json' },
				layers: [],
			}),
			'unsupported-media-type',
			'empty',
		],
		[
			'a layer of an unknown type',
			withOciManifest({
				schemaVersion: 2,
				...ociManifest,
				layers: ociManifest.layers.map((layer) => ({ ...layer, mediaType: 'application/x-lz4' })),
			}),
			'unsupported-media-type',
			'lz4',
		],
		[
			'a layer that says zstd and is gzip',
			withOciManifest({
				schemaVersion: 2,
				...ociManifest,
				layers: ociManifest.layers.map((layer) => ({ ...layer, mediaType: layer.mediaType.replace('gzip', 'zstd') })),
			}),
			'corrupt',
			'but its bytes are gzip',
		],
		[
			'a layer of another size',
			withOciManifest({
				schemaVersion: 2,
				...ociManifest,
				layers: ociManifest.layers.map((layer) => ({ ...layer, size: 5 })),
			}),
			'size-mismatch',
			'should have 5 bytes',
		],
		[
			'a config of another size',
			withOciManifest({ schemaVersion: 2, ...ociManifest, config: { ...ociManifest.config, size: 1 } }),
			'size-mismatch',
			'config',
		],
		[
			'a foreign layer without bytes',
			withOciManifest({
				schemaVersion: 2,
				...ociManifest,
				layers: [
					ociManifest.layers[0],
					{
						mediaType: 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
						digest: sha256(Buffer.from('x')),
						size: 1,
					},
				],
			}),
			'corrupt',
			'layer 2',
		],
		[
			'fewer layers than diffIDs',
			withOciManifest({ schemaVersion: 2, ...ociManifest, layers: [] }),
			'corrupt',
			'names 2 layers',
		],
		[
			'a manifest and an index in one',
			withOciManifest({ schemaVersion: 2, ...ociManifest, manifests: [] }),
			'corrupt',
			'at once',
		],
		[
			'a config that is another',
			archiveOf(
				ociMembers(
					[oci.descriptor],
					[
						...oci.members.slice(1),
						{ name: config?.name ?? '', body: good.config.toString().replace('linux', 'LINUX') },
					],
				),
			),
			'digest-mismatch',
			'config',
		],
	] as const)('%s', async (_, bytes, code, words) => {
		await expectRefused(bytes, code, words);
	});

	test('a layer blob that has the right size and other bytes', async () => {
		const swapped = oci.members.map(({ name, body }, index) => {
			const bytes = Buffer.from(body as Uint8Array);
			// Within the gzip header: the operating system that packed it, which changes nothing but the digest.
			if (index === 2) bytes[9] = (bytes[9] ?? 0) ^ 1;
			return { name, body: bytes };
		});
		await expectRefused(archiveOf(ociMembers([oci.descriptor], swapped)), 'digest-mismatch', 'Layer 1');
	});

	test('indexes within indexes', async () => {
		let inner: { descriptor: object; members: readonly Member[] } = oci;
		for (let depth = 0; depth < 10; depth++) {
			const body = Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [inner.descriptor] }));
			inner = {
				descriptor: { mediaType: 'application/vnd.oci.image.index.v1+json', digest: sha256(body), size: body.length },
				members: [...inner.members, blobMember(body)],
			};
		}
		await expectRefused(
			archiveOf(ociMembers([inner.descriptor], inner.members)),
			'limit-exceeded',
			'indexes within indexes',
		);
	});
});

test('a layer that climbs out of its directory is refused, and the layers below it go too', async () => {
	const honest = tarOf({ 'bin/sh': '#!\n' });
	const climbing = archiveOf([{ name: '../../escaped', body: 'x' }]);
	const config = Buffer.from(
		JSON.stringify({
			os: 'linux',
			architecture: 'amd64',
			rootfs: { type: 'layers', diff_ids: [honest, climbing].map(sha256) },
		}),
	);
	const archive = archiveOf([
		{ name: 'a.tar', body: honest },
		{ name: 'b.tar', body: climbing },
		{ name: 'c.json', body: config },
		{ name: 'manifest.json', body: JSON.stringify([{ Config: 'c.json', Layers: ['a.tar', 'b.tar'] }]) },
	]);
	await expectRefused(archive, 'unsafe', 'escaped');
});
