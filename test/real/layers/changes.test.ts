import {
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changesetTar, listChanges } from '../../../src/engine/embedded/layers/changes.ts';
import {
	isMounted,
	mountOverlay,
	mountsBelow,
	probeOverlay,
	unmountOverlay,
} from '../../../src/engine/embedded/layers/overlay.ts';
import { unlinkTree } from '../../../src/engine/embedded/layers/unlink-tree.ts';
import { unpackLayer } from '../../../src/engine/embedded/layers/unpack.ts';
import { run } from '../../support/commands.ts';
import { debianLayer } from '../../support/debian-layers.ts';
import { type DockerDaemon, startDockerDaemon } from '../../support/docker-daemon.ts';
import { dockerRun } from '../../support/docker-images.ts';
import { scratchDirectory } from '../../support/scratch-directory.ts';
import { buildTar, inChunks, typeFlags } from '../../support/tar-builder.ts';
import { listTree } from '../../support/tree-listing.ts';

const scratch = scratchDirectory();
const { directory, hardlink, symlink } = typeFlags;

/** Two layers, the second with a whiteout, so that what a name was before is not where one looks first. */
const lowerTars = [
	buildTar([
		{ name: 'etc/', typeFlag: directory },
		{ name: 'etc/passwd', content: 'root' },
		{ name: 'etc/hosts', content: 'hosts' },
		{ name: 'etc/gone', content: 'gone' },
		{ name: 'data/', typeFlag: directory },
		{ name: 'data/a', content: 'a' },
		{ name: 'data/b', content: 'b' },
		{ name: 'data/deep/', typeFlag: directory },
		{ name: 'data/deep/c', content: 'c' },
		{ name: 'one', content: 'linked' },
		{ name: 'two', typeFlag: hardlink, linkName: 'one' },
		{ name: 'link', typeFlag: symlink, linkName: 'etc' },
	]),
	buildTar([
		{ name: 'etc/', typeFlag: directory, mtime: 1_700_000_001 },
		{ name: 'etc/.wh.gone' },
		{ name: 'etc/hosts', content: 'newer hosts' },
	]),
];

interface Overlay {
	readonly lowers: readonly string[];
	readonly upper: string;
	readonly merged: string;
}

function mountOn(name: string, lowers: readonly string[]): Overlay {
	const at = (part: string) => join(scratch(), `${name}-${part}`);
	for (const part of ['upper', 'work', 'merged']) mkdirSync(at(part));
	mountOverlay({ lowers, upper: at('upper'), work: at('work'), target: at('merged') });
	return { lowers, upper: at('upper'), merged: at('merged') };
}

async function container(): Promise<Overlay> {
	const lowers: string[] = [];
	for (const [number, tar] of lowerTars.entries()) {
		await unpackLayer(inChunks(tar), join(scratch(), `layer-${number}`));
		lowers.unshift(join(scratch(), `layer-${number}`, 'fs'));
	}
	return mountOn('container', lowers);
}

const kinds = { added: 'A', changed: 'C', deleted: 'D' };
const diffOf = (overlay: Overlay) =>
	listChanges(overlay.upper, overlay.lowers).map(({ kind, path }) => `${kinds[kind]} ${path}`);

const scenes: readonly (readonly [string, string, readonly string[]])[] = [
	['nothing', ':', []],
	['reading', 'cat etc/passwd', []],
	['a new file', 'echo x > new', ['A /new']],
	['a new tree', 'mkdir -p n/m && echo x > n/m/f', ['A /n', 'A /n/m', 'A /n/m/f']],
	['a written file', 'echo x >> etc/passwd', ['C /etc', 'C /etc/passwd']],
	['a file opened for writing and left as it was', ': >> etc/passwd', []],
	['a mode', 'chmod 600 etc/passwd', ['C /etc', 'C /etc/passwd']],
	['an owner of a directory', 'chown 7 etc', ['C /etc']],
	['an attribute', 'setfattr -n user.note -v x etc/passwd', ['C /etc', 'C /etc/passwd']],
	['a time', 'touch -d @5 data/deep/c', ['C /data', 'C /data/deep', 'C /data/deep/c']],
	['a deleted file', 'rm etc/hosts', ['C /etc', 'D /etc/hosts']],
	['a deleted tree', 'rm -r data', ['D /data']],
	['a file made and deleted', 'echo x > new && rm new', []],
	['what an image had deleted, made again', 'echo x > etc/gone', ['C /etc', 'A /etc/gone']],
	['what an image had deleted, made and deleted again', 'echo x > etc/gone && rm etc/gone', ['C /etc']],
	[
		'a tree deleted and partly made again',
		'cp -a data/b kept && rm -r data && mkdir data && mv kept data/b && echo x > data/z',
		['C /data', 'D /data/a', 'D /data/deep', 'A /data/z'],
	],
	['a file in place of a tree', 'rm -r data && echo x > data', ['C /data']],
	['a tree in place of a file', 'rm one && mkdir one && echo x > one/f', ['C /one', 'A /one/f']],
	['a symlink that leads elsewhere', 'ln -sfn data link', ['C /link']],
	['a hard link to an old file', 'ln one three', ['A /three']],
	['a renamed file', 'mv one uno', ['D /one', 'A /uno']],
	[
		'a renamed directory',
		'cp -a data copy && rm -r data && mv copy data2',
		['D /data', 'A /data2', 'A /data2/a', 'A /data2/b', 'A /data2/deep', 'A /data2/deep/c'],
	],
];

