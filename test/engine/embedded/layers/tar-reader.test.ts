import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TarEntry } from '../../../../src/engine/embedded/layers/tar-format.ts';
import { TarReader } from '../../../../src/engine/embedded/layers/tar-reader.ts';
import { type BuiltEntry, buildTar, paxRecord, typeFlags } from '../../../support/tar-builder.ts';

/** Reads a tar in chunks and gives all that the sink was told. */
function read(tar: Buffer, options: { chunkBytes?: number; allowMissingEnd?: boolean } = {}) {
	const entries: (TarEntry & { content: string })[] = [];
	const seen: Buffer[] = [];
	const reader = new TarReader(
		{
			structure: (bytes) => seen.push(Buffer.from(bytes)),
			entry: (entry) => entries.push({ ...entry, content: '' }),
			payload: (bytes) => {
				seen.push(Buffer.from(bytes));
				const last = entries.at(-1);
				if (last !== undefined) last.content += Buffer.from(bytes).toString('latin1');
			},
		},
		{ where: 'test.tar', allowMissingEnd: options.allowMissingEnd === true },
	);
	const step = options.chunkBytes ?? tar.length;
	for (let at = 0; at < tar.length; at += step) reader.push(tar.subarray(at, at + step));
	reader.end();
	return { entries, seen: Buffer.concat(seen) };
}

const longName = `${'directory/'.repeat(30)}file`;

const readable: readonly (readonly [string, BuiltEntry, Partial<TarEntry> & { content?: string }])[] = [
	['a file', { name: 'a', content: 'hello' }, { name: 'a', type: 'file', sizeBytes: 5, content: 'hello' }],
	['an empty file', { name: 'a' }, { type: 'file', sizeBytes: 0, content: '' }],
	['a file of exactly one block', { name: 'a', content: 'x'.repeat(512) }, { sizeBytes: 512 }],
	['setuid and the type bits that some writers add', { name: 'a', mode: 0o104755 }, { mode: 0o4755 }],
	['a directory', { name: 'd/', typeFlag: typeFlags.directory }, { type: 'directory', name: 'd/' }],
	[
		'a directory by its trailing slash, as before there was a type',
		{ name: 'd/', typeFlag: '\0' },
		{ type: 'directory' },
	],
	['a symlink', { name: 'l', typeFlag: typeFlags.symlink, linkName: '../x' }, { type: 'symlink', linkName: '../x' }],
	[
		'a hard link whose size means nothing',
		{ name: 'l', typeFlag: typeFlags.hardlink, linkName: 'x', sizeField: '00000000777\0' },
		{ type: 'hardlink', sizeBytes: 0 },
	],
	[
		'a device',
		{ name: 'n', typeFlag: typeFlags.blockDevice, device: [8, 300] },
		{ type: 'block-device', deviceMajor: 8, deviceMinor: 300 },
	],
	['a name of any bytes', { name: Buffer.from([0x66, 0xff, 0xe9]) }, { name: 'f\xff\xe9' }],
	['a pax path', { name: 'short', pax: { path: longName } }, { name: longName }],
	['a pax path that is unsaid', { name: 'short', pax: { path: '' } }, { name: 'short' }],
	[
		'pax owners above the header’s reach',
		{ name: 'a', pax: { uid: '3000000000', gid: '7' } },
		{ uid: 3_000_000_000, gid: 7 },
	],
	[
		'pax nanoseconds',
		{ name: 'a', pax: { mtime: '1700000000.123456789' } },
		{ mtime: { seconds: 1_700_000_000, nanoseconds: 123_456_789 } },
	],
	[
		'a pax time before 1970',
		{ name: 'a', pax: { mtime: '-1.25' } },
		{ mtime: { seconds: -2, nanoseconds: 750_000_000 } },
	],
	[
		'a pax size',
		{ name: 'a', content: 'hello', sizeField: '00000000000\0', pax: { size: '5' } },
		{ sizeBytes: 5, content: 'hello' },
	],
	[
		'a size in GNU’s binary form',
		{ name: 'a', content: 'hi', sizeField: Buffer.from('800000000000000000000002', 'hex') },
		{ sizeBytes: 2, content: 'hi' },
	],
	[
		'extended attributes with any bytes',
		{ name: 'a', pax: { 'SCHILY.xattr.user.n': Buffer.from([0, 10, 61, 255]) } },
		{ xattrs: new Map([['user.n', Buffer.from([0, 10, 61, 255])]]) },
	],
	[
		'a pax header for all, which is passed over',
		{ name: 'g', typeFlag: 'g', content: paxRecord('path', 'nowhere') },
		{ name: 'next' },
	],
	['a GNU long name', { name: '././@LongLink', typeFlag: 'L', content: `${longName}\0` }, { name: longName }],
	['a GNU long link', { name: '././@LongLink', typeFlag: 'K', content: `${longName}\0` }, { name: 'next' }],
];

