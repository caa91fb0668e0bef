import { describe, expect, test } from 'vitest';
import { EngineError } from '../../../src/engine/errors.ts';
import type { DiffId } from '../../../src/engine/model.ts';
import { deriveConfig } from '../../../src/engine/oci/derive-config.ts';
import { layerSteps, parseConfig } from '../../../src/engine/oci/image-config.ts';
import { configFromRun, emptyRun, runFromConfig } from '../../../src/engine/oci/run-config.ts';

const diffIds = ['1', '2'].map((character) => `sha256:${character.repeat(64)}` as DiffId);
const document = {
	architecture: 'amd64',
	os: 'linux',
	created: '2024-05-01T10:00:00.123456789Z',
	author: 'Somebody',
	config: {
		Env: ['PATH=/bin'],
		Cmd: ['sh'],
		Labels: { a: 'b' },
		Volumes: { '/z': {}, '/a': {} },
		Healthcheck: { Test: [] },
	},
	rootfs: { type: 'layers', diff_ids: diffIds },
	history: [
		{ created: '1970-01-01T00:00:00Z', created_by: 'ADD file' },
		{ created_by: 'CMD ["sh"]', empty_layer: true },
		{ created_by: 'RUN x', comment: 'c' },
	],
};
const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

test('a config is read with all that a container and a person need', () => {
	const config = parseConfig(bytes(document), 'x');
	expect(config.platform).toEqual({ os: 'linux', architecture: 'amd64' });
	expect(config.createdAt).toBe(Date.UTC(2024, 4, 1, 10, 0, 0, 123));
	expect(config.author).toBe('Somebody');
	expect(config.run.volumes).toEqual(['/a', '/z']);
	expect(config.history[0]?.createdAt).toBeUndefined();
	expect(layerSteps(config)).toEqual(['ADD file', 'RUN x']);
});

describe('dates that mean nothing are no dates', () => {
	test.each([[undefined], [null], ['1970-01-01T00:00:00Z'], ['0001-01-01T00:00:00Z'], ['soon'], [5]])(
		'%j',
		(created) => {
			expect(parseConfig(bytes({ ...document, created }), 'x').createdAt).toBeUndefined();
		},
	);
});

test('what Docker’s older versions wrote is understood: null, a bare string, nothing', () => {
	const source = { what: 'the config', where: 'x' };
	const old = { Env: null, Cmd: 'ls', Entrypoint: null, Labels: null, Volumes: null, ExposedPorts: null, User: null };
	expect(runFromConfig(old, source)).toEqual({ ...emptyRun, command: ['ls'] });
	expect(runFromConfig(null, source)).toEqual(emptyRun);
});

describe('a config that is not one is refused', () => {
	test.each([
		['no root filesystem', { ...document, rootfs: undefined }],
		['another kind of root filesystem', { ...document, rootfs: { type: 'disk', diff_ids: [] } }],
		['a diffID that is none', { ...document, rootfs: { type: 'layers', diff_ids: ['sha256:1'] } }],
		['an environment of numbers', { ...document, config: { Env: [1] } }],
		['labels of lists', { ...document, config: { Labels: { a: [] } } }],
		['a history of texts', { ...document, history: ['x'] }],
		['too many layers', { ...document, rootfs: { type: 'layers', diff_ids: Array(501).fill(diffIds[0]) } }],
	])('%s', (_, broken) => {
		expect(() => parseConfig(bytes(broken), 'x')).toThrow(EngineError);
	});
});

test('a run config survives being written and read', () => {
	const { run } = parseConfig(bytes(document), 'x');
	expect(runFromConfig(configFromRun(run), { what: 'the config', where: 'x' })).toEqual(run);
});

test('a label called __proto__ stays a label', () => {
	const config = parseConfig(
		new TextEncoder().encode(JSON.stringify(document).replace('"a":"b"', '"__proto__":"b"')),
		'x',
	);
	expect(Object.entries(config.run.labels)).toEqual([['__proto__', 'b']]);
});

test('a derived config is its base with one layer and one step more, and keeps what it does not know', () => {
	const base = bytes({ ...document, container_config: { Cmd: ['old'] }, 'com.example.unknown': 1 });
	const derived = deriveConfig({
		base,
		platform: { os: 'linux', architecture: 'arm64' },
		run: { ...parseConfig(base, 'x').run, command: ['new'] },
		diffId: `sha256:${'3'.repeat(64)}` as DiffId,
		createdAt: Date.UTC(2025, 0, 1),
		createdBy: 'sh -c true',
		author: '',
		comment: 'why',
	});
	const read = JSON.parse(new TextDecoder().decode(derived));
	expect(read).toMatchObject({
		architecture: 'amd64',
		author: 'Somebody',
		comment: 'why',
		'com.example.unknown': 1,
		config: { Cmd: ['new'], Env: ['PATH=/bin'], Healthcheck: { Test: [] } },
	});
	expect(read.container_config).toBeUndefined();
	expect(read.rootfs.diff_ids).toHaveLength(3);
	expect(read.history.at(-1)).toEqual({
		created: '2025-01-01T00:00:00.000Z',
		created_by: 'sh -c true',
		comment: 'why',
	});
});
