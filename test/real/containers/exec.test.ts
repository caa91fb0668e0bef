import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isEngineError } from '../../../src/engine/errors.ts';
import type { ExecRequest } from '../../../src/engine/port-containers.ts';
import { type ContainerWorld, capture, foreground, openWorld, request } from '../../support/container-world.ts';

let world: ContainerWorld;
let id: string;

beforeAll(async () => {
	world = await openWorld();
	id = await world.containers.create(
		request({ name: 'host', command: ['sleep', '1000'], environment: ['A=1', 'B=2'], workingDirectory: '/tmp' }),
	);
	await world.containers.start(id);
});

afterAll(async () => {
	await world.close();
});

async function exec(
	part: Partial<ExecRequest>,
	stdin?: Readable,
): Promise<{ code: number; stdout: Buffer; stderr: string }> {
	const captured = capture(stdin, { columns: 90, rows: 30, onResize: () => () => {} });
	const code = await foreground(world).exec(
		'host',
		{
			command: ['true'],
			environment: [],
			workingDirectory: undefined,
			user: undefined,
			tty: false,
			stdin: stdin !== undefined,
			detach: false,
			...part,
		},
		captured.streams,
	);
	return { code, stdout: captured.stdout(), stderr: captured.stderr().toString() };
}

async function failure(work: Promise<unknown>): Promise<{ code: string; exitCode: number | undefined }> {
	const error = await work.then(
		() => undefined,
		(reason: unknown) => reason,
	);
	if (!isEngineError(error)) throw new Error(`no EngineError: ${String(error)}`);
	return { code: error.code, exitCode: 'exitCode' in error.data ? error.data.exitCode : undefined };
}

test('a second command runs beside the first, with its output and exit code', async () => {
	const { code, stdout, stderr } = await exec({ command: ['sh', '-c', 'echo out; echo err >&2; exit 6'] });
	expect([code, stdout.toString(), stderr]).toEqual([6, 'out\n', 'err\n']);
});

test('it has the container’s environment and directory, unless told otherwise', async () => {
	const script = ['sh', '-c', 'echo $A $B $C; pwd; id -u'];
	expect((await exec({ command: script })).stdout.toString()).toBe('1 2\n/tmp\n0\n');
	const own = await exec({ command: script, environment: ['B=3', 'C=4'], workingDirectory: '/home', user: 'sailor' });
	expect(own.stdout.toString()).toBe('1 3 4\n/home\n1000\n');
});

test('standard input goes in, byte for byte', async () => {
	const bytes = randomBytes(200_000);
	const { code, stdout } = await exec({ command: ['cat'] }, Readable.from([bytes]));
	expect(code).toBe(0);
	expect(stdout.equals(bytes)).toBe(true);
});

test('with a terminal it sees one, of the right size', async () => {
	const { code, stdout } = await exec({ command: ['sh', '-c', 'test -t 1 && sleep 0.2 && stty size'], tty: true });
	expect(code).toBe(0);
	expect(stdout.toString()).toBe('30 90\r\n');
});

test('detached it goes on by itself', async () => {
	expect((await exec({ command: ['sh', '-c', 'echo x > /detached'], detach: true })).code).toBe(0);
	const file = join(world.store.paths.containers, id, 'upper/detached');
	await expect.poll(() => existsSync(file) && readFileSync(file, 'utf8'), { timeout: 20_000 }).toBe('x\n');
});

test('what cannot be executed has Docker’s exit codes', async () => {
	expect(await failure(exec({ command: ['no-such-thing'] }))).toEqual({ code: 'command-failed', exitCode: 127 });
	expect(await failure(exec({ command: ['/etc/passwd'] }))).toEqual({ code: 'command-failed', exitCode: 126 });
	expect(await failure(exec({ user: 'nobody-at-all' }))).toEqual({ code: 'invalid-argument', exitCode: undefined });
	expect(await failure(exec({ workingDirectory: '/proc/self/fd/3' }))).toEqual({
		code: 'invalid-argument',
		exitCode: undefined,
	});
});

test('no command leaves traces beside the container', async () => {
	await exec({ command: ['true'] });
	await expect
		.poll(() => readdirSync(join(world.store.paths.run, id)).filter((name) => name.startsWith('exec-')), {
			timeout: 20_000,
		})
		.toEqual([]);
});

test('a container that does not run is named as such', async () => {
	const still = await world.containers.create(request({ name: 'still' }));
	const work = foreground(world).exec(
		still,
		{
			command: ['true'],
			environment: [],
			workingDirectory: undefined,
			user: undefined,
			tty: false,
			stdin: false,
			detach: false,
		},
		capture().streams,
	);
	expect((await failure(work)).code).toBe('wrong-status');
});
