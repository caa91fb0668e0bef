import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createContainers } from '../../../src/engine/embedded/containers/containers.ts';
import { probeRuntime } from '../../../src/engine/embedded/system/runtime-probe.ts';
import { isEngineError } from '../../../src/engine/errors.ts';
import { type ContainerWorld, openWorld, request, run, strays } from '../../support/container-world.ts';

let world: ContainerWorld;

beforeEach(async () => {
	world = await openWorld();
});

afterEach(async () => {
	await world.close();
});

async function started(command: readonly string[]): Promise<string> {
	const id = await world.containers.create(request({ command }));
	await world.containers.start(id);
	return id;
}

function setColumns(id: string, assignments: string): void {
	world.store.database.write(() => world.store.database.run(`UPDATE container SET ${assignments} WHERE id = ?`, id));
}

async function pidOf(id: string): Promise<number> {
	const { pid } = await world.containers.inspect(id);
	if (pid === undefined) throw new Error('it does not run');
	return pid;
}

/** Wherever it strikes: before the row, between row and mount, in the runtime, between running and the row that says so. */
test('commands killed at any moment leave nothing that the next one does not adopt or clear away', async () => {
	const verbs = Array.from({ length: 24 }, (_, index) => (index % 3 === 0 ? 'run' : 'start'));
	for (const [index, verb] of verbs.entries()) {
		const command = spawn(
			process.execPath,
			[resolve('test/support/container-verb.ts'), world.root, verb, 'sleep', '1000'],
			{ stdio: ['ignore', 'pipe', 'inherit'] },
		);
		const exited = new Promise((done) => command.once('exit', done));
		// From when the container has its row on, in steps through all of its start.
		await new Promise((done) => command.stdout.once('data', done));
		await pause(index * 7);
		command.kill('SIGKILL');
		await exited;
	}
	world = world.reopen();
	// A start in its last moments may still have had a runtime at work: that is gone with its monitor by the next look.
	await expect
		.poll(
			async () => {
				world = world.reopen();
				const running = (await world.containers.list())
					.filter(({ status }) => status === 'running')
					.map(({ id }) => id);
				const left = strays(
					world.root,
					(await world.containers.list()).map(({ id }) => id),
				);
				return left.filter((stray) => !running.some((id) => stray.includes(id)) && !isOfOne(stray, running));
			},
			{ timeout: 30_000, interval: 200 },
		)
		.toEqual([]);
	for (const { id, status } of await world.containers.list()) {
		if (status === 'running') expect(existsSync(`/proc/${await pidOf(id)}`)).toBe(true);
		await world.containers.remove(id, { force: true, volumes: true });
	}
	await expect.poll(() => strays(world.root), { timeout: 20_000 }).toEqual([]);
	expect(readdirSync(world.store.paths.containers)).toEqual([]);
	expect((await run(world, { command: ['echo', 'fine'] })).stdout).toBe('fine\n');
});

/** Processes are named by number; their command line says whose they are. */
function isOfOne(stray: string, ids: readonly string[]): boolean {
	const pid = /^process (\d+)$/.exec(stray)?.[1];
	if (pid === undefined) return false;
	try {
		const commandLine = readFileSync(`/proc/${pid}/cmdline`, 'latin1');
		return ids.some((id) => commandLine.includes(id));
	} catch {
		return true;
	}
}

test('a container whose monitor is killed goes on, and its end is written down as unknown', async () => {
	const id = await started(['sleep', '1000']);
	const { monitor_pid } = world.store.database.get<{ monitor_pid: number }>(
		'SELECT monitor_pid FROM container WHERE id = ?',
		id,
	) ?? {
		monitor_pid: 0,
	};
	process.kill(monitor_pid, 'SIGKILL');
	world = world.reopen();
	const pid = await pidOf(id);
	process.kill(pid, 'SIGKILL');
	await expect.poll(() => existsSync(`/proc/${pid}/root/bin`)).toBe(false);
	await expect.poll(async () => (await world.containers.inspect(id)).status, { timeout: 20_000 }).toBe('exited');
	expect(await world.containers.inspect(id)).toMatchObject({
		exitCode: 255,
		error: expect.stringContaining('monitor'),
	});
	await expect.poll(() => strays(world.root, [id]), { timeout: 20_000 }).toEqual([]);
});

