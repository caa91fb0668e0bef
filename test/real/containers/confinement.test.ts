import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isEngineError } from '../../../src/engine/errors.ts';
import { type ContainerWorld, importRoot, openWorld, request, run, strays } from '../../support/container-world.ts';

let world: ContainerWorld;
let directory: string;

beforeAll(async () => {
	world = await openWorld();
	directory = join(world.root, '..');
});

afterAll(async () => {
	await world.close();
});

async function refusal(part: Parameters<typeof request>[0]): Promise<string> {
	const id = await world.containers.create(request(part));
	const error = await world.containers.start(id).then(
		() => undefined,
		(reason: unknown) => reason,
	);
	await expect.poll(() => strays(world.root, [id]), { timeout: 20_000 }).toEqual([]);
	await world.containers.remove(id, { force: true, volumes: true });
	return isEngineError(error) ? error.code : String(error);
}

test('a container has Docker’s capabilities and no more, a filter, and new privileges only as Docker allows', async () => {
	const { stdout } = await run(world, { command: ['grep', '-E', '^(Cap|Seccomp:|NoNewPrivs)', '/proc/self/status'] });
	const status = new Map(
		stdout
			.trim()
			.split('\n')
			.map((line) => line.split(/:\s+/) as [string, string]),
	);
	expect(status.get('CapEff')).toBe('00000000a80425fb');
	expect(status.get('CapBnd')).toBe('00000000a80425fb');
	expect(status.get('CapInh')).toBe('0000000000000000');
	expect(status.get('Seccomp')).toBe('2');
	expect(status.get('NoNewPrivs')).toBe('0');
});

test('who is not root in a container has no capabilities at all', async () => {
	const { stdout } = await run(world, { command: ['grep', '^CapEff', '/proc/self/status'], user: '1000' });
	expect(stdout).toContain('0000000000000000');
});

test('a container cannot mount, see the kernel’s keys, or write its settings', async () => {
	expect((await run(world, { command: ['mount', '-t', 'tmpfs', 'x', '/tmp'] })).exitCode).not.toBe(0);
	expect((await run(world, { command: ['cat', '/proc/keys'] })).stdout).toBe('');
	expect((await run(world, { command: ['sh', '-c', 'echo 1 > /proc/sys/kernel/panic'] })).exitCode).not.toBe(0);
	expect(
		(await run(world, { command: ['sh', '-c', 'echo 1 > /sys/fs/cgroup/memory/memory.limit_in_bytes'] })).exitCode,
	).not.toBe(0);
});

test('an image whose /proc is a link is refused before the runtime sees it (CVE-2019-16884)', async () => {
	await importRoot(world.images, directory, {
		name: 'proc-link',
		prepare: (root) => symlinkSync('/tmp', join(root, 'proc')),
	});
	expect(await refusal({ image: 'proc-link' })).toBe('unsafe');
});

test('an image whose working directory leads into /proc is refused (CVE-2024-21626)', async () => {
	await importRoot(world.images, directory, {
		name: 'cwd-leak',
		changes: ['WORKDIR /way/out', 'CMD ["ls"]'],
		prepare: (root) => {
			mkdirSync(join(root, 'way'));
			symlinkSync('/proc/self/fd/7', join(root, 'way/out'));
		},
	});
	expect(await refusal({ image: 'cwd-leak' })).toBe('invalid-argument');
	expect(
		await refusal({
			image: 'cwd-leak',
			mounts: [{ type: 'bind', source: directory, target: '/proc/x', readOnly: false }],
		}),
	).toBe('invalid-argument');
});

test('account files that lead out of the root are not the host’s', async () => {
	const secret = join(directory, 'passwd');
	writeFileSync(secret, 'intruder:x:4242:4242::/:/bin/sh\n');
	await importRoot(world.images, directory, {
		name: 'passwd-link',
		prepare: (root) => {
			rmSync(join(root, 'etc/passwd'));
			symlinkSync(`../../../../../..${secret}`, join(root, 'etc/passwd'));
		},
	});
	expect(await refusal({ image: 'passwd-link', user: 'intruder' })).toBe('invalid-argument');
});

test('account files that would hang, or are larger than any honest one, are not read', async () => {
	await importRoot(world.images, directory, {
		name: 'passwd-fifo',
		prepare: (root) => {
			rmSync(join(root, 'etc/passwd'));
			execFileSync('mkfifo', [join(root, 'etc/passwd')]);
		},
	});
	expect(await refusal({ image: 'passwd-fifo', user: 'sailor' })).toBe('invalid-argument');
	await importRoot(world.images, directory, {
		name: 'passwd-huge',
		prepare: (root) => writeFileSync(join(root, 'etc/passwd'), 'sailor:x:1:1::/:\n'.repeat(400_000)),
	});
	expect(await refusal({ image: 'passwd-huge', user: 'sailor' })).toBe('limit-exceeded');
});

test('files that every container gets are not written through links of the image', async () => {
	const victim = join(directory, 'victim');
	writeFileSync(victim, 'untouched');
	await importRoot(world.images, directory, {
		name: 'etc-link',
		prepare: (root) => {
			symlinkSync(`../../../../../..${victim}`, join(root, 'etc/hosts'));
			symlinkSync(`/../..${join(directory, 'made-by-image')}`, join(root, 'etc/resolv.conf'));
		},
	});
	expect(
		(await run(world, { image: 'etc-link', command: ['sh', '-c', 'cat /etc/hosts; echo x >> /etc/hosts'] })).stdout,
	).toContain('localhost');
	expect(readFileSync(victim, 'utf8')).toBe('untouched');
	expect(existsSync(join(directory, 'made-by-image'))).toBe(false);
});

test('a name or message out of an image reaches an error without its control characters', async () => {
	await importRoot(world.images, directory, { name: 'ansi', changes: ['CMD ["\\u001b[31mred"]'] });
	const id = await world.containers.create(request({ image: 'ansi' }));
	await expect(world.containers.start(id)).rejects.toThrow(/^[^\u0000-\u001f]*$/);
});
