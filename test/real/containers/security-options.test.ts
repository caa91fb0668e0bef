import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Confinement } from '../../../src/engine/model.ts';
import { type ContainerWorld, capture, foreground, openWorld, request, run } from '../../support/container-world.ts';

let world: ContainerWorld;

beforeAll(async () => {
	world = await openWorld();
});

afterAll(async () => {
	await world.close();
});

const usual: Confinement = {
	readOnlyRoot: false,
	addedCapabilities: [],
	droppedCapabilities: [],
	noNewPrivileges: false,
	seccompUnconfined: false,
	sharedMemoryBytes: undefined,
};

const shell = (script: string, confinement: Partial<Confinement>) =>
	run(world, { command: ['sh', '-c', script], confinement: { ...usual, ...confinement } });
const statusLine = (name: string) => `grep ^${name}: /proc/self/status`;

test('a root that can only be read: volumes and tmpfs can be written', async () => {
	const mounts = [
		{ type: 'volume', source: '', target: '/data', readOnly: false },
		{ type: 'tmpfs', source: '', target: '/scratch', readOnly: false },
	] as const;
	const script = 'touch /data/a /scratch/a /dev/shm/a && echo written; touch /a /etc/a';
	const command = ['sh', '-c', script];
	const { stdout, stderr } = await run(world, { command, mounts, confinement: { ...usual, readOnlyRoot: true } });
	expect(stdout).toBe('written\n');
	expect(stderr.match(/Read-only file system/g)).toHaveLength(2);
});

test('capabilities are what was asked for, and none comes back with exec', async () => {
	expect((await shell(statusLine('CapBnd'), { droppedCapabilities: ['ALL'] })).stdout).toBe(
		'CapBnd:\t0000000000000000\n',
	);
	const some = { droppedCapabilities: ['ALL'], addedCapabilities: ['CHOWN', 'KILL'] };
	expect((await shell(statusLine('CapEff'), some)).stdout).toBe('CapEff:\t0000000000000021\n');
	const id = await world.containers.create(
		request({ command: ['sleep', '1000'], confinement: { ...usual, ...some, noNewPrivileges: true } }),
	);
	await world.containers.start(id);
	const captured = capture();
	const command = ['sh', '-c', `${statusLine('CapBnd')}; ${statusLine('NoNewPrivs')}`];
	const exec = { command, environment: [], workingDirectory: undefined, user: undefined, tty: false, stdin: false };
	await foreground(world).exec(id, { ...exec, detach: false }, captured.streams);
	expect(captured.stdout().toString()).toBe('CapBnd:\t0000000000000021\nNoNewPrivs:\t1\n');
	expect((await world.containers.inspect(id)).confinement).toMatchObject(some);
	await world.containers.remove(id, { force: true, volumes: true });
});

test('a capability that there is not is refused before anything is made; one that cannot be had, at the start', async () => {
	const refused = world.containers.create(request({ confinement: { ...usual, addedCapabilities: ['FLY'] } }));
	await expect(refused).rejects.toMatchObject({ code: 'invalid-argument' });
	// This host hands SYS_RESOURCE on, or says that it cannot.
	const { bounding } = await shell(statusLine('CapBnd'), { addedCapabilities: ['SYS_RESOURCE'] }).then(
		({ stdout }) => ({ bounding: BigInt(`0x${stdout.trim().split('\t')[1]}`) }),
		(error: { readonly code: string }) => ({ bounding: error.code }),
	);
	expect(typeof bounding === 'bigint' ? ((bounding >> 24n) & 1n) === 1n : bounding === 'unsupported').toBe(true);
});

test('seccomp filters by default, and not where that was asked for', async () => {
	expect((await shell(statusLine('Seccomp'), {})).stdout).toBe('Seccomp:\t2\n');
	expect((await shell(statusLine('Seccomp'), { seccompUnconfined: true })).stdout).toBe('Seccomp:\t0\n');
});

test('/dev/shm has the size that was asked for', async () => {
	const { stdout } = await shell('grep " /dev/shm " /proc/mounts', { sharedMemoryBytes: 8 * 1024 * 1024 });
	expect(stdout).toContain('size=8192k');
	expect((await shell('grep " /dev/shm " /proc/mounts', {})).stdout).toContain('size=65536k');
});

test('groups are added to those of its user, by the container’s own names, for exec too', async () => {
	const groups = { user: 'sailor', confinement: { ...usual, groups: ['crew', 'deck', '77'] } };
	expect((await run(world, { command: ['id', '-G'], ...groups })).stdout.trim().split(' ').sort()).toEqual(
		['1001', '1002', '77'].sort(),
	);
	const id = await world.containers.create(request({ command: ['sleep', '1000'], ...groups }));
	await world.containers.start(id);
	const captured = capture();
	const exec = { command: ['id', '-G'], environment: [], workingDirectory: undefined, user: '0', tty: false };
	await foreground(world).exec(id, { ...exec, stdin: false, detach: false }, captured.streams);
	expect(captured.stdout().toString().trim().split(' ')).toEqual(expect.arrayContaining(['1001', '1002', '77']));
	await world.containers.remove(id, { force: true, volumes: true });
	const unknown = { ...usual, groups: ['nobodys'] };
	await expect(run(world, { command: ['true'], confinement: unknown })).rejects.toMatchObject({
		code: 'invalid-argument',
	});
});
