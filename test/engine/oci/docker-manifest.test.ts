import { describe, expect, test } from 'vitest';
import { parseDockerManifest } from '../../../src/engine/oci/docker-manifest.ts';

const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

test('an image without tags, and one with several, are read', () => {
	const images = parseDockerManifest(
		bytes([
			{ Config: 'a.json', RepoTags: null, Layers: null },
			{ Config: 'b.json', RepoTags: ['app:1', 'localhost:5000/app:1'], Layers: ['x/layer.tar', 'y/layer.tar'] },
		]),
		'manifest.json',
	);
	expect(images.map(({ references, layers }) => [references, layers.length])).toEqual([
		[[], 0],
		[['docker.io/library/app:1', 'localhost:5000/app:1'], 2],
	]);
});

describe('what is not the list of images that it must be is refused', () => {
	test.each([
		['an object', {}, 'not a list'],
		['an image that is a text', ['x'], 'JSON object'],
		['no config', [{ Layers: [] }], 'no config'],
		['a config that is a list', [{ Config: [], Layers: [] }], '"Config"'],
		['a layer that is a number', [{ Config: 'a', Layers: [1] }], '"Layers"'],
		['a tag that is none', [{ Config: 'a', Layers: [], RepoTags: ['../UP:1'] }], 'name that is none'],
		['a layer source for no digest', [{ Config: 'a', Layers: [], LayerSources: { x: {} } }], 'sha256'],
	])('%s', (_, document, words) => {
		expect(() => parseDockerManifest(bytes(document), 'manifest.json')).toThrow(words);
	});
});