const everything = String.raw`
	rm -r data/deep && mkdir -p data/deep && echo x > data/deep/again && rm etc/hosts && chmod 700 etc
	mkdir -p a/b && ln -s foo a/l && ln a/l a/l2 && echo h > a/h && ln a/h a/b/h2 && ln a/h z
	setfattr -n user.x -v y a/h && setcap cap_net_raw+ep a/h && mkfifo a/fifo && mknod a/null c 1 3
	touch -d '2023-01-02 03:04:05.123456789' a/h && touch "$(printf 'a/\377x')" && truncate -s 2M a/hole
	mkdir ${'n'.repeat(120)} && echo x > ${'n'.repeat(120)}/${'m'.repeat(120)} && chown 3000000000 z && rm two
`;

describe('the changes of a container', () => {
	it.each(scenes)('list %s', async (_, script, expected) => {
		const overlay = await container();
		run('bash', ['-ec', script], { cwd: overlay.merged });
		expect(diffOf(overlay)).toEqual(expected.toSorted((one, other) => (one.slice(2) < other.slice(2) ? -1 : 1)));
	});

	it.each([...scenes, ['everything at once', everything, []] as const])(
		'make a layer that gives the same tree: %s',
		async (_, script) => {
			const overlay = await container();
			run('bash', ['-ec', script], { cwd: overlay.merged });
			const layer = join(scratch(), 'committed');
			const first = await unpackLayer(changesetTar(overlay.upper, overlay.lowers), layer);
			const second = await unpackLayer(changesetTar(overlay.upper, overlay.lowers), `${layer}-again`);
			expect(second.diffId).toBe(first.diffId);
			const next = mountOn('next', [join(layer, 'fs'), ...overlay.lowers]);
			const options = { ignoreXattrs: /^trusted\.overlay\./ };
			expect(listTree(next.merged, options)).toEqual(listTree(overlay.merged, options));
		},
	);

	it('leave sockets out, which no tar can hold, and close what they opened', async () => {
		const overlay = await container();
		run('python3', ['-c', 'import socket; socket.socket(socket.AF_UNIX).bind("s")'], { cwd: overlay.merged });
		writeFileSync(join(overlay.merged, 'file'), 'x');
		expect(statSync(join(overlay.upper, 's')).isSocket()).toBe(true);
		const before = readdirSync('/proc/self/fd').length;
		await unpackLayer(changesetTar(overlay.upper, overlay.lowers), join(scratch(), 'committed'));
		for await (const _ of changesetTar(overlay.upper, overlay.lowers)) break;
		expect(readdirSync('/proc/self/fd')).toHaveLength(before);
		expect(readdirSync(join(scratch(), 'committed/fs'))).toEqual(['file']);
	});

	it('take nothing from outside when a directory becomes a symlink while they are read (CVE-2018-15664)', async () => {
		const overlay = await container();
		const outside = join(scratch(), 'outside');
		mkdirSync(outside);
		for (let number = 0; number < 50; number++) writeFileSync(join(outside, `f${number}`), 'the host’s secret');
		mkdirSync(join(overlay.upper, 'd'));
		for (let number = 0; number < 50; number++)
			writeFileSync(join(overlay.upper, 'd', `f${number}`), 'x'.repeat(300_000));
		const parts: Uint8Array[] = [];
		for await (const part of changesetTar(overlay.upper, overlay.lowers)) {
			parts.push(part);
			if (parts.length !== 3) continue;
			run('mv', [join(overlay.upper, 'd'), join(overlay.upper, 'moved')]);
			symlinkSync(outside, join(overlay.upper, 'd'));
		}
		expect(Buffer.concat(parts).includes('secret')).toBe(false);
		expect(parts.length).toBeGreaterThan(3);
	});
});

