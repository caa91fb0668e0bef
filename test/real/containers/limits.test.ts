import { afterAll, beforeAll, expect, test } from 'vitest';
import { cgroupPath, readCgroupUsage } from '../../../src/engine/embedded/system/cgroups.ts';
import { isEngineError } from '../../../src/engine/errors.ts';
import { type ContainerWorld, openWorld, request, run } from '../../support/container-world.ts';

let world: ContainerWorld;
const unlimited = { memoryBytes: undefined, cpus: undefined, pidsLimit: undefined };
const megabyte = 1024 * 1024;

beforeAll(async () => {
	world = await openWorld();
});

afterAll(async () => {
	await world.close();
});

test('a container that takes more memory than it may is killed, and says so', async () => {
	const id = await world.containers.create(
		request({
			command: ['dd', 'if=/dev/zero', 'of=/dev/null', 'bs=200M', 'count=1'],
			limits: { ...unlimited, memoryBytes: 24 * megabyte },
		}),
	);
	await world.containers.start(id);
	expect(await world.containers.wait(id, {})).toBe(137);
	expect(await world.containers.inspect(id)).toMatchObject({ outOfMemory: true, exitCode: 137, status: 'exited' });
	const actions = world.store.database.eventsSince(0).filter(({ key }) => key.id === id);
	expect(actions.map(({ action }) => action)).toContain('oom');
});

test('the next run starts with a clean slate', async () => {
	const id = await world.containers.create(
		request({
			command: ['sh', '-c', 'test -e /again && exit 0; touch /again; dd if=/dev/zero of=/dev/null bs=200M'],
			limits: { ...unlimited, memoryBytes: 24 * megabyte },
		}),
	);
	await world.containers.start(id);
	await world.containers.wait(id, {});
	expect((await world.containers.inspect(id)).outOfMemory).toBe(true);
	await world.containers.start(id);
	await world.containers.wait(id, {});
	expect(await world.containers.inspect(id)).toMatchObject({ outOfMemory: false, exitCode: 0 });
});

test('a container cannot have more processes than it may', async () => {
	const script = 'for i in 1 2 3 4 5 6 7 8 9 10; do sleep 5 & done; echo survived';
	const { stdout, stderr } = await run(world, {
		command: ['sh', '-c', script],
		limits: { ...unlimited, pidsLimit: 5 },
	});
	expect(stdout).not.toContain('survived');
	expect(stderr).toMatch(/fork|resource/i);
});

test('a container’s limits are in its own control groups, and its use can be read there', async () => {
	const limits = { memoryBytes: 64 * megabyte, cpus: 0.5, pidsLimit: 50 };
	const id = await world.containers.create(
		request({
			command: [
				'sh',
				'-c',
				'cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us /sys/fs/cgroup/cpu.max 2>/dev/null; while :; do :; done',
			],
			limits,
		}),
	);
	await world.containers.start(id);
	const first = (await world.containers.stats()).find((stats) => stats.id === id);
	expect(first?.memoryLimitBytes).toBe(64 * megabyte);
	await expect
		.poll(async () => (await world.containers.stats()).find((stats) => stats.id === id)?.cpuNs, { timeout: 20_000 })
		.toBeGreaterThan(first?.cpuNs ?? 0);
	expect(first?.pidCount).toBeGreaterThan(0);
	expect(first?.memoryBytes).toBeGreaterThan(0);
	const firstLine = async () => {
		for await (const { text } of world.containers.logs(id, {
			follow: false,
			tailLines: undefined,
			sinceAt: undefined,
		})) {
			return text;
		}
		return '';
	};
	await expect.poll(firstLine, { timeout: 20_000 }).toMatch(/^50000( 100000)?$/);
	await world.containers.remove(id, { force: true, volumes: false });
	expect(readCgroupUsage(cgroupPath(id))).toBeUndefined();
});

test('a limit that cannot work is refused before anything is made', async () => {
	for (const limits of [
		{ ...unlimited, memoryBytes: 1000 },
		{ ...unlimited, cpus: 0 },
		{ ...unlimited, cpus: 10_000 },
	]) {
		const error = await world.containers.create(request({ limits })).then(
			() => undefined,
			(reason: unknown) => reason,
		);
		expect(isEngineError(error, 'invalid-argument')).toBe(true);
	}
});
