import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cgroupPath, readCgroupUsage } from '../../../src/engine/embedded/system/cgroups.ts';
import type { ContainerRequest } from '../../../src/engine/port-containers.ts';
import { type ContainerWorld, openWorld, request, strays } from '../../support/container-world.ts';

let world: ContainerWorld;
const megabyte = 1024 * 1024;

beforeAll(async () => {
	world = await openWorld();
});

afterAll(async () => {
	await world.close();
});

async function started(part: Partial<ContainerRequest>): Promise<string> {
	const id = await world.containers.create(request({ command: ['sleep', '1000'], ...part }));
	await world.containers.start(id);
	return id;
}

const groupFile = (controller: string, id: string, file: string) =>
	readFileSync(`/sys/fs/cgroup/${controller}${cgroupPath(id)}/${file}`, 'latin1').trim();

test('limits of a running container change at once, and stay for its next start', async () => {
	const id = await started({ limits: { memoryBytes: 64 * megabyte, cpus: undefined, pidsLimit: 20 } });
	const limitOf = () => readCgroupUsage(cgroupPath(id))?.memoryLimitBytes;
	expect(limitOf()).toBe(64 * megabyte);
	for (const memoryBytes of [32 * megabyte, 512 * megabyte, undefined, 48 * megabyte]) {
		await world.containers.update(id, { memoryBytes });
		expect(limitOf()).toBe(memoryBytes);
	}
	await world.containers.update(id, { cpus: 0.25, pidsLimit: 7 });
	expect(groupFile('cpu', id, 'cpu.cfs_quota_us')).toBe('25000');
	expect(groupFile('pids', id, 'pids.max')).toBe('7');
	await world.containers.restart(id, { graceMs: 0 });
	expect([limitOf(), groupFile('cpu', id, 'cpu.cfs_quota_us'), groupFile('pids', id, 'pids.max')]).toEqual([
		48 * megabyte,
		'25000',
		'7',
	]);
	await world.containers.stop(id, { graceMs: 0 });
	await world.containers.update(id, { memoryBytes: 40 * megabyte, cpus: undefined });
	await world.containers.start(id);
	expect([limitOf(), groupFile('cpu', id, 'cpu.cfs_quota_us')]).toEqual([40 * megabyte, '-1']);
	await world.containers.remove(id, { force: true, volumes: false });
});

test('what the host or the kernel refuses is written down nowhere', async () => {
	const script = 'dd if=/dev/zero of=/dev/shm/ballast bs=1M count=30 2>/dev/null; echo ready; sleep 1000';
	const id = await started({ command: ['sh', '-c', script] });
	await expect
		.poll(() => readCgroupUsage(cgroupPath(id))?.memoryBytes ?? 0, { timeout: 10_000 })
		.toBeGreaterThan(30 * megabyte);
	// What does not fit is swapped out, or refused: then nothing may have changed.
	const refused = await world.containers.update(id, { memoryBytes: 6 * megabyte }).then(
		() => false,
		() => true,
	);
	const { limits } = await world.containers.inspect(id);
	expect(limits.memoryBytes).toBe(refused ? undefined : 6 * megabyte);
	expect(readCgroupUsage(cgroupPath(id))?.memoryLimitBytes).toBe(limits.memoryBytes);
	for (const change of [{ memoryBytes: 1000 }, { cpus: availableParallelism() + 1 }]) {
		await expect(world.containers.update(id, change)).rejects.toMatchObject({ code: 'invalid-argument' });
	}
	await world.containers.remove(id, { force: true, volumes: false });
});

test('the processes are those of ps, with the same numbers', async () => {
	const id = await started({ command: ['sh', '-c', 'sleep 1000 & exec sleep 2000'], user: 'sailor' });
	await expect.poll(async () => (await world.containers.processes(id)).length).toBe(2);
	await expect
		.poll(async () => (await world.containers.processes(id)).map(({ command }) => command).sort())
		.toEqual(['sleep 1000', 'sleep 2000']);
	for (const { pid, parentPid, user, startedAt, terminal, command } of await world.containers.processes(id)) {
		const { stdout } = spawnSync('ps', ['-o', 'user=,ppid=,tty=,lstart=,args=', '-p', String(pid)], {
			encoding: 'utf8',
		});
		const [psUser, ppid, tty, ...rest] = stdout.trim().split(/\s+/);
		expect([user, String(parentPid), terminal ?? '?', command]).toEqual([psUser, ppid, tty, rest.slice(5).join(' ')]);
		expect(Math.abs(Date.parse(rest.slice(0, 5).join(' ')) - startedAt)).toBeLessThan(3000);
	}
	await world.containers.remove(id, { force: true, volumes: false });
});

test('a renamed container goes on, is found by its new name, and its old one is free', async () => {
	const id = await started({ name: 'before' });
	const { pid } = await world.containers.inspect(id);
	await world.containers.rename('before', 'after');
	expect(await world.containers.inspect('after')).toMatchObject({ id, pid, status: 'running' });
	await expect(world.containers.rename('after', 'after')).rejects.toMatchObject({ code: 'invalid-argument' });
	await world.containers.create(request({ name: 'before' }));
	await world.containers.stop('after', { graceMs: 0 });
	for (const name of ['after', 'before']) await world.containers.remove(name, { force: true, volumes: false });
	await expect.poll(() => strays(world.root, [id]), { timeout: 20_000 }).toEqual([]);
});
