import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isEngineError } from '../../../src/engine/errors.ts';
import type { ContainerRequest } from '../../../src/engine/port-containers.ts';
import { type ContainerWorld, openWorld, request, run, strays } from '../../support/container-world.ts';

let world: ContainerWorld;

beforeAll(async () => {
	world = await openWorld();
});

afterAll(async () => {
	await world.close();
});

const forever = ['sh', '-c', 'trap "exit 3" TERM; echo up; while :; do sleep 0.05; done'];

async function started(part: Partial<ContainerRequest> = {}): Promise<string> {
	const id = await world.containers.create(request({ command: forever, ...part }));
	await world.containers.start(id);
	return id;
}

async function codeOf(work: Promise<unknown>): Promise<string> {
	return await work.then(
		() => 'none',
		(error: unknown) => (isEngineError(error) ? error.code : String(error)),
	);
}

test('a started container runs, and is listed with its pid and when it started', async () => {
	const id = await started({ name: 'flag', labels: { role: 'test' } });
	const [summary] = await world.containers.list();
	expect(summary).toMatchObject({ id, name: 'flag', status: 'running', labels: { role: 'test' }, exitCode: undefined });
	expect(readFileSync(`/proc/${summary?.pid}/cmdline`, 'latin1')).toContain('while');
	expect(await world.containers.inspect('flag')).toMatchObject({ id, hostname: id.slice(0, 12), tty: false });
	expect((await world.containers.inspect(id.slice(0, 8))).id).toBe(id);
	await world.containers.remove(id, { force: true, volumes: false });
	await expect.poll(() => strays(world.root, [id]), { timeout: 20_000 }).toEqual([]);
});

test('stop asks first: the container’s own exit code counts, and it is written down when stop resolves', async () => {
	const id = await started();
	await expect.poll(() => readFileSync(join(world.store.paths.containers, id, 'ctr.log'), 'utf8')).toContain('up');
	await world.containers.stop(id, { graceMs: 30_000 });
	const detail = await world.containers.inspect(id);
	expect(detail).toMatchObject({ status: 'exited', exitCode: 3, pid: undefined, outOfMemory: false, error: undefined });
	await expect.poll(() => strays(world.root, [id]), { timeout: 20_000 }).toEqual([]);
	await world.containers.stop(id, { graceMs: 0 });
	await world.containers.remove(id, { force: false, volumes: false });
});

test('stop kills what does not listen, and kill what it is told to', async () => {
	const id = await started({ command: ['sleep', '1000'] });
	await world.containers.stop(id, { graceMs: 0 });
	expect((await world.containers.inspect(id)).exitCode).toBe(137);
	await world.containers.start(id);
	await world.containers.kill(id, { signal: 'KILL' });
	expect(await world.containers.wait(id, {})).toBe(137);
	expect(await codeOf(world.containers.kill(id, { signal: 'TERM' }))).toBe('wrong-status');
	expect(await codeOf(world.containers.kill(id, { signal: 'NONSENSE' }))).toBe('invalid-argument');
	await world.containers.remove(id, { force: false, volumes: false });
});

test('a stopped container keeps its files and settings, and starts again with them', async () => {
	const id = await started({
		command: ['sh', '-c', 'echo again >> /kept; wc -l < /kept; exit $X'],
		environment: ['X=4'],
	});
	expect(await world.containers.wait(id, {})).toBe(4);
	await world.containers.restart(id, { graceMs: 0 });
	expect(await world.containers.wait(id, {})).toBe(4);
	const lines: string[] = [];
	for await (const line of world.containers.logs(id, { follow: false, tailLines: undefined, sinceAt: undefined })) {
		lines.push(line.text.trim());
	}
	expect(lines).toEqual(['1', '2']);
	expect(await world.containers.changes(id)).toEqual([{ kind: 'added', path: '/kept' }]);
	await world.containers.remove(id, { force: false, volumes: false });
});

