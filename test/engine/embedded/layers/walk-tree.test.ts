import { mkdirSync, readdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { walkTree } from '../../../../src/engine/embedded/layers/walk-tree.ts';
import { scratchDirectory } from '../../../support/scratch-directory.ts';

const scratch = scratchDirectory();

function tree(): string {
	const root = join(scratch(), 'tree');
	mkdirSync(join(root, 'b/c'), { recursive: true });
	for (const name of ['a', 'b/c/d', 'b/e', 'z']) writeFileSync(join(root, name), '');
	return root;
}

describe.each([{ guarded: false }, { guarded: true }])('walking a tree, guarded: $guarded', (options) => {
	it('goes parents first, in byte order, and leaves a directory after all in it', () => {
		const steps = [...walkTree(tree(), options)].map(({ phase, relative }) => `${phase} ${relative}`);
		expect(steps).toEqual([
			'enter ',
			'enter a',
			'enter b',
			'enter b/c',
			'enter b/c/d',
			'leave b/c',
			'enter b/e',
			'leave b',
			'enter z',
			'leave ',
		]);
	});

	it('stays out of a directory that is to be skipped', () => {
		const seen: string[] = [];
		for (const step of walkTree(tree(), options)) {
			seen.push(step.relative);
			if (step.relative === 'b') step.skip = true;
		}
		expect(seen).toEqual(['', 'a', 'b', 'z', '']);
	});

	it('closes what it holds when the loop is left early', () => {
		const root = tree();
		const openFiles = () => readdirSync('/proc/self/fd').length;
		const before = openFiles();
		for (const step of walkTree(root, options)) if (step.relative === 'b/c/d') break;
		expect(openFiles()).toBe(before);
	});
});

describe('a guarded walk', () => {
	it('never leaves the tree when a directory is swapped for a symlink meanwhile', () => {
		const root = tree();
		const outside = join(scratch(), 'outside');
		mkdirSync(join(outside, 'c'), { recursive: true });
		for (const name of ['secret', 'c/secret']) writeFileSync(join(outside, name), 'x');
		for (const swapAt of ['', 'b', 'b/c', 'b/c/d']) {
			const seen: string[] = [];
			for (const { relative, phase } of walkTree(root, { guarded: true })) {
				seen.push(relative);
				if (relative !== swapAt || phase === 'leave') continue;
				renameSync(join(root, 'b'), join(root, 'moved'));
				symlinkSync(outside, join(root, 'b'));
			}
			expect(seen.filter((name) => name.includes('secret'))).toEqual([]);
			renameSync(join(root, 'b'), join(scratch(), `link-${swapAt.length}`));
			renameSync(join(root, 'moved'), join(root, 'b'));
		}
	});
});
