import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createMemoryEngine, type MemoryControls } from '../../src/engine/memory/open.ts';
import { sampleNow, sampleWorld } from '../../src/engine/memory/sample.ts';
import type { Engine } from '../../src/engine/port.ts';
import { type CliRun, cliOn } from '../support/cli.ts';

let engine: Engine & MemoryControls;
let cli: (words: string | readonly string[]) => Promise<CliRun>;

beforeEach(() => {
	engine = createMemoryEngine(sampleWorld());
	cli = cliOn(engine, { now: sampleNow });
});

const linesOf = (text: string) => text.split('\n').filter(Boolean);
const objectsOf = (text: string): Record<string, unknown>[] => linesOf(text).map((line) => JSON.parse(line));

describe('tonnage images', () => {
	test('has Docker’s columns, newest first', async () => {
		const { exitCode, stdout, stderr } = await cli('images');
		const [header, first] = linesOf(stdout);
		expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
		expect(header?.split(/ {2,}/)).toEqual(['REPOSITORY', 'TAG', 'IMAGE ID', 'CREATED', 'SIZE']);
		expect(first).toMatch(/^harbor\/soundings +nightly +[0-9a-f]{12} +24 hours ago +328MB$/);
	});

	test('puts several tags of one image on several lines with one ID', async () => {
		const rows = objectsOf((await cli('images --format json harbor/pilot')).stdout);
		expect(rows.map(({ Tag }) => Tag)).toEqual(['1.5', 'latest', '1.4']);
		expect(rows[0]?.ID).toBe(rows[1]?.ID);
		expect(rows[0]?.ID).not.toBe(rows[2]?.ID);
	});

	test('calls an image without a name <none>, and says so of one that only a container keeps', async () => {
		const nameless = linesOf((await cli(['images', '--format', '{{.Repository}} {{.Tag}} {{.Hidden}}'])).stdout).filter(
			(line) => line.startsWith('<none>'),
		);
		expect(nameless).toEqual(['<none> <none> false', '<none> <none> false', '<none> <hidden> true']);
	});

	test('shows digests, whole IDs, or IDs only', async () => {
		const world = cliOn(createMemoryEngine(sampleWorld()), { now: sampleNow });
		expect(linesOf((await world('images --digests')).stdout)[0]).toContain('DIGEST');
		expect(linesOf((await world('images -q')).stdout)).toEqual(
			linesOf((await world(['images', '--format', '{{.ID}}'])).stdout),
		);
		for (const id of linesOf((await world('images -q --no-trunc')).stdout)) expect(id).toMatch(/^sha256:[0-9a-f]{64}$/);
	});

	test.each([
		['--filter dangling=true', ['<none>:<none>', '<none>:<none>', '<none>:<hidden>']],
		['--filter reference=redis', ['redis:8']],
		['--filter reference=*:1.5', []],
		['--filter reference=*/*:1.5', ['harbor/pilot:1.5']],
		['docker.io/library/redis:8', ['redis:8']],
		[
			'--filter label=org.opencontainers.image.vendor --filter reference=*/pilot',
			['harbor/pilot:1.5', 'harbor/pilot:latest', 'harbor/pilot:1.4'],
		],
		['--filter label=org.opencontainers.image.vendor=nobody', []],
		['--filter since=harbor/pilot:1.5', ['harbor/soundings:nightly']],
		['--filter before=redis:8', ['debian:trixie-slim', 'busybox:1.37']],
		['--filter dangling=false --filter until=1440h', ['debian:trixie-slim', 'busybox:1.37']],
	])('%s', async (words, names) => {
		const { stdout } = await cli([...`images ${words}`.split(' '), '--format', '{{.Repository}}:{{.Tag}}']);
		expect(linesOf(stdout).toSorted()).toEqual(names.toSorted());
	});

	test('gives every field of Docker’s in JSON, and exact bytes beside', async () => {
		const [row] = objectsOf((await cli('images --format json redis:8')).stdout);
		expect(row).toMatchObject({
			Repository: 'redis',
			Tag: '8',
			Digest: '<none>',
			CreatedSince: '6 weeks ago',
			Size: '117MB',
			Containers: '1',
			SizeBytes: 116_700_000,
		});
		for (const field of ['ID', 'CreatedAt', 'VirtualSize', 'SharedSize', 'UniqueSize', 'DiskBytes']) {
			expect(row).toHaveProperty(field);
		}
	});

	test('refuses a filter and a field that there is not, with exit code 2', async () => {
		for (const words of [
			['--filter', 'colour=red'],
			['--format', '{{.Colour}}'],
			['--filter', 'dangling=perhaps'],
		]) {
			const { exitCode, stdout, stderr } = await cli(['images', ...words]);
			expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
			expect(stderr).toMatch(/^tonnage: .*\.\n(.*\n)?$/);
		}
	});
});