test('a running container is only removed by force', async () => {
	const id = await started();
	expect(await codeOf(world.containers.remove(id, { force: false, volumes: false }))).toBe('wrong-status');
	const { freedBytes } = await world.containers.remove(id, { force: true, volumes: false });
	expect(freedBytes).toBeGreaterThan(0);
	expect(existsSync(join(world.store.paths.containers, id))).toBe(false);
	expect(await codeOf(world.containers.inspect(id))).toBe('not-found');
});

test('a name is taken until its holder is gone', async () => {
	const id = await world.containers.create(request({ name: 'twice' }));
	expect(await codeOf(world.containers.create(request({ name: 'twice' })))).toBe('already-exists');
	await world.containers.remove(id, { force: false, volumes: false });
	await world.containers.remove(await world.containers.create(request({ name: 'twice' })), {
		force: false,
		volumes: false,
	});
});

test('twenty containers run at once from one image, and it stays as it was', async () => {
	const before = await world.images.inspect('box');
	const ids = await Promise.all(
		Array.from({ length: 20 }, (_, index) => started({ command: ['sh', '-c', `echo ${index} > /mine; sleep 1000`] })),
	);
	expect((await world.containers.list()).filter(({ status }) => status === 'running')).toHaveLength(20);
	expect(await world.containers.stats()).toHaveLength(20);
	for (const [index, id] of ids.entries()) {
		await expect
			.poll(() => readFileSync(join(world.store.paths.containers, id, 'upper/mine'), 'utf8'))
			.toBe(`${index}\n`);
	}
	await Promise.all(ids.map((id) => world.containers.remove(id, { force: true, volumes: false })));
	await expect.poll(() => strays(world.root, ids), { timeout: 20_000 }).toEqual([]);
	expect(await world.images.inspect('box')).toEqual(before);
	expect((await run(world, { command: ['ls', '/mine'] })).exitCode).not.toBe(0);
});

test('a container outlives a kill -9 of the command that started it, and its end is seen to without one', async () => {
	const command = spawn(process.execPath, [resolve('test/support/container-verb.ts'), world.root, 'start', ...forever]);
	const lines = createInterface({ input: command.stdout })[Symbol.asyncIterator]();
	const id = String((await lines.next()).value);
	await lines.next();
	command.kill('SIGKILL');
	const summary = (await world.containers.list()).find((container) => container.id === id);
	expect(summary?.status).toBe('running');
	process.kill(summary?.pid ?? 0, 'SIGTERM');
	// Nobody waits here: the row only changes when the monitor has called for it.
	await expect
		.poll(() => world.store.database.get('SELECT status, exit_code FROM container WHERE id = ?', id), {
			timeout: 20_000,
		})
		.toEqual({ status: 'exited', exit_code: 3 });
	await expect.poll(() => strays(world.root, [id]), { timeout: 20_000 }).toEqual([]);
	await world.containers.remove(id, { force: false, volumes: false });
});

test('a detached container that was to go at its end goes', async () => {
	const id = await started({ command: ['true'], autoRemove: true });
	await expect.poll(async () => await codeOf(world.containers.inspect(id)), { timeout: 20_000 }).toBe('not-found');
	await expect.poll(() => strays(world.root, [id]), { timeout: 20_000 }).toEqual([]);
	expect(existsSync(join(world.store.paths.containers, id))).toBe(false);
});

test('events tell what happened, in order', async () => {
	const id = await started({ command: ['sh', '-c', 'exit 5'] });
	await world.containers.wait(id, {});
	await world.containers.remove(id, { force: false, volumes: false });
	const events = world.store.database.eventsSince(0).filter(({ key }) => key.id === id);
	expect(events.map(({ action }) => action)).toEqual(['create', 'start', 'die', 'destroy']);
	expect(events[2]?.attributes.exitCode).toBe('5');
});

test('wait on a container that never ran gives 0, and is told apart from an unknown one', async () => {
	const id = await world.containers.create(request());
	expect(await world.containers.wait(id, {})).toBe(0);
	await world.containers.remove(id, { force: false, volumes: false });
	expect(await codeOf(world.containers.wait(id, {}))).toBe('not-found');
});

test('waiting can be given up', async () => {
	const id = await started();
	const reason = new Error('enough');
	await expect(world.containers.wait(id, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
	await world.containers.remove(id, { force: true, volumes: false });
});
