import { execFileSync } from 'node:child_process';
import {
	existsSync,
	lstatSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
	lookInRoot,
	makeDirectoryInRoot,
	makeMountPoint,
	readFileInRoot,
	refuseLinksOut,
	refuseProcessDirectory,
	withDirectoryInRoot,
} from '../../../../src/engine/embedded/containers/rootfs.ts';
import { isEngineError } from '../../../../src/engine/errors.ts';

let directory: string;
let root: string;

beforeEach(() => {
	directory = mkdtempSync(join(tmpdir(), 'tonnage-rootfs-'));
	root = join(directory, 'root');
	mkdirSync(join(root, 'etc'), { recursive: true });
	writeFileSync(join(root, 'etc/file'), 'inside');
	writeFileSync(join(directory, 'secret'), 'outside');
});

afterEach(() => {
	rmSync(directory, { recursive: true });
});

const openCount = () => readdirSync('/proc/self/fd').length;
const invalid = expect.toSatisfy((error: unknown) => isEngineError(error, 'invalid-argument'));

const links: readonly { readonly target: string; readonly reads: string | undefined }[] = [
	{ target: '/etc/file', reads: 'inside' },
	{ target: 'file', reads: 'inside' },
	{ target: '../etc/file', reads: 'inside' },
	{ target: '../../../../../etc/file', reads: 'inside' },
	{ target: '../../secret', reads: undefined },
	{ target: '/nowhere', reads: undefined },
	{ target: '/etc', reads: undefined },
	{ target: 'link', reads: undefined },
];

test.each(links)('a link to $target is followed as inside', ({ target, reads }) => {
	symlinkSync(target, join(root, 'etc/link'));
	const before = openCount();
	if (target === 'link') expect(() => readFileInRoot(root, '/etc/link', 100)).toThrow(invalid);
	else expect(readFileInRoot(root, '/etc/link', 100)).toBe(reads);
	expect(openCount()).toBe(before);
});

test('a link to the host’s absolute path is the container’s', () => {
	symlinkSync(join(directory, 'secret'), join(root, 'etc/link'));
	expect(readFileInRoot(root, '/etc/link', 100)).toBeUndefined();
});

test('what is no file is not read, and does not hang', () => {
	execFileSync('mkfifo', [join(root, 'etc/fifo')]);
	expect(readFileInRoot(root, '/etc/fifo', 100)).toBeUndefined();
	expect(readFileInRoot(root, '/etc/file/deeper', 100)).toBeUndefined();
	expect(() => readFileInRoot(root, '/etc/file', 3)).toThrow(
		expect.toSatisfy((error: unknown) => isEngineError(error, 'limit-exceeded')),
	);
});

test('directories are made below where links lead inside, never outside', () => {
	symlinkSync(`../../../..${directory}`, join(root, 'way'));
	expect(makeDirectoryInRoot(root, '/way/new/deep')).toBe(`${directory}/new/deep`);
	expect(existsSync(join(directory, 'new'))).toBe(false);
	expect(lstatSync(join(root, directory, 'new/deep')).mode & 0o777).toBe(0o755);
	expect(makeDirectoryInRoot(root, '/etc/../etc/./sub/')).toBe('/etc/sub');
	expect(makeDirectoryInRoot(root, '/')).toBe('/');
	expect(() => makeDirectoryInRoot(root, '/etc/file')).toThrow(invalid);
	expect(() => makeDirectoryInRoot(root, '/etc/file/sub')).toThrow(invalid);
});

test('a mount point is made of the kind that is mounted', () => {
	expect(makeMountPoint(root, '/new/file', 'file')).toBe('/new/file');
	expect(lstatSync(join(root, 'new/file')).isFile()).toBe(true);
	expect(makeMountPoint(root, '/new/directory', 'directory')).toBe('/new/directory');
	expect(makeMountPoint(root, '/etc/file', 'file')).toBe('/etc/file');
	expect(() => makeMountPoint(root, '/etc', 'file')).toThrow(invalid);
	expect(() => makeMountPoint(root, '/etc/file', 'directory')).toThrow(invalid);
	symlinkSync('/', join(root, 'self'));
	expect(() => makeMountPoint(root, '/self', 'directory')).toThrow(invalid);
	symlinkSync('../run/resolv.conf', join(root, 'etc/resolv.conf'));
	expect(makeMountPoint(root, '/etc/resolv.conf', 'file')).toBe('/run/resolv.conf');
});

test('what lies at a path is told without following it', () => {
	symlinkSync('/etc', join(root, 'link'));
	expect(lookInRoot(root, '/etc')).toBe('directory');
	expect(lookInRoot(root, '/link')).toBe('link');
	expect(lookInRoot(root, '/etc/file')).toBe('other');
	expect(lookInRoot(root, '/nothing')).toBeUndefined();
	expect(lookInRoot(root, '/nothing/below')).toBeUndefined();
	expect(withDirectoryInRoot(root, '/link', (path) => readdirSync(path))).toEqual(['file']);
	expect(withDirectoryInRoot(root, '/etc/file', () => 'called')).toBeUndefined();
});

test('a working directory in /proc is refused, however it is reached', () => {
	mkdirSync(join(root, 'proc/self'), { recursive: true });
	symlinkSync('/proc/self/fd/7', join(root, 'direct'));
	symlinkSync('direct', join(root, 'twice'));
	symlinkSync('../../proc/self', join(root, 'etc/climb'));
	symlinkSync('/proc', join(root, 'kernel'));
	for (const path of [
		'/proc/self',
		'/proc/self/fd/7',
		'/etc/../proc/self',
		'/direct',
		'/twice',
		'/etc/climb',
		'/kernel/self',
	]) {
		expect(() => refuseProcessDirectory(root, path), path).toThrow(invalid);
	}
	for (const path of ['/', '/etc', '/proc', '/kernel', '/procession', '/not/there']) refuseProcessDirectory(root, path);
});

test('links out of a mount are refused where they cannot be followed beforehand', () => {
	symlinkSync('etc', join(root, 'inside'));
	symlinkSync('../secret', join(root, 'up'));
	symlinkSync('/anything', join(root, 'absolute'));
	refuseLinksOut(root, '/inside');
	for (const path of ['/up', '/absolute', '/absolute/deeper'])
		expect(() => refuseLinksOut(root, path), path).toThrow(invalid);
});
