import { execFileSync } from 'node:child_process';
import {
	linkSync,
	lstatSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	readlinkSync,
	rmSync,
	symlinkSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { copyTree } from '../../../../src/engine/embedded/volumes/copy-tree.ts';

let directory: string;
let source: string;
let target: string;

beforeEach(() => {
	directory = mkdtempSync(join(tmpdir(), 'tonnage-copy-'));
	source = join(directory, 'source');
	target = join(directory, 'target');
	mkdirSync(source);
	mkdirSync(target);
});

afterEach(() => {
	rmSync(directory, { recursive: true });
});

test('a copied tree is what GNU cp would have made', () => {
	mkdirSync(join(source, 'deep/er'), { recursive: true, mode: 0o750 });
	writeFileSync(join(source, 'deep/er/file'), 'text', { mode: 0o4711 });
	linkSync(join(source, 'deep/er/file'), join(source, 'second name'));
	symlinkSync('../nowhere', join(source, 'link'));
	symlinkSync(directory, join(source, 'away'));
	execFileSync('mkfifo', ['-m', '0622', join(source, 'fifo')]);
	utimesSync(join(source, 'deep/er/file'), 1_000_000_000.5, 1_000_000_000.5);
	utimesSync(join(source, 'deep'), 1_100_000_000, 1_100_000_000);
	copyTree(source, target);
	const reference = join(directory, 'reference');
	execFileSync('cp', ['-a', source, reference]);
	const listed = (path: string) =>
		execFileSync('find', ['.', '-printf', '%P %y %m %U:%G %T@ %n %l\n'], { cwd: path, encoding: 'utf8' })
			.split('\n')
			.sort();
	expect(listed(target)).toEqual(listed(reference));
	expect(readFileSync(join(target, 'deep/er/file'), 'utf8')).toBe('text');
	expect(lstatSync(join(target, 'second name')).ino).toBe(lstatSync(join(target, 'deep/er/file')).ino);
	expect(readlinkSync(join(target, 'away'))).toBe(directory);
});

test('names that are not UTF-8 stay what they are', () => {
	const name = Buffer.from([0x66, 0xff, 0xfe]);
	writeFileSync(Buffer.concat([Buffer.from(`${source}/`), name]), 'bytes');
	copyTree(source, target);
	expect(readFileSync(Buffer.concat([Buffer.from(`${target}/`), name]), 'utf8')).toBe('bytes');
});
