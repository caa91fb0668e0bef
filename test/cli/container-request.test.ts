import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { mountFrom } from '../../src/cli/container-request.ts';
import { createMemoryEngine } from '../../src/engine/memory/open.ts';
import type { Engine } from '../../src/engine/port.ts';
import type { ContainerRequest } from '../../src/engine/port-containers.ts';
import { cliOn } from '../support/cli.ts';

const directory = mkdtempSync(join(tmpdir(), 'tonnage-request-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** What reaches the engine for a command line. */
async function requestFor(...words: string[]): Promise<ContainerRequest> {
	let received: ContainerRequest | undefined;
	const memory = createMemoryEngine();
	const engine: Engine = {
		...memory,
		containers: {
			...memory.containers,
			create: async (request) => {
				received = request;
				return 'f'.repeat(64) as Awaited<ReturnType<Engine['containers']['create']>>;
			},
		},
	};
	const cli = cliOn(engine, { environment: { OWN: 'mine' }, workingDirectory: directory });
	const { stderr } = await cli(['create', ...words]);
	if (received === undefined) throw new Error(`nothing was created: ${stderr}`);
	return received;
}

describe('what a command line asks for', () => {
	test('is as the image says where nothing is given', async () => {
		expect(await requestFor('app:1')).toEqual({
			image: 'app:1',
			name: undefined,
			command: undefined,
			entrypoint: undefined,
			environment: [],
			workingDirectory: undefined,
			user: undefined,
			hostname: undefined,
			mounts: [],
			network: 'none',
			limits: { memoryBytes: undefined, cpus: undefined, pidsLimit: undefined },
			labels: {},
			tty: false,
			stdinOpen: false,
			autoRemove: false,
			stopSignal: undefined,
		});
	});

	test('is everything that can be given', async () => {
		const words = '-it --rm --name web -h host -w /srv -u 7:8 --network host --memory 64m --cpus 0.5 --pids-limit 9';
		const request = await requestFor(...words.split(' '), '--label', 'a=b=c', '--label', 'd', 'app', 'sh', '-c', 'x');
		expect(request).toMatchObject({
			image: 'app',
			name: 'web',
			command: ['sh', '-c', 'x'],
			hostname: 'host',
			workingDirectory: '/srv',
			user: '7:8',
			network: 'host',
			limits: { memoryBytes: 67_108_864, cpus: 0.5, pidsLimit: 9 },
			labels: { a: 'b=c', d: '' },
			tty: true,
			stdinOpen: true,
			autoRemove: true,
		});
	});

	test('ends its options at the image: what follows is the container’s command, whatever it looks like', async () => {
		const request = await requestFor('app', '-it', '--rm', '--help', '--', '-e', 'X=1');
		expect(request.command).toEqual(['-it', '--rm', '--help', '--', '-e', 'X=1']);
		expect(request).toMatchObject({ tty: false, autoRemove: false, environment: [] });
	});

	test('takes values that look like options, and values glued to their option', async () => {
		const request = await requestFor('-e', '-x=1', '-eA=b', '--env=C=d', '-w/srv', 'app');
		expect(request).toMatchObject({ environment: ['-x=1', 'A=b', 'C=d'], workingDirectory: '/srv' });
	});

	test('hands on variables of this process by name, and leaves out those it has not', async () => {
		expect((await requestFor('-e', 'OWN', '-e', 'MISSING', '-e', 'EMPTY=', 'app')).environment).toEqual([
			'OWN=mine',
			'EMPTY=',
		]);
	});

	test('reads variables from files, before those on the command line', async () => {
		writeFileSync(join(directory, 'vars'), '# comment\n\n  A=1\r\nOWN\nB=x y # not a comment\n');
		expect((await requestFor('-e', 'A=2', '--env-file', 'vars', 'app')).environment).toEqual([
			'A=1',
			'OWN=mine',
			'B=x y # not a comment',
			'A=2',
		]);
	});

	test('knows an entrypoint that is given from one that is taken away', async () => {
		expect((await requestFor('--entrypoint', '/bin/x', 'app')).entrypoint).toEqual(['/bin/x']);
		expect((await requestFor('--entrypoint', '', 'app')).entrypoint).toEqual([]);
	});

	test('counts 0 and less processes as no limit, as Docker does', async () => {
		expect((await requestFor('--pids-limit', '-1', 'app')).limits.pidsLimit).toBeUndefined();
	});
});

describe('mounts', () => {
	test.each([
		['/data', { type: 'volume', source: '', target: '/data', readOnly: false }],
		['data:/data', { type: 'volume', source: 'data', target: '/data', readOnly: false }],
		['data:/data:ro', { type: 'volume', source: 'data', target: '/data', readOnly: true }],
		['/host:/data', { type: 'bind', source: '/host', target: '/data', readOnly: false }],
		['/host:/data:rw', { type: 'bind', source: '/host', target: '/data', readOnly: false }],
		['./sub:/data:ro', { type: 'bind', source: '/here/sub', target: '/data', readOnly: true }],
	])('%s', (text, mount) => {
		expect(mountFrom(text, '/here')).toEqual(mount);
	});

	test.each([
		['data', 'not an absolute path in the container'],
		['a:b', 'not an absolute path in the container'],
		['/host:/', 'root cannot be a mount'],
		['/a:/b:rx', 'the mode "rx" is neither ro nor rw'],
		['/a:/b:ro:x', 'too many parts'],
		['a b:/data', 'neither a path nor a volume'],
	])('%s is refused: %s', (text, why) => {
		expect(() => mountFrom(text, '/here')).toThrow(why);
	});
});

test.each([
	['--network bridge app', 'There is no network "bridge".'],
	['--memory lots app', '--memory: "lots" is not a size.'],
	['--cpus 0 app', '--cpus: "0" is not a number above 0.'],
	['-e =x app', '"=x" has no name before the "=".'],
	['--label =x app', 'The label "=x" has no name.'],
])('create %s is refused with one sentence', async (words, sentence) => {
	const { exitCode, stdout, stderr } = await cliOn(createMemoryEngine())(`create ${words}`);
	expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
	expect(stderr).toContain(`tonnage: ${sentence}\n`);
});