describe('Docker agrees', () => {
	let docker: DockerDaemon;
	let root: string;
	beforeAll(async () => {
		root = mkdtempSync(join(tmpdir(), 'tng-'));
		docker = await startDockerDaemon(root);
		dockerRun(docker, ['import', await debianLayer(['busybox-static', 'tzdata']), 'base']);
	});
	afterAll(async () => {
		await docker.stop();
		for (const point of mountsBelow(root)) unmountOverlay(point);
		unlinkTree(root);
	});

	it.each([
		[
			'files made, written and deleted',
			'echo x > /new; rm /usr/share/zoneinfo/Zulu; echo x >> /usr/share/doc/tzdata/copyright',
		],
		['a tree deleted and a tree made', 'rm -r /usr/share/zoneinfo/Asia; mkdir -p /srv/a/b; echo x > /srv/a/b/c'],
	])('on what a container has changed: %s', (_, script) => {
		const id = dockerRun(docker, ['create', '--network', 'none', 'base', '/bin/busybox', 'sh', '-c', script]);
		dockerRun(docker, ['start', '--attach', id]);
		const { UpperDir, LowerDir } = JSON.parse(
			dockerRun(docker, ['inspect', '--format', '{{json .GraphDriver.Data}}', id]),
		);
		const ours = listChanges(UpperDir, LowerDir.split(':')).map(({ kind, path }) => `${kinds[kind]} ${path}`);
		expect(ours).toEqual(
			dockerRun(docker, ['diff', id])
				.split('\n')
				.toSorted((a, b) => (a.slice(2) < b.slice(2) ? -1 : 1)),
		);
	});
});

describe('an overlay', () => {
	it('works here, and its probe leaves nothing', () => {
		expect(probeOverlay(scratch())).toBeUndefined();
		expect(readdirSync(scratch())).toEqual([]);
	});

	it('says why it does not work where it cannot', () => {
		expect(probeOverlay('/proc')).toMatch(/ENOENT|EACCES|EPERM/);
	});

	it('mounts directories of any name', () => {
		const odd = join(scratch(), 'a:b,c\\d e\tf');
		const at = (name: string) => join(odd, name);
		for (const name of ['lower', 'upper', 'work', 'merged']) mkdirSync(at(name), { recursive: true });
		writeFileSync(at('lower/file'), 'x');
		mountOverlay({ lowers: [at('lower')], upper: at('upper'), work: at('work'), target: at('merged') });
		expect(readFileSync(at('merged/file'), 'utf8')).toBe('x');
		expect(mountsBelow(scratch())).toEqual([at('merged')]);
		expect(isMounted(at('merged'))).toBe(true);
	});

	it('mounts more layers than fit a page by their paths, and says where it ends', () => {
		const lowers = Array.from({ length: 180 }, (_, number) => join(scratch(), `${number}-${'x'.repeat(60)}`));
		for (const path of lowers) mkdirSync(path);
		writeFileSync(join(lowers.at(-1) ?? '', 'bottom'), 'x');
		const { merged } = mountOn('many', lowers);
		expect(readdirSync(merged)).toEqual(['bottom']);
		expect(() => mountOn('more', [...lowers, ...lowers])).toThrow(expect.objectContaining({ code: 'limit-exceeded' }));
	});

	it('without lowers is the upper itself', () => {
		const { merged, upper } = mountOn('alone', []);
		writeFileSync(join(merged, 'f'), 'x');
		expect(readdirSync(upper)).toEqual(['f']);
	});

	it('is unmounted also while it is busy, and unmounting twice is harmless', () => {
		const { merged } = mountOn('busy', []);
		const here = process.cwd();
		process.chdir(merged);
		unmountOverlay(merged);
		process.chdir(here);
		expect(isMounted(merged)).toBe(false);
		unmountOverlay(merged);
		rmSync(merged, { recursive: true });
		unmountOverlay(merged);
	});

	it('is left alone by unlinkTree, which says so', async () => {
		const overlay = await container();
		const { failures } = unlinkTree(scratch());
		expect(failures).toEqual([{ path: overlay.merged, code: 'EBUSY' }]);
	});
});
