import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { flushTree, measureTree, measureTreeBudgeted } from '../../../../src/engine/embedded/layers/measure.ts';
import { unlinkTree } from '../../../../src/engine/embedded/layers/unlink-tree.ts';
import { run } from '../../../support/commands.ts';
import { scratchDirectory } from '../../../support/scratch-directory.ts';

const scratch = scratchDirectory();

function tree(): string {
	const root = join(scratch(), 'tree');
	mkdirSync(join(root, 'a/b'), { recursive: true });
	writeFileSync(join(root, 'a/five'), 'hello');
	linkSync(join(root, 'a/five'), join(root, 'a/b/again'));
	writeFileSync(join(root, 'a/b/large'), Buffer.alloc(100_000, 'x'));
	symlinkSync('/etc', join(root, 'away'));
	run('truncate', ['--size=10M', join(root, 'hole')]);
	flushTree(root);
	return root;
}

function diskUsage(path: string): number {
	return Number.parseInt(run('du', ['--summarize', '--block-size=1', path]), 10);
}

describe('measuring a tree', () => {
	it('counts apparent bytes without directories, each inode once, symlinks by the length of their target', () => {
		expect(measureTree(tree()).sizeBytes).toBe(5 + 100_000 + 4 + 10 * 2 ** 20);
	});

	it('counts allocated bytes as du does', () => {
		const root = tree();
		expect(measureTree(root).diskBytes).toBe(diskUsage(root));
	});

	it('counts inodes, the root included', () => {
		expect(measureTree(tree()).inodeCount).toBe(7);
	});

	it('gives up at a deadline and not before', () => {
		const root = tree();
		for (let number = 0; number < 600; number++) writeFileSync(join(root, String(number)), '');
		expect(measureTreeBudgeted(root, { deadline: 0 })).toBeUndefined();
		expect(measureTreeBudgeted(root, { deadline: Number.POSITIVE_INFINITY })).toEqual(measureTree(root));
	});

	it('says ENOENT where there is nothing', () => {
		expect(() => measureTree(join(scratch(), 'missing'))).toThrow(expect.objectContaining({ code: 'ENOENT' }));
	});
});

describe('unlinking a tree', () => {
	it('frees what was measured, to the byte and inode', () => {
		const root = tree();
		const { diskBytes, inodeCount } = measureTree(root);
		expect(unlinkTree(root)).toEqual({ freedBytes: diskBytes, inodeCount, failures: [] });
		expect(() => measureTree(root)).toThrow();
	});

	it('does not count what has a name elsewhere', () => {
		const root = tree();
		linkSync(join(root, 'a/b/large'), join(scratch(), 'kept'));
		const { diskBytes } = measureTree(root);
		expect(unlinkTree(root).freedBytes).toBe(diskBytes - diskUsage(join(scratch(), 'kept')));
	});

	it('removes a symlink and not what it leads to', () => {
		const root = tree();
		symlinkSync(root, join(scratch(), 'link'));
		expect(unlinkTree(join(scratch(), 'link')).inodeCount).toBe(1);
		expect(measureTree(root).inodeCount).toBe(7);
	});

	it('has nothing to do for a missing path', () => {
		expect(unlinkTree(join(scratch(), 'missing'))).toEqual({ freedBytes: 0, inodeCount: 0, failures: [] });
	});

	it('measures and removes trees deeper than a path can name', () => {
		const root = join(scratch(), 'deep');
		mkdirSync(root);
		// Moved below itself again and again: no path of more than a few kilobytes is ever needed.
		for (let level = 0; level < 60; level++) {
			const below = join(scratch(), 'below');
			mkdirSync(join(below, 'name-of-a-directory/'.repeat(8)), { recursive: true });
			run('mv', [root, join(below, 'name-of-a-directory/'.repeat(8), 'root')]);
			run('mv', [below, root]);
		}
		writeFileSync(join(root, 'leaf'), 'x');
		flushTree(root);
		const measured = measureTree(root);
		expect(measured.inodeCount).toBe(60 * 9 + 2);
		expect(measured.diskBytes).toBe(diskUsage(root));
		expect(unlinkTree(root)).toMatchObject({ freedBytes: measured.diskBytes, failures: [] });
	});
});
