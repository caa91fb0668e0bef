import { execFileSync } from 'node:child_process';
import {
	chownSync,
	existsSync,
	lstatSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	readlinkSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { isEngineError } from '../../../src/engine/errors.ts';
import type { ContainerFiles } from '../../../src/engine/port-containers.ts';
import { type ContainerWorld, capture, foreground, openWorld, request, strays } from '../../support/container-world.ts';

let world: ContainerWorld;
let files: ContainerFiles;
let host: string;

beforeAll(async () => {
	world = await openWorld();
	if (world.containers.files === undefined) throw new Error('the embedded engine copies files');
	files = world.containers.files;
});

afterAll(async () => {
	await world.close();
});

beforeEach(() => {
	host = mkdtempSync(join(tmpdir(), 'tonnage-copy-'));
});

afterEach(() => {
	rmSync(host, { recursive: true });
});

const into = { followLink: false, asUser: false };
const out = { followLink: false, keepOwners: false };
const codeOf = async (work: Promise<unknown>) =>
	await work.then(
		() => 'none',
		(error: unknown) => (isEngineError(error) ? error.code : String(error)),
	);

async function inside(id: string, script: string): Promise<string> {
	const captured = capture();
	const call = { command: ['sh', '-c', script], environment: [], workingDirectory: undefined, user: '0' };
	await foreground(world).exec(id, { ...call, tty: false, stdin: false, detach: false }, captured.streams);
	return captured.stdout().toString() + captured.stderr().toString();
}

async function archive(id: string, path: string, followLink = false): Promise<string> {
	const chunks: Uint8Array[] = [];
	await files.readArchive(id, path, { followLink, write: async (bytes) => void chunks.push(Buffer.from(bytes)) });
	const listing = execFileSync('tar', ['--numeric-owner', '-tvf', '-'], { input: Buffer.concat(chunks) }).toString();
	return listing.replace(/ +\d+ \d{4}-\d\d-\d\d \d\d:\d\d/g, '');
}

async function made(part: Parameters<typeof request>[0] & { readonly runs: boolean }): Promise<string> {
	const { runs, ...rest } = part;
	const id = await world.containers.create(request({ command: ['sleep', '1000'], ...rest }));
	await world.containers.start(id);
	if (!runs) await world.containers.stop(id, { graceMs: 0 });
	return id;
}

/** Of a stopped one too: it is started for the look. */
async function look(id: string, script: string): Promise<string> {
	await world.containers.start(id);
	return await inside(id, script);
}

function makeHostTree(): string {
	const tree = join(host, 'site');
	mkdirSync(join(tree, 'sub'), { recursive: true });
	writeFileSync(join(tree, 'index'), 'hello\n', { mode: 0o640 });
	writeFileSync(join(tree, Buffer.from('caf\xe9', 'latin1').toString('latin1')), '');
	execFileSync('ln', [join(tree, 'index'), join(tree, 'sub/hard')]);
	symlinkSync('/etc/passwd', join(tree, 'sub/link'));
	chownSync(join(tree, 'index'), 1234, 1235);
	return tree;
}

describe.each([
	['running', true],
	['stopped', false],
])('a %s container', (_, runs) => {
	test('takes a directory and gives it back as it was', async () => {
		const mounts = [{ type: 'volume', source: '', target: '/data', readOnly: false }] as const;
		const id = await made({ runs, mounts });
		const tree = makeHostTree();
		await files.copyIn(tree, id, '/data', into);
		await files.copyIn(`${tree}/.`, id, '/home/', into);
		await files.copyIn(join(tree, 'index'), id, '/tmp/renamed', into);
		expect(await archive(id, '/data/site/sub')).toBe(
			'drwxr-xr-x 0/0 sub/\n-rw-r----- 1234/1235 sub/hard\nlrwxrwxrwx 0/0 sub/link -> /etc/passwd\n',
		);
		expect(await archive(id, '/home/.')).toContain(' ./index\n');
		await files.copyOut(id, '/data/site', join(host, 'back'), { ...out, keepOwners: true });
		const difference = execFileSync('diff', ['-r', '--no-dereference', tree, join(host, 'back')]);
		expect(difference.toString()).toBe('');
		expect(statSync(join(host, 'back/index'))).toMatchObject({ uid: 1234, gid: 1235, nlink: 2 });
		expect(statSync(join(host, 'back/index')).mtimeMs).toBeCloseTo(statSync(join(tree, 'index')).mtimeMs, -1);
		await files.copyOut(id, '/tmp/renamed', host, out);
		expect(statSync(join(host, 'renamed')).uid).toBe(process.geteuid?.());
		expect(await look(id, 'cat /tmp/renamed /data/site/sub/hard /home/index; stat -c %u:%g /tmp/renamed')).toBe(
			'hello\nhello\nhello\n1234:1235\n',
		);
		await world.containers.remove(id, { force: true, volumes: true });
		await expect.poll(() => strays(world.root, [id]), { timeout: 20_000 }).toEqual([]);
	});

	test('gives and takes tars, links as links or followed, and can make all of it its user’s', async () => {
		const id = await made({ runs, user: 'sailor' });
		expect(await archive(id, '/bin/sh')).toBe('lrwxrwxrwx 0/0 sh -> busybox\n');
		expect(await archive(id, '/bin/sh', true)).toBe('-rwxr-xr-x 0/0 busybox\n');
		const tar = execFileSync('tar', ['-C', makeHostTree(), '-cf', '-', '.']);
		await files.writeArchive(Readable.from([tar]), id, '/tmp', { asUser: false });
		await files.copyIn(join(host, 'site/index'), id, '/tmp/mine', { ...into, asUser: true });
		expect(await archive(id, '/tmp/index')).toBe('-rw-r----- 1234/1235 index\n');
		expect(await archive(id, '/tmp/mine')).toBe('-rw-r----- 1000/1001 mine\n');
		expect(await codeOf(files.writeArchive(Readable.from([tar]), id, '/tmp/nowhere', { asUser: false }))).toBe(
			'not-found',
		);
		expect(await codeOf(files.writeArchive(Readable.from([tar]), id, '/tmp/mine', { asUser: false }))).toBe(
			'invalid-argument',
		);
		expect(await codeOf(files.writeArchive(Readable.from([tar.subarray(0, 700)]), id, '/tmp', { asUser: false }))).toBe(
			'corrupt',
		);
		expect(await codeOf(files.copyOut(id, '/nosuch', host, out))).toBe('not-found');
		expect(await codeOf(files.copyIn(join(host, 'nosuch'), id, '/tmp', into))).toBe('not-found');
		await world.containers.remove(id, { force: true, volumes: true });
	});

	test('cannot lead a copy out of itself, nor into what is only to be read', async () => {
		const victim = join(host, 'victim');
		mkdirSync(victim);
		writeFileSync(join(victim, 'secret'), 'secret');
		writeFileSync(join(host, 'f'), 'overwritten');
		const mounts = [{ type: 'bind', source: victim, target: '/fixed', readOnly: true }] as const;
		const id = await made({ runs: true, mounts });
		const links = `ln -s ${victim} /abs; ln -s ../../../../../../..${victim} /rel; ln -s / /home/up`;
		await inside(id, `${links}; mkdir /out; ln -s ${victim} /out/d`);
		if (!runs) await world.containers.stop(id, { graceMs: 0 });
		for (const link of ['/abs', '/rel', `/home/up${victim}`]) {
			expect(await codeOf(files.copyOut(id, `${link}/secret`, join(host, 'stolen'), out))).toBe('not-found');
			expect(await codeOf(files.copyIn(join(host, 'f'), id, `${link}/secret`, into))).toBe('not-found');
		}
		await files.copyIn(join(host, 'f'), id, '/home/up/f', into);
		expect(await archive(id, '/f')).toContain('f\n');
		expect(await codeOf(files.copyIn(join(host, 'f'), id, '/fixed/secret', into))).toBe('io-failed');
		const climbing = execFileSync('tar', ['-C', host, '-cPf', '-', '--transform', 's,^f,../../f2,', 'f']);
		expect(await codeOf(files.writeArchive(Readable.from([climbing]), id, '/tmp', { asUser: false }))).toBe('unsafe');
		await files.copyOut(id, '/out', join(host, 'got'), out);
		expect(readlinkSync(join(host, 'got/d'))).toBe(victim);
		// The container has a directory now where its link was: nothing may go through the link that was copied.
		await world.containers.start(id);
		await inside(id, 'rm /out/d; mkdir /out/d; echo planted > /out/d/secret; echo planted > /out/d/new');
		if (!runs) await world.containers.stop(id, { graceMs: 0 });
		expect(await codeOf(files.copyOut(id, '/out/.', join(host, 'got'), out))).toBe('invalid-argument');
		expect([existsSync(join(host, 'stolen')), readFileSync(join(victim, 'secret'), 'utf8')]).toEqual([false, 'secret']);
		expect(existsSync(join(victim, 'new'))).toBe(false);
		await world.containers.remove(id, { force: true, volumes: true });
		expect(strays(world.root, [id])).toEqual([]);
	});
});

test('a container that swaps a directory for a link all the time never leads a copy out', async () => {
	const victim = join(host, 'victim');
	mkdirSync(victim);
	writeFileSync(join(victim, 'f'), 'secret');
	writeFileSync(join(host, 'f'), 'mine');
	const swapping = `mkdir -p /a/d; echo own > /a/d/f; while :; do mv /a/d /a/x; ln -s ${victim} /a/d; rm /a/d; mv /a/x /a/d; done`;
	const id = await made({ runs: true, command: ['sh', '-c', swapping.replaceAll('mv ', 'busybox mv ')] });
	for (const until = Date.now() + 1500; Date.now() < until; ) {
		await files.copyIn(join(host, 'f'), id, '/a/d/f', into).catch(() => {});
		await files.copyOut(id, '/a/d/f', join(host, 'got'), out).catch(() => {});
		if (existsSync(join(host, 'got'))) expect(readFileSync(join(host, 'got'), 'utf8')).not.toBe('secret');
		expect([readFileSync(join(victim, 'f'), 'utf8'), lstatSync(victim).isDirectory()]).toEqual(['secret', true]);
	}
	await world.containers.remove(id, { force: true, volumes: true });
});
