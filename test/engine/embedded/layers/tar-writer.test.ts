import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TarEntry } from '../../../../src/engine/embedded/layers/tar-format.ts';
import { TarReader } from '../../../../src/engine/embedded/layers/tar-reader.ts';
import { encodeTarEntry, tarEnd, tarPadding } from '../../../../src/engine/embedded/layers/tar-writer.ts';
import { run } from '../../../support/commands.ts';
import { scratchDirectory } from '../../../support/scratch-directory.ts';

const scratch = scratchDirectory();

const plain: TarEntry = {
	name: 'etc/hostname',
	type: 'file',
	sizeBytes: 0,
	mode: 0o644,
	uid: 0,
	gid: 0,
	mtime: { seconds: 1_700_000_000, nanoseconds: 0 },
	linkName: '',
	xattrs: new Map(),
	deviceMajor: 0,
	deviceMinor: 0,
};

function readBack(tar: Uint8Array): TarEntry[] {
	const entries: TarEntry[] = [];
	const reader = new TarReader({ entry: (entry) => entries.push(entry) }, { where: 'test.tar' });
	reader.push(tar);
	reader.end();
	return entries;
}

/** Any byte but NUL, as one character each. */
const byteName = (maxLength: number) =>
	fc.string({
		unit: fc.integer({ min: 1, max: 255 }).map((byte) => String.fromCharCode(byte)),
		minLength: 1,
		maxLength,
	});

const anyEntry = fc.record({
	name: byteName(300),
	type: fc.constant('symlink' as const),
	sizeBytes: fc.constant(0),
	mode: fc.integer({ min: 0, max: 0o7777 }),
	uid: fc.integer({ min: 0, max: 0xfffffffe }),
	gid: fc.integer({ min: 0, max: 0xfffffffe }),
	mtime: fc.record({
		seconds: fc.integer({ min: -(2 ** 40), max: 2 ** 40 }),
		nanoseconds: fc.integer({ min: 0, max: 999_999_999 }),
	}),
	linkName: byteName(200),
	xattrs: fc
		.array(fc.tuple(fc.stringMatching(/^user\.[a-z]{1,20}$/), fc.uint8Array({ maxLength: 200 })), { maxLength: 3 })
		.map((pairs) => new Map(pairs.map(([name, value]) => [name, Buffer.from(value)] as const))),
	deviceMajor: fc.constant(0),
	deviceMinor: fc.constant(0),
});

describe('the tar writer', () => {
	it('writes one plain ustar block where that says everything', () => {
		expect(encodeTarEntry(plain)).toHaveLength(512);
	});

	it('writes what the reader reads, for any entry', () => {
		fc.assert(
			fc.property(anyEntry, (entry) => {
				expect(readBack(Buffer.concat([encodeTarEntry(entry), tarEnd]))).toEqual([entry]);
			}),
		);
	});

	it('writes what GNU tar reads: long and odd names, large owners, nanoseconds', () => {
		const name = `${'näme/'.repeat(40)}end`;
		const entry = {
			...plain,
			name: Buffer.from(name).toString('latin1'),
			sizeBytes: 3,
			uid: 3_000_000,
			gid: 4_000_000,
			mtime: { seconds: 1_700_000_000, nanoseconds: 120_000_000 },
		};
		const file = join(scratch(), 'made.tar');
		writeFileSync(file, Buffer.concat([encodeTarEntry(entry), Buffer.from('abc'), tarPadding(3), tarEnd]));
		const listed = run(
			'tar',
			['--list', '--verbose', '--full-time', '--utc', '--quoting-style=literal', '--file', file],
			{
				env: { ...process.env, LC_ALL: 'C.UTF-8' },
			},
		);
		expect(listed.replace(/ +/g, ' ')).toBe(`-rw-r--r-- 3000000/4000000 3 2023-11-14 22:13:20.12 ${name}`);
	});
});