test('an end that nobody was called for is found at the next opening, with its exit code', async () => {
	const deaf = createContainers(world.store, { runtime: probeRuntime(), selfCommand: ['/bin/false'] });
	const id = await deaf.create(request({ command: ['sh', '-c', 'sleep 0.3; exit 11'] }));
	const gone = await deaf.create(request({ command: ['sleep', '0.3'], autoRemove: true }));
	await deaf.start(id);
	await deaf.start(gone);
	await expect
		.poll(() => strays(world.root).filter((stray) => stray.startsWith('process')), { timeout: 20_000 })
		.toEqual([]);
	expect(world.store.database.get('SELECT status FROM container WHERE id = ?', id)).toEqual({ status: 'running' });
	world = world.reopen();
	expect(world.store.database.get('SELECT status, exit_code FROM container WHERE id = ?', id)).toEqual({
		status: 'exited',
		exit_code: 11,
	});
	expect((await world.containers.list()).map((container) => container.id)).toEqual([id]);
	await expect.poll(() => strays(world.root, [id, gone]), { timeout: 20_000 }).toEqual([]);
});

test('a container that was let go before its row said so is adopted', async () => {
	const id = await started(['sleep', '1000']);
	const pid = await pidOf(id);
	setColumns(
		id,
		`status = 'created', pid = NULL, pid_start_ticks = NULL, monitor_pid = NULL, monitor_start_ticks = NULL`,
	);
	world = world.reopen();
	expect(await world.containers.inspect(id)).toMatchObject({ status: 'running', pid });
	await world.containers.stop(id, { graceMs: 0 });
	expect(await world.containers.inspect(id)).toMatchObject({ status: 'exited', exitCode: 137 });
});

test('after a restart of the host a container that ran has exited, whoever has its pid now', async () => {
	const id = await world.containers.create(request());
	setColumns(
		id,
		`status = 'running', pid = ${process.pid}, pid_start_ticks = '1', boot_id = 'an-earlier-boot', mount_namespace = 'x', pid_namespace = 'y'`,
	);
	world = world.reopen();
	expect(await world.containers.inspect(id)).toMatchObject({
		status: 'exited',
		exitCode: 255,
		error: expect.stringContaining('restarted'),
	});
});

test('a container of another namespace is left alone, and says why', async () => {
	const id = await started(['sleep', '1000']);
	const pid = await pidOf(id);
	const { mount_namespace } = world.store.database.get<{ mount_namespace: string }>(
		'SELECT mount_namespace FROM container WHERE id = ?',
		id,
	) ?? { mount_namespace: '' };
	setColumns(id, `mount_namespace = 'mnt:[1]'`);
	world = world.reopen();
	for (const verb of [
		world.containers.stop(id, { graceMs: 0 }),
		world.containers.kill(id, { signal: 'KILL' }),
		world.containers.remove(id, { force: true, volumes: false }),
	]) {
		const error = await verb.then(
			() => undefined,
			(reason: unknown) => reason,
		);
		expect(isEngineError(error, 'unsupported')).toBe(true);
	}
	expect(existsSync(`/proc/${pid}`)).toBe(true);
	expect((await world.containers.inspect(id)).status).toBe('running');
	setColumns(id, `mount_namespace = '${mount_namespace}'`);
});

test('two commands that start one container start it once', async () => {
	const id = await world.containers.create(request({ command: ['sh', '-c', 'echo x >> /count; sleep 1000'] }));
	await Promise.all([world.containers.start(id), world.containers.start(id), world.containers.start(id)]);
	const count = join(world.store.paths.containers, id, 'upper/count');
	await expect.poll(() => existsSync(count) && readFileSync(count, 'utf8')).toBe('x\n');
	expect(
		world.store.database.eventsSince(0).filter(({ action, key }) => action === 'start' && key.id === id),
	).toHaveLength(1);
});

test('start, stop and remove at once end in one of them having won', async () => {
	const id = await started(['sleep', '1000']);
	await Promise.allSettled([
		world.containers.stop(id, { graceMs: 0 }),
		world.containers.restart(id, { graceMs: 0 }),
		world.containers.remove(id, { force: true, volumes: false }),
		world.containers.start(id),
	]);
	for (const { id: left } of await world.containers.list())
		await world.containers.remove(left, { force: true, volumes: false });
	await expect.poll(() => strays(world.root, [id]), { timeout: 20_000 }).toEqual([]);
	expect(readdirSync(world.store.paths.containers)).toEqual([]);
});

test('a container whose directory somebody has deleted says so at its start, and can be removed', async () => {
	const id = await world.containers.create(request());
	rmSync(join(world.store.paths.containers, id), { recursive: true });
	world = world.reopen();
	await expect(world.containers.start(id)).rejects.toSatisfy((error: unknown) => isEngineError(error));
	await world.containers.remove(id, { force: false, volumes: false });
	expect(await world.containers.list()).toEqual([]);
});
