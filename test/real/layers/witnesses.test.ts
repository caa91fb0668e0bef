import { createHash } from 'node:crypto';
import { createReadStream, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { flushTree, measureTree } from '../../../src/engine/embedded/layers/measure.ts';
import { mountOverlay, mountsBelow, unmountOverlay } from '../../../src/engine/embedded/layers/overlay.ts';
import { rebuildTar } from '../../../src/engine/embedded/layers/skeleton.ts';
import { unlinkTree } from '../../../src/engine/embedded/layers/unlink-tree.ts';
import { type UnpackedLayer, unpackLayer } from '../../../src/engine/embedded/layers/unpack.ts';
import { run } from '../../support/commands.ts';
import { debianPackageTars } from '../../support/debian-packages.ts';
import { type DockerDaemon, startDockerDaemon } from '../../support/docker-daemon.ts';
import { dockerRun } from '../../support/docker-images.ts';
import { makeOddTree } from '../../support/odd-tree.ts';
import { buildTar, typeFlags } from '../../support/tar-builder.ts';
import { listTree } from '../../support/tree-listing.ts';

const packages = ['busybox-static', 'libc6', 'passwd', 'perl-base', 'tzdata', 'util-linux'];
const formats = ['odd-pax', 'odd-gnu', 'odd-hiding'];

let root: string;
const tars = new Map<string, string>();

beforeAll(() => {
	root = mkdtempSync(join(tmpdir(), 'tng-'));
	for (const [name, tar] of debianPackageTars(join(root, 'debs'), packages)) tars.set(name, tar);
	const tree = join(root, 'odd');
	makeOddTree(tree);
	const pack = (name: string, ...options: string[]) => {
		const path = join(root, `${name}.tar`);
		run('tar', ['--create', '--sort=name', '--numeric-owner', ...options, '--file', path, '-C', tree, '.']);
		tars.set(name, path);
	};
	pack('odd-pax', '--format=pax', '--xattrs', '--xattrs-include=*');
	pack('odd-gnu', '--format=gnu');
	tars.set('odd-hiding', hidingLayer());
});

afterAll(() => {
	for (const point of mountsBelow(root)) unmountOverlay(point);
	unlinkTree(root);
});

/** A layer for on top of odd-pax, with every way to hide and to replace. */
function hidingLayer(): string {
	const path = join(root, 'odd-hiding.tar');
	const tar = buildTar([
		{ name: '.wh.ping' },
		{ name: '.wh.sgid' },
		{ name: 'etc/', typeFlag: typeFlags.directory },
		{ name: 'etc/.wh..wh..opq' },
		{ name: 'etc/new', content: 'new' },
		{ name: 'tmp/', typeFlag: typeFlags.directory, mode: 0o1777 },
		{ name: 'tmp/.wh.never-there' },
		{ name: 'link', content: 'a file now' },
		{ name: 'noted/', typeFlag: typeFlags.directory },
		{ name: 'noted/inside', content: 'x' },
		{ name: 'su', typeFlag: typeFlags.symlink, linkName: 'ping' },
	]);
	writeFileSync(path, tar);
	return path;
}

function tarOf(name: string): string {
	const tar = tars.get(name);
	if (tar === undefined) throw new Error(`no tar of ${name}`);
	return tar;
}

/** Unpacks once; the same layer serves several witnesses. */
const unpackedLayers = new Map<string, Promise<UnpackedLayer & { readonly directory: string; readonly fs: string }>>();
function unpacked(name: string) {
	const known = unpackedLayers.get(name);
	if (known !== undefined) return known;
	const directory = join(root, `layer-${name}`);
	const unpacking = unpackLayer(createReadStream(tarOf(name)), directory).then((layer) => ({
		...layer,
		directory,
		fs: join(directory, 'fs'),
	}));
	unpackedLayers.set(name, unpacking);
	return unpacking;
}

/** The trees are compared whole; this says first what differs. */
function expectSameTree(ours: readonly string[], theirs: readonly string[]): void {
	const [inOurs, inTheirs] = [new Set(ours), new Set(theirs)];
	expect({
		onlyOurs: ours.filter((line) => !inTheirs.has(line)),
		onlyTheirs: theirs.filter((line) => !inOurs.has(line)),
	}).toEqual({ onlyOurs: [], onlyTheirs: [] });
	expect(ours.length).toBeGreaterThan(0);
}

describe('GNU tar agrees', () => {
	it.each([...packages, 'odd-pax', 'odd-gnu'])(
		'on every file, owner, mode, time, link and attribute of %s',
		async (name) => {
			const extracted = join(root, `tar-${name}`);
			mkdirSync(extracted);
			const options = ['--xattrs', '--xattrs-include=*', '--same-permissions', '--same-owner', '--numeric-owner'];
			run('tar', ['--extract', '--delay-directory-restore', ...options, '--file', tarOf(name), '-C', extracted]);
			expectSameTree(listTree((await unpacked(name)).fs), listTree(extracted));
		},
	);
});

describe('du agrees', () => {
	it.each([...packages, ...formats])('to the byte on what %s takes', async (name) => {
		const { fs } = await unpacked(name);
		flushTree(fs);
		expect(measureTree(fs).diskBytes).toBe(Number.parseInt(run('du', ['-s', '--block-size=1', fs]), 10));
	});
});

describe('sha256sum agrees', () => {
	it.each([...packages, ...formats])(
		'on the diffID of %s and on the tar that its skeleton gives back',
		async (name) => {
			const { directory, diffId, tarBytes } = await unpacked(name);
			const expected = `sha256:${run('sha256sum', [tarOf(name)]).slice(0, 64)}`;
			const hash = createHash('sha256');
			for await (const part of rebuildTar(directory)) hash.update(part);
			expect([diffId, `sha256:${hash.digest('hex')}`]).toEqual([expected, expected]);
			expect(readFileSync(tarOf(name))).toHaveLength(tarBytes);
		},
	);
});

describe('umoci agrees', () => {
	it('on what a stack of layers adds up to, with whiteouts and opaque directories', async () => {
		const layout = join(root, 'layout');
		const image = `${layout}:stack`;
		run('umoci', ['init', '--layout', layout]);
		run('umoci', ['new', '--image', image]);
		for (const name of ['odd-pax', 'odd-hiding']) run('umoci', ['raw', 'add-layer', '--image', image, tarOf(name)]);
		run('umoci', ['unpack', '--image', image, join(root, 'bundle')]);

		const [base, top] = [await unpacked('odd-pax'), await unpacked('odd-hiding')];
		const [upper, work, target] = ['upper', 'work', 'merged'].map((name) => join(root, name));
		if (upper === undefined || work === undefined || target === undefined) throw new Error('three paths');
		for (const path of [upper, work, target]) mkdirSync(path);
		mountOverlay({ lowers: [top.fs, base.fs], upper, work, target });
		// umoci leaves directories with the time of the last deletion in them; overlayfs counts links that it hides.
		const options = { ignoreDirectoryTimes: true, ignoreXattrs: /^trusted\.overlay\./ };
		const withoutLinkCounts = (lines: readonly string[]) =>
			lines.map((line) => line.replace(/ \d+ links, first \S+/, ''));
		expectSameTree(
			withoutLinkCounts(listTree(target, options)),
			withoutLinkCounts(listTree(join(root, 'bundle/rootfs'), options)),
		);
	});
});

/**
 * Where Docker loses what GNU tar and we keep: times before 1970, and the capabilities of a file whose hard link's
 * header does not repeat them.
 */
function asDockerKeeps(line: string): string {
	const timed = line.replace(/^(\S+ \d+ \d+:\d+) -\d+ /, '$1 0 ');
	return / links, first /.test(timed) ? timed.replace(/ \{security\.capability=\w+\}$/, '') : timed;
}

describe('Docker agrees', () => {
	let docker: DockerDaemon;
	beforeAll(async () => {
		docker = await startDockerDaemon(join(root, 'docker'));
	});
	afterAll(async () => {
		await docker.stop();
	});

	it.each(['tzdata', 'perl-base', 'passwd', ...formats])(
		'on the size, the diffID and every file of %s, with its whiteouts',
		async (name) => {
			const layer = await unpacked(name);
			const id = dockerRun(docker, ['import', tarOf(name)]);
			const format = '{{.Size}} {{index .RootFS.Layers 0}} {{.GraphDriver.Data.UpperDir}}';
			const [size, diffId, upper = ''] = dockerRun(docker, ['image', 'inspect', '--format', format, id]).split(' ');
			expect({ sizeBytes: Number(size), diffId }).toEqual({ sizeBytes: layer.sizeBytes, diffId: layer.diffId });
			expectSameTree(listTree(layer.fs).map(asDockerKeeps), listTree(upper));
		},
	);
});