describe('names of images', () => {
	test('tag gives one more, rmi takes it away again', async () => {
		expect(await cli('tag redis:8 cache:1')).toEqual({ exitCode: 0, stdout: '', stderr: '' });
		expect((await cli('images -q cache:1')).stdout).toBe((await cli('images -q redis:8')).stdout);
		expect(await cli('rmi cache:1')).toEqual({ exitCode: 0, stdout: 'Untagged: cache:1\n', stderr: '' });
	});

	test('rmi tells what went, and goes on after a failure with exit code 3', async () => {
		await cli('rm bilge-test');
		const { exitCode, stdout, stderr } = await cli('rmi missing:1 debian:trixie-slim');
		expect(exitCode).toBe(3);
		expect(stderr).toBe('tonnage: No image is called "missing:1".\nList images with "tonnage images -a".\n');
		expect(stdout).toMatch(/^Untagged: debian:trixie-slim\nDeleted: sha256:/);
	});

	test('rmi refuses an image that a container uses; with -f it loses its name and says whom it waits for', async () => {
		const refused = await cli('rmi debian:trixie-slim');
		expect(refused).toMatchObject({ exitCode: 1, stdout: '' });
		expect(refused.stderr).toContain('in use by container bilge-test');
		const forced = await cli('rmi -f debian:trixie-slim');
		expect(forced).toMatchObject({ exitCode: 0, stdout: 'Untagged: debian:trixie-slim\n' });
		expect(forced.stderr).toContain('bilge-test');
	});

	test('rmi -f of what is not there is told, but is no failure', async () => {
		const { exitCode, stderr } = await cli('rmi -f missing:1');
		expect(exitCode).toBe(0);
		expect(stderr).toContain('No image is called "missing:1".');
	});

	test('a name that is none is refused with exit code 2', async () => {
		const { exitCode, stderr } = await cli('tag redis:8 Cache:1');
		expect(exitCode).toBe(2);
		expect(stderr).toContain('"Cache:1" is not an image reference');
	});
});

test('history tells the steps, newest first, and <missing> for those below', async () => {
	const { stdout } = await cli('history harbor/pilot:1.5');
	const [header, first, second] = linesOf(stdout);
	expect(header?.split(/ {2,}/)).toEqual(['IMAGE', 'CREATED', 'CREATED BY', 'SIZE', 'COMMENT']);
	expect(first).toMatch(/^[0-9a-f]{12} +4 days ago +COPY pilot-1\.5 \/app +4MB$/);
	expect(second).toMatch(/^<missing> /);
	expect(linesOf((await cli('history -q redis:8')).stdout)).toHaveLength(2);
});

describe('tonnage image inspect', () => {
	test('is Docker’s JSON', async () => {
		const { stdout } = await cli('image inspect redis:8');
		const [image] = JSON.parse(stdout);
		const detail = await engine.images.inspect('redis:8');
		expect(image).toMatchObject({
			Id: detail.id,
			RepoTags: ['redis:8'],
			Architecture: 'amd64',
			Os: 'linux',
			Size: 116_700_000,
			Config: { Cmd: ['redis-server'], Volumes: { '/data': {} }, ExposedPorts: { '6379/tcp': {} } },
			RootFS: { Type: 'layers', Layers: detail.layers.map(({ diffId }) => diffId) },
		});
		expect(stdout).toContain('\n    {\n        "Id"');
	});

	test('goes on past what is missing: exit code 3, or 1 where nothing was found', async () => {
		const some = await cli(['image', 'inspect', '-f', '{{.Os}}', 'missing', 'redis:8']);
		expect(some).toMatchObject({ exitCode: 3, stdout: 'linux\n' });
		expect(some.stderr).toContain('No image is called "missing".');
		expect(await cli('image inspect missing')).toMatchObject({ exitCode: 1, stdout: '[]\n' });
	});
});

describe('archives', () => {
	let directory: string;
	beforeAll(async () => {
		directory = await mkdtemp(join(tmpdir(), 'tonnage-cli-'));
	});
	afterAll(() => rm(directory, { recursive: true }));

	test('save writes a file, load reads it, and both say little', async () => {
		const here = cliOn(engine, { workingDirectory: directory });
		expect(await here('save -o redis.tar redis:8')).toEqual({ exitCode: 0, stdout: '', stderr: '' });
		expect(await readdir(directory)).toEqual(['redis.tar']);
		const other = cliOn(createMemoryEngine(), { input: await readFile(join(directory, 'redis.tar')) });
		expect(await other('load')).toEqual({ exitCode: 0, stdout: 'Loaded image: redis:8\n', stderr: '' });
		expect((await other('images -q')).stdout).toBe((await here('images -q redis:8')).stdout);
		await rm(join(directory, 'redis.tar'));
	});

	test('save leaves no file, and nothing half-written, where it fails', async () => {
		const here = cliOn(engine, { workingDirectory: directory });
		expect((await here('save -o x.tar missing:1')).exitCode).toBe(1);
		expect((await here('save -o no/such/x.tar redis:8')).exitCode).toBe(1);
		expect(await readdir(directory)).toEqual([]);
	});

	test('save and load refuse a terminal', async () => {
		const here = cliOn(engine, { isTerminal: true });
		const saved = await here('save redis:8');
		expect(saved).toMatchObject({ exitCode: 2, stdout: '' });
		expect(saved.stderr).toContain('not for a terminal');
		expect((await here('load')).stderr).toContain('that is a terminal');
	});

	test('save to a pipe is the same archive', async () => {
		const { stdout } = await cli('save redis:8');
		expect(await cliOn(createMemoryEngine(), { input: stdout })('load -q')).toMatchObject({ exitCode: 0 });
	});

	test('import does not fetch from anywhere', async () => {
		expect(await cli('import https://example.com/x.tar')).toMatchObject({ exitCode: 2, stdout: '' });
	});
});
