import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ContainerWorld, capture, foreground, openWorld, request } from '../../support/container-world.ts';

let world: ContainerWorld;

beforeAll(async () => {
	world = await openWorld();
});

afterAll(async () => {
	await world.close();
});

function diskUsage(id: string): number {
	const path = join(world.store.paths.containers, id);
	return Number(execFileSync('du', ['-s', '-x', '--block-size=1', path], { encoding: 'utf8' }).split('\t')[0]);
}

const scripts: readonly { readonly what: string; readonly script: string; readonly writableBytes: number }[] = [
	{ what: 'that wrote nothing', script: 'true', writableBytes: 0 },
	{ what: 'that wrote a file', script: 'head -c 1000000 /dev/zero > /file', writableBytes: 1_000_000 },
	{
		what: 'that wrote a hole',
		script: 'dd if=/dev/zero of=/file bs=1 count=1 seek=10000000 2>/dev/null',
		writableBytes: 10_000_001,
	},
	{ what: 'that linked a file twice', script: 'head -c 5000 /dev/zero > /a; ln /a /b; ln /a /c', writableBytes: 5_000 },
	{
		what: 'that wrote many files',
		script: 'i=0; while [ $i -lt 300 ]; do echo $i > /f$i; i=$((i+1)); done',
		writableBytes: 10 * 2 + 90 * 3 + 200 * 4,
	},
	{
		what: 'that logged a lot',
		script: 'i=0; while [ $i -lt 3000 ]; do echo line $i; i=$((i+1)); done',
		writableBytes: 0,
	},
	{ what: 'that removed files of the image', script: 'rm /etc/passwd /etc/group', writableBytes: 0 },
];

test.each(scripts)('a container $what has, at rest, the bytes that du finds', async ({ script, writableBytes }) => {
	const id = await world.containers.create(request({ command: ['sh', '-c', script] }));
	expect((await world.containers.inspect(id)).diskBytes).toBe(diskUsage(id));
	expect(await foreground(world).run(id, capture().streams)).toBe(0);
	const detail = await world.containers.inspect(id);
	expect(detail.diskBytes).toBe(diskUsage(id));
	expect(detail.writableBytes).toBe(writableBytes);
	const { freedBytes } = await world.containers.remove(id, { force: false, volumes: false });
	expect(freedBytes).toBe(detail.diskBytes);
});

test('a container that could not start is weighed too', async () => {
	const id = await world.containers.create(request({ command: ['no-such-thing'] }));
	await expect(world.containers.start(id)).rejects.toThrow();
	expect((await world.containers.inspect(id)).diskBytes).toBe(diskUsage(id));
});

test('a running container is weighed when asked, with the time of it', async () => {
	const id = await world.containers.create(
		request({ command: ['sh', '-c', 'head -c 70000 /dev/zero > /file; echo done; sleep 1000'] }),
	);
	await world.containers.start(id);
	await expect
		.poll(
			async () => {
				await world.containers.measure({ budgetMs: 5_000 });
				return (await world.containers.inspect(id)).writableBytes;
			},
			{ timeout: 20_000 },
		)
		.toBe(70_000);
	const detail = await world.containers.inspect(id);
	expect(detail.measuredAt).toBeGreaterThanOrEqual(detail.startedAt ?? Number.POSITIVE_INFINITY);
});

test('a commit of a running container is an image with what it wrote', async () => {
	const id = await world.containers.create(
		request({ command: ['sh', '-c', 'echo new > /new; rm /etc/group; sleep 1000'] }),
	);
	await world.containers.start(id);
	await expect
		.poll(async () => (await world.containers.changes(id)).map(({ kind, path }) => `${kind} ${path}`))
		.toEqual(['changed /etc', 'deleted /etc/group', 'added /new']);
	const image = await world.containers.commit(id, {
		reference: undefined,
		author: 'me',
		message: 'mine',
		changes: ['CMD ["cat","/new","/etc/group"]'],
		pause: true,
	});
	expect((await world.containers.inspect(id)).status).toBe('running');
	const copy = await world.containers.create(request({ image }));
	const captured = capture();
	expect(await foreground(world).run(copy, captured.streams)).not.toBe(0);
	expect(captured.stdout().toString()).toBe('new\n');
});
