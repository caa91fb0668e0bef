import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findTail, GrowingFile } from '../../../../src/engine/embedded/containers/log-file.ts';

let directory: string;
let path: string;

beforeEach(() => {
	directory = mkdtempSync(join(tmpdir(), 'tonnage-log-'));
	path = join(directory, 'log');
});

afterEach(() => {
	rmSync(directory, { recursive: true });
});

const count = (records: readonly string[]) => records.filter((record) => record !== '').length;

function tail(lines: number): readonly string[] {
	const { position, skippedLines } = findTail(path, lines, count);
	const file = new GrowingFile(path, position);
	try {
		return [...file.lines()].slice(skippedLines);
	} finally {
		file.close();
	}
}

test('a file that grows gives each line once, when it is complete', () => {
	writeFileSync(path, 'one\ntw');
	const file = new GrowingFile(path);
	expect([...file.lines()]).toEqual(['one']);
	appendFileSync(path, 'o\n');
	expect([...file.lines()]).toEqual(['two']);
	expect([...file.lines()]).toEqual([]);
	appendFileSync(path, `${'x'.repeat(200_000)}\n\nend\n`);
	expect([...file.lines()].map(({ length }) => length)).toEqual([200_000, 0, 3]);
	file.close();
});

test('a file that is not there is empty', () => {
	expect([...new GrowingFile(path).lines()]).toEqual([]);
	expect(findTail(path, 5, count)).toEqual({ position: 0, skippedLines: 0 });
});

test('the last lines are the last lines, however long the file and its lines are', () => {
	const lines = Array.from({ length: 20_000 }, (_, index) => `${index} ${'é'.repeat(index % 40)}`);
	writeFileSync(path, `${lines.join('\n')}\n`);
	for (const wanted of [1, 2, 100, 5_000, 19_999, 20_000, 20_001]) expect(tail(wanted)).toEqual(lines.slice(-wanted));
	expect(tail(0)).toEqual([]);
	const long = ['a'.repeat(300_000), 'b'.repeat(70_000), 'c'];
	writeFileSync(path, `${long.join('\n')}\n`);
	for (const wanted of [1, 2, 3]) expect(tail(wanted)).toEqual(long.slice(-wanted));
});
