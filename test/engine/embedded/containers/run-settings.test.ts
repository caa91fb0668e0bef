import { expect, test } from 'vitest';
import { mergeEnvironment, mergeSettings } from '../../../../src/engine/embedded/containers/run-settings.ts';
import { isEngineError } from '../../../../src/engine/errors.ts';
import type { RunConfig } from '../../../../src/engine/model.ts';
import { emptyRun } from '../../../../src/engine/oci/run-config.ts';
import type { ContainerRequest } from '../../../../src/engine/port-containers.ts';
import { request } from '../../../support/container-world.ts';

const image: RunConfig = {
	...emptyRun,
	environment: ['PATH=/bin', 'A=1'],
	entrypoint: ['/entry'],
	command: ['default'],
	workingDirectory: '/srv',
	user: 'sailor',
	volumes: ['/data', '/log/'],
	stopSignal: 'SIGINT',
	labels: { from: 'image', kept: 'yes' },
};

function merge(part: Partial<ContainerRequest>, from: RunConfig = image) {
	let invented = 0;
	return mergeSettings(from, request(part), {
		id: '0123456789abcdef'.repeat(4),
		hostHostname: 'ship',
		inventVolumeName: () => `anonymous${++invented}`,
	});
}

const commands: readonly {
	readonly what: string;
	readonly part: Partial<ContainerRequest>;
	readonly runs: readonly string[];
}[] = [
	{ what: 'nothing', part: {}, runs: ['/entry', 'default'] },
	{ what: 'a command', part: { command: ['own', 'words'] }, runs: ['/entry', 'own', 'words'] },
	{ what: 'an entrypoint', part: { entrypoint: ['/other'] }, runs: ['/other'] },
	{ what: 'both', part: { entrypoint: ['/other'], command: ['own'] }, runs: ['/other', 'own'] },
	{ what: 'an empty entrypoint and a command', part: { entrypoint: [''], command: ['own'] }, runs: ['own'] },
];

test.each(commands)('given $what, it runs $runs', ({ part, runs }) => {
	const { run } = merge(part);
	expect([...run.entrypoint, ...run.command]).toEqual(runs);
});

test('what the request leaves open is as the image says', () => {
	expect(merge({}).run).toMatchObject({
		workingDirectory: '/srv',
		user: 'sailor',
		stopSignal: 'SIGINT',
		labels: image.labels,
	});
	const own = merge({ workingDirectory: '/a/../b/', user: '0', stopSignal: 'TERM', labels: { from: 'me' } }).run;
	expect(own).toMatchObject({
		workingDirectory: '/b/',
		user: '0',
		stopSignal: 'TERM',
		labels: { from: 'me', kept: 'yes' },
	});
});

test('variables replace the image’s in place, and one without a value takes it away', () => {
	expect(mergeEnvironment(['A=1', 'B=2'], ['B=3', 'C=x=y', 'A'])).toEqual(['B=3', 'C=x=y']);
	expect(mergeEnvironment(['A=1'], ['A='])).toEqual(['A=']);
});

test('the host name is the id’s beginning, or the host’s own on its network, or what was asked for', () => {
	expect(merge({}).hostname).toBe('0123456789ab');
	expect(merge({ network: 'host' }).hostname).toBe('ship');
	expect(merge({ hostname: 'flagship', network: 'host' }).hostname).toBe('flagship');
});

test('an image’s volumes become anonymous ones, unless something is mounted there', () => {
	expect(merge({}).mounts).toEqual([
		{ type: 'volume', source: 'anonymous1', target: '/data', readOnly: false },
		{ type: 'volume', source: 'anonymous2', target: '/log', readOnly: false },
	]);
	const mounts = [
		{ type: 'bind', source: '/host', target: '/data/', readOnly: true },
		{ type: 'volume', source: '', target: '/own', readOnly: false },
		{ type: 'volume', source: 'named', target: '/log', readOnly: false },
	] as const;
	expect(merge({ mounts }).mounts).toEqual([
		{ type: 'bind', source: '/host', target: '/data', readOnly: true },
		{ type: 'volume', source: 'anonymous1', target: '/own', readOnly: false },
		{ type: 'volume', source: 'named', target: '/log', readOnly: false },
	]);
});

const unlimited = { memoryBytes: undefined, cpus: undefined, pidsLimit: undefined };

test('limits of zero processes mean no limit, as for Docker', () => {
	expect(merge({ limits: { ...unlimited, pidsLimit: -1 } }).limits).toEqual(unlimited);
	expect(merge({ limits: { memoryBytes: 8_000_000.5, cpus: 0.5, pidsLimit: 5 } }).limits).toEqual({
		memoryBytes: 8_000_000,
		cpus: 0.5,
		pidsLimit: 5,
	});
});

const mount = { type: 'bind', source: '/host', target: '/m', readOnly: false } as const;
const refused: readonly {
	readonly what: string;
	readonly part: Partial<ContainerRequest>;
	readonly from?: RunConfig;
}[] = [
	{ what: 'nothing to run', part: {}, from: emptyRun },
	{ what: 'an empty entrypoint and no command', part: { entrypoint: [''] } },
	{ what: 'a relative working directory', part: { workingDirectory: 'srv' } },
	{ what: 'a NUL in an argument', part: { command: ['a\0b'] } },
	{ what: 'a variable without a name', part: { environment: ['=x'] } },
	{ what: 'an unknown signal', part: { stopSignal: 'SIGNOTHING' } },
	{ what: 'a host name with a newline', part: { hostname: 'a\nb' } },
	{ what: 'a relative mount point', part: { mounts: [{ ...mount, target: 'm' }] } },
	{ what: 'a mount over the root', part: { mounts: [{ ...mount, target: '/a/..' }] } },
	{ what: 'a mount point given twice', part: { mounts: [mount, { ...mount, target: '/m/' }] } },
	{ what: 'a relative mount source', part: { mounts: [{ ...mount, source: './host' }] } },
	{ what: 'a volume name that is a path', part: { mounts: [{ ...mount, type: 'volume', source: '../../etc' }] } },
	{ what: 'too little memory', part: { limits: { ...unlimited, memoryBytes: 4096 } } },
	{ what: 'memory that is no number', part: { limits: { ...unlimited, memoryBytes: Number.NaN } } },
	{ what: 'no CPU at all', part: { limits: { ...unlimited, cpus: 0 } } },
	{ what: 'more CPUs than there are', part: { limits: { ...unlimited, cpus: 100_000 } } },
];

test.each(refused)('$what is refused', ({ part, from }) => {
	expect(() => merge(part, from)).toThrow(
		expect.toSatisfy((error: unknown) => isEngineError(error, 'invalid-argument')),
	);
});
