import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isEngineError } from '../../../src/engine/errors.ts';
import type { ContainerRequest } from '../../../src/engine/port-containers.ts';
import {
	type ContainerWorld,
	capture,
	foreground,
	importRoot,
	openWorld,
	request,
	run,
	strays,
} from '../../support/container-world.ts';

let world: ContainerWorld;

beforeAll(async () => {
	world = await openWorld();
});

afterAll(async () => {
	await world.close();
});

async function errorOf(work: Promise<unknown>): Promise<unknown> {
	return await work.then(
		() => undefined,
		(error: unknown) => error,
	);
}

test('what a container writes comes out on the stream it was written to, and its exit code is its own', async () => {
	expect(await run(world, { command: ['sh', '-c', 'echo out; echo err >&2; exit 7'] })).toEqual({
		exitCode: 7,
		stdout: 'out\n',
		stderr: 'err\n',
	});
});

test('after run --rm nothing is left of it', async () => {
	await run(world, { command: ['true'] });
	expect(await world.containers.list()).toEqual([]);
	await expect.poll(() => strays(world.root), { timeout: 20_000 }).toEqual([]);
});

test('a megabyte of random bytes comes through unchanged, to a reader that is slow', async () => {
	const bytes = randomBytes(1024 * 1024);
	writeFileSync(join(world.root, 'random'), bytes);
	const id = await world.containers.create(
		request({
			command: ['cat', '/random'],
			autoRemove: true,
			mounts: [{ type: 'bind', source: join(world.root, 'random'), target: '/random', readOnly: true }],
		}),
	);
	const stdout = new PassThrough({ highWaterMark: 1024 });
	const digest = createHash('sha256');
	const reading = (async () => {
		for await (const chunk of stdout) {
			digest.update(chunk as Buffer);
			await new Promise((resolve) => setImmediate(resolve));
		}
	})();
	const captured = capture();
	expect(await foreground(world).run(id, { ...captured.streams, stdout })).toBe(0);
	stdout.end();
	await reading;
	expect(digest.digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'));
});

test('standard input reaches the container to its last byte, and its end too', async () => {
	const bytes = randomBytes(300_000);
	const id = await world.containers.create(request({ command: ['cat'], stdinOpen: true, autoRemove: true }));
	const captured = capture(Readable.from([bytes.subarray(0, 100_000), bytes.subarray(100_000)]));
	expect(await foreground(world).run(id, captured.streams)).toBe(0);
	expect(captured.stdout().equals(bytes)).toBe(true);
});

test('input that nobody reads does not hold up the end, nor lose output', async () => {
	const endless = Readable.from(
		(function* () {
			for (;;) yield Buffer.alloc(65_536, 'y');
		})(),
	);
	const id = await world.containers.create(request({ command: ['echo', 'done'], stdinOpen: true, autoRemove: true }));
	const captured = capture(endless);
	expect(await foreground(world).run(id, captured.streams)).toBe(0);
	expect(captured.stdout().toString()).toBe('done\n');
});

test('a terminal has the size it is given, and follows when that changes', async () => {
	let resize: (columns: number, rows: number) => void = () => {};
	const id = await world.containers.create(
		request({ command: ['sh', '-c', 'stty size; read line; stty size'], tty: true, stdinOpen: true, autoRemove: true }),
	);
	const stdin = new PassThrough();
	const captured = capture(stdin, {
		columns: 100,
		rows: 40,
		onResize: (listener) => {
			resize = listener;
			return () => {};
		},
	});
	const running = foreground(world).run(id, captured.streams);
	await expect.poll(() => captured.stdout().toString(), { timeout: 20_000 }).toContain('40 100');
	resize(77, 22);
	stdin.write('\n');
	expect(await running).toBe(0);
	expect(captured.stdout().toString()).toContain('22 77');
});

test('signals are handed on', async () => {
	const id = await world.containers.create(
		request({
			command: ['sh', '-c', 'trap "echo caught; exit 9" USR1; echo ready; while :; do sleep 0.05; done'],
			autoRemove: true,
		}),
	);
	const captured = capture();
	const signals = (async function* (): AsyncGenerator<NodeJS.Signals> {
		await expect.poll(() => captured.stdout().toString(), { timeout: 20_000 }).toContain('ready');
		yield 'SIGUSR1';
	})();
	expect(await foreground(world).run(id, { ...captured.streams, signals })).toBe(9);
	expect(captured.stdout().toString()).toContain('caught');
});

const failures: readonly {
	readonly what: string;
	readonly part: Partial<ContainerRequest>;
	readonly code: string;
	readonly exitCode?: number;
}[] = [
	{
		what: 'a command that does not exist',
		part: { command: ['no-such-thing'] },
		code: 'command-failed',
		exitCode: 127,
	},
	{ what: 'a path that does not exist', part: { command: ['/no/such'] }, code: 'command-failed', exitCode: 127 },
	{ what: 'a file that is not executable', part: { command: ['/etc/passwd'] }, code: 'command-failed', exitCode: 126 },
	{ what: 'a directory', part: { command: ['/etc'] }, code: 'command-failed', exitCode: 126 },
	{ what: 'a user that does not exist', part: { command: ['true'], user: 'nobody-at-all' }, code: 'invalid-argument' },
	{
		what: 'a group that does not exist',
		part: { command: ['true'], user: '0:nogroup-at-all' },
		code: 'invalid-argument',
	},
	{
		what: 'a working directory that is a file',
		part: { command: ['true'], workingDirectory: '/etc/passwd' },
		code: 'invalid-argument',
	},
	{
		what: 'a working directory in /proc',
		part: { command: ['true'], workingDirectory: '/proc/self/fd/7' },
		code: 'invalid-argument',
	},
];

test.each(failures)('$what is one clear error, and leaves nothing', async ({ part, code, exitCode }) => {
	const id = await world.containers.create(request(part));
	const error = await errorOf(foreground(world).run(id, capture().streams));
	expect(
		isEngineError(error) ? { code: error.code, exitCode: (error.data as { exitCode?: number }).exitCode } : error,
	).toEqual({
		code,
		exitCode,
	});
	await expect.poll(() => strays(world.root, [id]), { timeout: 20_000 }).toEqual([]);
	const detail = await world.containers.inspect(id);
	expect(detail.status).toBe('created');
	expect(detail.error).toBe((error as Error).message);
	await world.containers.remove(id, { force: false, volumes: false });
});

test('a container that was to go at its end is gone after a failed start', async () => {
	const id = await world.containers.create(request({ command: ['no-such-thing'], autoRemove: true }));
	expect(isEngineError(await errorOf(foreground(world).run(id, capture().streams)), 'command-failed')).toBe(true);
	expect(await world.containers.list()).toEqual([]);
});

test('a container has its own host name, environment, user and working directory', async () => {
	const script = 'hostname; cat /etc/hostname; id -u; id -g; id -G; pwd; echo $HOME; echo $A';
	const { stdout } = await run(world, {
		command: ['sh', '-c', script],
		hostname: 'flagship',
		user: 'sailor',
		workingDirectory: '/made/up',
		environment: ['A=1'],
	});
	expect(stdout.split('\n')).toEqual([
		'flagship',
		'flagship',
		'1000',
		'1001',
		'1001 1002',
		'/made/up',
		'/home',
		'1',
		'',
	]);
});

test('an entrypoint of the image takes the command as its arguments, and one from the command line drops the image’s command', async () => {
	await importRoot(world.images, join(world.root, '..'), {
		name: 'entry',
		changes: ['ENTRYPOINT ["echo","entry"]', 'CMD ["default"]', 'ENV COLOR=blue', 'WORKDIR /srv', 'USER sailor:deck'],
	});
	expect((await run(world, { image: 'entry' })).stdout).toBe('entry default\n');
	expect((await run(world, { image: 'entry', command: ['own'] })).stdout).toBe('entry own\n');
	expect((await run(world, { image: 'entry', entrypoint: ['pwd'] })).stdout).toBe('/srv\n');
	expect((await run(world, { image: 'entry', entrypoint: ['sh', '-c', 'echo $COLOR $(id -u):$(id -g)'] })).stdout).toBe(
		'blue 1000:1002\n',
	);
});

test('with --network none there is only a loopback; with --network host the host’s interfaces are there', async () => {
	const list = { command: ['ls', '/sys/class/net'] };
	expect((await run(world, list)).stdout).toBe('lo\n');
	const own = (await run(world, { command: ['sh', '-c', 'ls -l /proc/self/ns/net'], network: 'host' })).stdout;
	const { readlinkSync } = await import('node:fs');
	expect(own).toContain(readlinkSync('/proc/self/ns/net'));
});
