import { describe, expect, test } from 'vitest';
import { isEngineError } from '../../../src/engine/errors.ts';
import { checkLayoutVersion, parseIndex, parseManifest } from '../../../src/engine/oci/documents.ts';
import {
	dockerConfig,
	dockerManifest,
	ociConfig,
	ociIndex,
	ociLayer,
	ociManifest,
} from '../../../src/engine/oci/media-types.ts';
import { successors } from '../../../src/engine/oci/successors.ts';

const digest = (character: string) => `sha256:${character.repeat(64)}`;
const config = { mediaType: ociConfig, digest: digest('a'), size: 10 };
const layer = { mediaType: `${ociLayer}+gzip`, digest: digest('b'), size: 20 };
const manifest = { schemaVersion: 2, config, layers: [layer] };

function bytes(value: unknown): Uint8Array {
	return new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
}

function codeOf(act: () => unknown): string {
	try {
		act();
	} catch (error) {
		if (isEngineError(error)) return `${error.code}: ${error.message}`;
		throw error;
	}
	return 'nothing was thrown';
}

test('a manifest is read with its config and layers in order', () => {
	const read = parseManifest(
		bytes({ ...manifest, layers: [layer, { ...layer, digest: digest('c') }] }),
		ociManifest,
		'x',
	);
	expect(successors(read).map((descriptor) => descriptor.digest)).toEqual([digest('a'), digest('b'), digest('c')]);
});

test('Docker’s own manifest is read the same way', () => {
	const document = {
		schemaVersion: 2,
		mediaType: dockerManifest,
		config: { ...config, mediaType: dockerConfig },
		layers: [{ ...layer, mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip' }],
	};
	expect(parseManifest(bytes(document), dockerManifest, 'x').layers).toHaveLength(1);
});

test('an index keeps platforms and annotations', () => {
	const entry = {
		mediaType: ociManifest,
		digest: digest('d'),
		size: 5,
		platform: { os: 'linux', architecture: 'arm', variant: 'v6', 'os.version': 'x' },
		annotations: { 'org.opencontainers.image.ref.name': '1.0' },
	};
	expect(parseIndex(bytes({ schemaVersion: 2, manifests: [entry] }), ociIndex, 'x').manifests).toEqual([
		{ ...entry, platform: { os: 'linux', architecture: 'arm', variant: 'v6' } },
	]);
});

describe('a manifest that is not one is refused with the reason', () => {
	test.each([
		['not JSON', '{', 'corrupt', 'not valid JSON'],
		['not UTF-8', new Uint8Array([0x22, 0xff, 0x22]), 'corrupt', 'not valid JSON'],
		['a list', '[]', 'corrupt', 'not a JSON object'],
		['nested without end', '['.repeat(100_000), 'limit-exceeded', 'deeper than 64'],
		['the first schema', { ...manifest, schemaVersion: 1 }, 'unsupported', 'schema version 1'],
		['no schema', { config, layers: [] }, 'unsupported', 'schema version'],
		['two documents in one', { ...manifest, manifests: [] }, 'corrupt', 'at once'],
		['another type than announced', { ...manifest, mediaType: dockerManifest }, 'corrupt', 'calls itself'],
		['no config', { schemaVersion: 2, layers: [] }, 'corrupt', '"config"'],
		[
			'an artifact',
			{ ...manifest, config: { ...config, mediaType: 'application/vnd.oci.empty.v1+json' } },
			'unsupported-media-type',
			'vnd.oci.empty',
		],
		[
			'a layer that is something else',
			{ ...manifest, layers: [{ ...layer, mediaType: 'application/vnd.cncf.helm.chart.content.v1.tar+gzip' }] },
			'unsupported-media-type',
			'Layer 1',
		],
		['a digest of another algorithm', { ...manifest, config: { ...config, digest: 'md5:00' } }, 'corrupt', 'sha256'],
		['a digest with a path', { ...manifest, config: { ...config, digest: 'sha256:../../etc' } }, 'corrupt', 'sha256'],
		['a negative size', { ...manifest, layers: [{ ...layer, size: -1 }] }, 'corrupt', 'size'],
		['a size beyond numbers', { ...manifest, layers: [{ ...layer, size: 1e300 }] }, 'corrupt', 'size'],
		['a size in words', { ...manifest, layers: [{ ...layer, size: '20' }] }, 'corrupt', 'size'],
		['more layers than a mount takes', { ...manifest, layers: Array(501).fill(layer) }, 'limit-exceeded', '501'],
		['layers that are no list', { ...manifest, layers: {} }, 'corrupt', '"layers"'],
	])('%s', (_, document, code, words) => {
		const read = () =>
			parseManifest(document instanceof Uint8Array ? document : bytes(document), ociManifest, 'sha256:x');
		expect(codeOf(read)).toContain(`${code}: `);
		expect(codeOf(read)).toContain(words);
	});
});

test('an index that has layers too is refused', () => {
	expect(codeOf(() => parseIndex(bytes({ ...manifest, manifests: [] }), ociIndex, 'x'))).toContain('at once');
});

test('an error never carries control characters out of a document', () => {
	const hostile = { ...manifest, config: { ...config, mediaType: 'a\u001b]0;owned\u0007' } };
	expect(codeOf(() => parseManifest(bytes(hostile), ociManifest, 'x'))).not.toMatch(/[\u0000-\u001f]/);
});

test('a layout of another version is refused', () => {
	checkLayoutVersion(bytes({ imageLayoutVersion: '1.0.0' }), 'oci-layout');
	expect(codeOf(() => checkLayoutVersion(bytes({ imageLayoutVersion: '2.0.0' }), 'oci-layout'))).toContain('2.0.0');
});