const refused: readonly (readonly [string, Buffer, string])[] = [
	['a wrong checksum', withByte(buildTar([{ name: 'a' }]), 5, 0x41), 'corrupt'],
	['a size that is not octal', buildTar([{ name: 'a', sizeField: '0000000009x\0' }]), 'corrupt'],
	['a negative size', buildTar([{ name: 'a', sizeField: Buffer.from('ffffffffffffffffffffffff', 'hex') }]), 'corrupt'],
	[
		'a size beyond all disks',
		buildTar([{ name: 'a', sizeField: Buffer.from('80ffffffffffffffffffffff', 'hex') }]),
		'corrupt',
	],
	['an owner that means "leave it" to chown', buildTar([{ name: 'a', pax: { uid: '4294967295' } }]), 'corrupt'],
	['a negative pax size', buildTar([{ name: 'a', pax: { size: '-1' } }]), 'corrupt'],
	[
		'a pax record longer than its header',
		buildTar([{ name: 'x', typeFlag: 'x', content: '99 path=a\n' }, { name: 'a' }]),
		'corrupt',
	],
	['a pax record of no length', buildTar([{ name: 'x', typeFlag: 'x', content: '0 a=b\n' }, { name: 'a' }]), 'corrupt'],
	['a pax name with a NUL', buildTar([{ name: 'a', pax: { path: 'a\0b' } }]), 'corrupt'],
	['an unknown type', buildTar([{ name: 'a', typeFlag: 'M' }]), 'corrupt'],
	['a sparse file of old', buildTar([{ name: 'a', typeFlag: 'S' }]), 'unsupported'],
	['a sparse file in pax', buildTar([{ name: 'a', pax: { 'GNU.sparse.major': '1' } }]), 'unsupported'],
	['an entry after the end', Buffer.concat([Buffer.alloc(512), buildTar([{ name: 'a' }])]), 'corrupt'],
	['no end marker', buildTar([{ name: 'a' }], { end: false }), 'corrupt'],
	['nothing at all', Buffer.alloc(0), 'corrupt'],
	[
		'a pax header for nobody',
		buildTar([{ name: 'x', typeFlag: 'x', content: paxRecord('path', 'a') }], { end: false }),
		'corrupt',
	],
];

describe('the tar reader', () => {
	it.each(readable)('reads %s', (_, built, expected) => {
		const { entries } = read(buildTar([built, { name: 'next' }]));
		expect(entries[0]).toMatchObject(expected);
		expect(entries.at(-1)?.type).toBe('file');
	});

	it.each(refused)('refuses %s', (_, tar, code) => {
		expect(() => read(tar)).toThrow(expect.objectContaining({ code }));
	});

	it('says where in the tar it went wrong', () => {
		const tar = buildTar([
			{ name: 'a', content: 'hello' },
			{ name: 'b', typeFlag: 'M' },
		]);
		expect(() => read(tar)).toThrow('test.tar cannot be read: "b" has the unknown entry type "M" (at byte 1,024)');
	});

	const mixed = buildTar([
		{ name: 'd/', typeFlag: typeFlags.directory },
		{ name: 'd/one', content: 'x'.repeat(700), pax: { mtime: '5.5', 'SCHILY.xattr.user.k': 'v' } },
		{ name: '././@LongLink', typeFlag: 'L', content: `${longName}\0` },
		{ name: 'short', content: 'y'.repeat(512) },
	]);

	it('gives the same whatever the chunks are, and every byte once and in order', () => {
		const whole = read(mixed);
		fc.assert(
			fc.property(fc.integer({ min: 1, max: 2000 }), (chunkBytes) => {
				const cut = read(mixed, { chunkBytes });
				expect(cut.entries).toEqual(whole.entries);
				expect(cut.seen.equals(mixed)).toBe(true);
			}),
			{ numRuns: 60 },
		);
	});

	it('calls a tar corrupt wherever it is cut, unless a digest vouches for it and the cut is between entries', () => {
		const withoutEnd = mixed.length - 1024;
		for (let length = 0; length <= withoutEnd; length += 64) {
			expect(() => read(mixed.subarray(0, length))).toThrow(expect.objectContaining({ code: 'corrupt' }));
		}
		expect(read(mixed.subarray(0, withoutEnd), { allowMissingEnd: true }).entries).toHaveLength(3);
		expect(() => read(mixed.subarray(0, withoutEnd - 1), { allowMissingEnd: true })).toThrow();
	});

	it('never fails in any other way on any bytes', () => {
		fc.assert(
			fc.property(fc.nat(mixed.length - 1), fc.nat(255), (at, value) => {
				try {
					read(withByte(mixed, at, value));
				} catch (error) {
					expect(error).toMatchObject({ name: 'EngineError' });
				}
			}),
			{ numRuns: 500 },
		);
	});
});

function withByte(bytes: Buffer, at: number, value: number): Buffer {
	const copy = Buffer.from(bytes);
	copy[at] = value;
	return copy;
}
