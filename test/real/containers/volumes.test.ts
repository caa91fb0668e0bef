import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { MountRequest } from '../../../src/engine/port-containers.ts';
import { type ContainerWorld, importRoot, openWorld, request, run } from '../../support/container-world.ts';

let world: ContainerWorld;
let host: string;

beforeAll(async () => {
	world = await openWorld();
	host = join(world.root, '..', 'host');
	mkdirSync(host);
	await importRoot(world.images, join(world.root, '..'), {
		name: 'data',
		changes: ['VOLUME /data', 'CMD ["sh"]'],
		prepare: (root) => {
			mkdirSync(join(root, 'data/deep'), { recursive: true });
			writeFileSync(join(root, 'data/deep/file'), 'from the image', { mode: 0o640 });
			execFileSync('chown', ['-R', '1000:1001', join(root, 'data')]);
			execFileSync('ln', ['-s', 'deep/file', join(root, 'data/link')]);
		},
	});
});

afterAll(async () => {
	await world.close();
});

const bind = (source: string, target: string, readOnly = false): MountRequest => ({
	type: 'bind',
	source,
	target,
	readOnly,
});
const volume = (source: string, target: string): MountRequest => ({ type: 'volume', source, target, readOnly: false });

test('a host directory is there for reading and writing, or only for reading', async () => {
	writeFileSync(join(host, 'in'), 'hello');
	const script = ['sh', '-c', 'cat /m/in; echo new > /m/out'];
	expect(await run(world, { command: script, mounts: [bind(host, '/m')] })).toMatchObject({
		exitCode: 0,
		stdout: 'hello',
	});
	expect(readFileSync(join(host, 'out'), 'utf8')).toBe('new\n');
	const readOnly = await run(world, { command: script, mounts: [bind(host, '/m', true)] });
	expect(readOnly.exitCode).not.toBe(0);
	expect(readOnly.stderr).toContain('Read-only');
});

test('a single file can be mounted, over one that is there too', async () => {
	writeFileSync(join(host, 'hosts'), 'own hosts');
	const mounts = [bind(join(host, 'hosts'), '/etc/hosts'), bind(join(host, 'hosts'), '/new/place')];
	expect((await run(world, { command: ['cat', '/etc/hosts', '/new/place'], mounts })).stdout).toBe(
		'own hostsown hosts',
	);
});

test('a host directory that is not there is made', async () => {
	await run(world, { command: ['touch', '/m/x'], mounts: [bind(join(host, 'made/here'), '/m')] });
	expect(existsSync(join(host, 'made/here/x'))).toBe(true);
});

test('a named volume outlives its containers, and is weighed when they end', async () => {
	await run(world, { command: ['sh', '-c', 'echo kept > /v/file'], mounts: [volume('logbook', '/v')] });
	expect((await run(world, { command: ['cat', '/v/file'], mounts: [volume('logbook', '/v')] })).stdout).toBe('kept\n');
	const [found] = (await world.volumes.list()).filter(({ name }) => name === 'logbook');
	expect(found).toMatchObject({ anonymous: false, usedBy: [], sizeBytes: 5 });
	expect(found?.diskBytes).toBe(diskUsage(join(world.store.paths.volumes, 'logbook')));
});

test('an image’s VOLUME becomes an anonymous volume with the image’s files, which goes with rm -v', async () => {
	const script = 'cat /data/link; stat -c "%a %u:%g" /data/deep/file; stat -c %u:%g /data; touch /data/mine';
	const id = await world.containers.create(request({ image: 'data', command: ['sh', '-c', script] }));
	await world.containers.start(id);
	expect(await world.containers.wait(id, {})).toBe(0);
	const lines: string[] = [];
	for await (const { text } of world.containers.logs(id, { follow: false, tailLines: undefined, sinceAt: undefined }))
		lines.push(text);
	expect(lines.join('\n')).toBe('from the image640 1000:1001\n1000:1001');
	const [anonymous] = (await world.volumes.list()).filter((one) => one.anonymous);
	expect(anonymous?.usedBy).toEqual([id]);
	expect(await world.containers.changes(id)).toEqual([]);
	await world.containers.remove(id, { force: false, volumes: true });
	expect((await world.volumes.list()).filter((one) => one.anonymous)).toEqual([]);
	expect(existsSync(join(world.store.paths.volumes, anonymous?.name ?? ''))).toBe(false);
});

test('run --rm takes its anonymous volumes with it, and leaves named ones', async () => {
	await run(world, { image: 'data', command: ['true'], mounts: [volume('stays', '/other')] });
	expect((await world.volumes.list()).map(({ name }) => name)).toContain('stays');
	expect((await world.volumes.list()).filter((one) => one.anonymous)).toEqual([]);
});

test('a named volume that is empty gets the image’s files; one that is not keeps its own', async () => {
	const mounts = [volume('filled', '/data')];
	expect((await run(world, { image: 'data', command: ['cat', '/data/deep/file'], mounts })).stdout).toBe(
		'from the image',
	);
	await run(world, { image: 'data', command: ['rm', '/data/deep/file'], mounts });
	expect((await run(world, { image: 'data', command: ['ls', '/data/deep'], mounts })).stdout).toBe('');
});

test('two containers share a volume', async () => {
	const mounts = [volume('shared', '/s')];
	const id = await world.containers.create(
		request({ command: ['sh', '-c', 'while ! test -e /s/go; do sleep 0.05; done; echo seen > /s/answer'], mounts }),
	);
	await world.containers.start(id);
	await run(world, { command: ['touch', '/s/go'], mounts });
	await world.containers.wait(id, {});
	expect(readFileSync(join(world.store.paths.volumes, 'shared/_data/answer'), 'utf8')).toBe('seen\n');
});

test('a mount point that the image has as a link out of the root stays inside', async () => {
	await importRoot(world.images, join(world.root, '..'), {
		name: 'linked',
		prepare: (root) => execFileSync('ln', ['-s', `../../../..${join(host, 'outside')}`, join(root, 'way-out')]),
	});
	mkdirSync(join(host, 'outside'));
	const { stdout } = await run(world, {
		image: 'linked',
		command: ['ls', '/way-out/'],
		mounts: [volume('inside', '/way-out')],
	});
	expect(stdout).toBe('');
	expect(lstatSync(join(host, 'outside')).isDirectory()).toBe(true);
	const { stdout: bound } = await run(world, {
		image: 'linked',
		command: ['ls', '/way-out/'],
		mounts: [bind(host, '/way-out')],
	});
	expect(bound).toContain('outside');
});

function diskUsage(path: string): number {
	return Number(execFileSync('du', ['-s', '--block-size=1', path], { encoding: 'utf8' }).split('\t')[0]);
}
