import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/** Rows of the rule matrix that the embedded engine has nothing to show of yet, and what they wait for. */
const waiting: Readonly<Record<number, string>> = {
	7: 'the Docker adapter: parent links of the legacy builder',
	8: 'the builder: intermediate build cache as a kind of its own',
	10: 'a registry beside the store: an image that was pulled by digest only',
	14: 'a registry beside the store: attestations and other referrers',
	18: 'the builder: a build that is under way',
	26: 'the Docker adapter: volumes with driver options',
	37: 'the Docker adapter: an image that is mounted into a container',
	39: 'the Docker adapter: read-only additional image stores',
	43: 'a filesystem of its own: files that are open and deleted',
};

/** Rows that need a disk of their own, by the sentence of the test that shows them. */
const onFullDisks: Readonly<Record<number, string>> = {
	40: 'a disk that is full to the last byte is freed by its own means',
	41: 'a disk without inodes is freed by its own means',
};
const fullDisk = readFileSync(new URL('../real/survival/full-disk.test.ts', import.meta.url), 'utf8');

const directory = new URL('../real/gc/', import.meta.url);
const rows = readdirSync(directory)
	.filter((name) => name.startsWith('matrix-'))
	.flatMap((name) => [...readFileSync(new URL(name, directory), 'utf8').matchAll(/'(\d{1,2}(?:, \d{1,2})*): /g)])
	.flatMap(([, numbers = '']) => numbers.split(', ').map(Number))
	.concat(Object.keys(onFullDisks).map(Number));

test('every row of the rule matrix is a test by its number on the embedded engine, or waits for something by name', () => {
	const all = Array.from({ length: 48 }, (_, index) => index + 1);
	expect(all.filter((row) => !rows.includes(row) && waiting[row] === undefined)).toEqual([]);
});

test('the rows about full disks are tests under these names', () => {
	for (const sentence of Object.values(onFullDisks)) expect(fullDisk).toContain(`test('${sentence}`);
});

test('no row waits that has a test, and no test has a number that is no row', () => {
	expect(rows.filter((row) => waiting[row] !== undefined || row < 1 || row > 48)).toEqual([]);
});
