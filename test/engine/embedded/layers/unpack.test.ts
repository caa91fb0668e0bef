import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { measureTree } from '../../../../src/engine/embedded/layers/measure.ts';
import { rebuildTar } from '../../../../src/engine/embedded/layers/skeleton.ts';
import { type UnpackedLayer, unpackLayer } from '../../../../src/engine/embedded/layers/unpack.ts';
import { getXattr } from '../../../../src/engine/embedded/system/syscalls.ts';
import { scratchDirectory } from '../../../support/scratch-directory.ts';
import { type BuiltEntry, buildTar, inChunks, typeFlags } from '../../../support/tar-builder.ts';

const scratch = scratchDirectory();
const { directory, symlink, hardlink, characterDevice } = typeFlags;

/** Unpacks, and proves what holds for every layer: the figures are those of the tree, and the tar comes back. */
async function unpack(tar: Buffer): Promise<{ readonly fs: string; readonly layer: UnpackedLayer }> {
	const place = join(scratch(), 'layer');
	const layer = await unpackLayer(inChunks(tar, 1000), place);
	const fs = join(place, 'fs');
	const { sizeBytes, inodeCount } = measureTree(fs);
	expect(layer).toMatchObject({ sizeBytes, inodeCount, tarBytes: tar.length });
	expect(layer.diffId).toBe(`sha256:${createHash('sha256').update(tar).digest('hex')}`);
	const rebuilt: Uint8Array[] = [];
	for await (const chunk of rebuildTar(place)) rebuilt.push(chunk);
	expect(Buffer.concat(rebuilt).equals(tar)).toBe(true);
	return { fs, layer };
}

const text = (fs: string, name: string) => readFileSync(join(fs, name), 'utf8');
const isWhiteout = (path: string) => lstatSync(path).isCharacterDevice() && lstatSync(path).rdev === 0;
const isOpaque = (path: string) => getXattr(path, 'trusted.overlay.opaque')?.toString() === 'y';

describe('unpacking a layer', () => {
	it('keeps modes, times and links, with setuid set after the owner', async () => {
		const { fs } = await unpack(
			buildTar([
				{ name: 'bin/', typeFlag: directory, mode: 0o750, mtime: 5 },
				{ name: 'bin/su', mode: 0o4755, content: 'x', pax: { mtime: '1700000000.123456789' } },
				{ name: 'bin/also', typeFlag: hardlink, linkName: 'bin/su', mode: 0o4755 },
				{ name: 'bin/link', typeFlag: symlink, linkName: '/nowhere', mtime: 7 },
			]),
		);
		const stats = lstatSync(join(fs, 'bin/su'), { bigint: true });
		expect(stats).toMatchObject({ nlink: 2n, mode: 0o104755n, mtimeNs: 1_700_000_000_123_456_789n });
		expect(lstatSync(join(fs, 'bin'))).toMatchObject({ mode: 0o40750, mtimeMs: 5000 });
		expect(lstatSync(join(fs, 'bin/link')).mtimeMs).toBe(7000);
	});

	it('gives directories that are nowhere described a fixed mode and time', async () => {
		const { fs } = await unpack(buildTar([{ name: 'a/b/c' }]));
		expect(lstatSync(join(fs, 'a'))).toMatchObject({ mode: 0o40755, mtimeMs: 0 });
	});

	it('gives the root what the layer says of it', async () => {
		const { fs } = await unpack(buildTar([{ name: './', typeFlag: directory, mode: 0o711, mtime: 9 }]));
		expect(lstatSync(fs)).toMatchObject({ mode: 0o40711, mtimeMs: 9000 });
	});

	it('puts an entry below a symlinked directory where the symlink leads, as merged-usr packages need', async () => {
		const { fs } = await unpack(
			buildTar([
				{ name: 'usr/lib/', typeFlag: directory },
				{ name: 'lib', typeFlag: symlink, linkName: 'usr/lib' },
				{ name: 'lib/libc.so', content: 'elf' },
				{ name: 'lib64', typeFlag: symlink, linkName: '/lib/../lib/x86' },
				{ name: 'lib64/ld.so', typeFlag: hardlink, linkName: 'lib/libc.so' },
			]),
		);
		expect(readlinkSync(join(fs, 'lib'))).toBe('usr/lib');
		expect(text(fs, 'usr/lib/libc.so')).toBe('elf');
		expect(lstatSync(join(fs, 'usr/lib/x86/ld.so')).nlink).toBe(2);
	});

	it('keeps names that are not UTF-8', async () => {
		const name = Buffer.from([0x6e, 0xff, 0xe4]);
		const { fs } = await unpack(buildTar([{ name, content: 'x' }]));
		expect(readdirSync(fs, 'buffer')).toEqual([name]);
	});

	it('makes whiteouts of one inode and marks opaque directories', async () => {
		const { fs } = await unpack(
			buildTar([
				{ name: 'd/', typeFlag: directory },
				{ name: 'd/.wh..wh..opq' },
				{ name: '.wh.a' },
				{ name: 'd/.wh.b' },
			]),
		);
		expect(isOpaque(join(fs, 'd'))).toBe(true);
		expect(isWhiteout(join(fs, 'a'))).toBe(true);
		expect(lstatSync(join(fs, 'a')).ino).toBe(lstatSync(join(fs, 'd/b')).ino);
		expect(existsSync(join(fs, '../whiteout'))).toBe(false);
	});

	const whiteoutOrders: readonly (readonly [string, readonly BuiltEntry[], (fs: string) => unknown, unknown])[] = [
		[
			'a file and then its whiteout: the file stands',
			[{ name: 'f', content: 'x' }, { name: '.wh.f' }],
			(fs) => text(fs, 'f'),
			'x',
		],
		[
			'a whiteout and then the file: the file stands',
			[{ name: '.wh.f' }, { name: 'f', content: 'x' }],
			(fs) => text(fs, 'f'),
			'x',
		],
		[
			'a directory and then its whiteout: it hides the lower one',
			[{ name: 'd/f' }, { name: '.wh.d' }],
			(fs) => isOpaque(join(fs, 'd')),
			true,
		],
		[
			'a whiteout and then the directory: it hides the lower one',
			[{ name: '.wh.d' }, { name: 'd/', typeFlag: directory }],
			(fs) => isOpaque(join(fs, 'd')),
			true,
		],
		[
			'a whiteout and then something below it',
			[{ name: '.wh.d' }, { name: 'd/f', content: 'x' }],
			(fs) => [isOpaque(join(fs, 'd')), text(fs, 'd/f')],
			[true, 'x'],
		],
		['the same whiteout twice', [{ name: '.wh.f' }, { name: '.wh.f' }], (fs) => isWhiteout(join(fs, 'f')), true],
		['overlayfs’s own whiteout', [{ name: 'f', typeFlag: characterDevice }], (fs) => isWhiteout(join(fs, 'f')), true],
		[
			'a whiteout with content, which only the tar has',
			[{ name: '.wh.f', content: 'odd' }],
			(fs) => isWhiteout(join(fs, 'f')),
			true,
		],
	];
	it.each(whiteoutOrders)('takes %s', async (_, entries, look, expected) => {
		const { fs } = await unpack(buildTar(entries));
		expect(look(fs)).toEqual(expected);
	});

	const duplicates: readonly (readonly [string, readonly BuiltEntry[], string])[] = [
		[
			'a file twice',
			[
				{ name: 'f', content: 'first' },
				{ name: 'f', content: 'second' },
			],
			'second',
		],
		[
			'a file three times',
			[
				{ name: 'f', content: '1' },
				{ name: 'f', content: '22' },
				{ name: 'f', content: '333' },
			],
			'333',
		],
		[
			'a file in place of a tree',
			[
				{ name: 'f/a', content: 'deep' },
				{ name: 'f/b/c', content: 'deeper' },
				{ name: 'f', content: 'flat' },
			],
			'flat',
		],
		[
			'a hard link in place of a file',
			[
				{ name: 'f', content: 'lost' },
				{ name: 'g', content: 'kept' },
				{ name: 'f', typeFlag: hardlink, linkName: 'g' },
			],
			'kept',
		],
		[
			'a file in place of one that has another name',
			[
				{ name: 'f', content: 'shared' },
				{ name: 'g', typeFlag: hardlink, linkName: 'f' },
				{ name: 'f', content: 'own' },
			],
			'own',
		],
		['an empty file in place of a full one', [{ name: 'f', content: 'full' }, { name: 'f' }], ''],
	];
	it.each(duplicates)('lets the later win and still gives the tar back: %s', async (_, entries, expected) => {
		const { fs } = await unpack(buildTar(entries));
		expect(text(fs, 'f')).toBe(expected);
		if (existsSync(join(fs, 'g'))) expect(lstatSync(join(fs, 'g')).nlink).toBe(expected === 'own' ? 1 : 2);
	});

	it('gives back a tar with odd padding, spare blocks and something after its end', async () => {
		const tar = buildTar([{ name: 'f', content: 'x' }]);
		tar[600] = 7;
		await unpack(Buffer.concat([tar, Buffer.alloc(7 * 512), Buffer.from('signature')]));
	});

	it('stops when asked to, and leaves nothing', async () => {
		const cancel = new AbortController();
		const tar = buildTar([{ name: 'f', content: Buffer.alloc(100_000) }]);
		const unpacking = unpackLayer(inChunks(tar, 1000), join(scratch(), 'layer'), {
			signal: cancel.signal,
			onProgress: (bytes) => bytes > 50_000 && cancel.abort(),
		});
		await expect(unpacking).rejects.toMatchObject({ name: 'AbortError' });
		expect(readdirSync(scratch())).toEqual([]);
	});

	it('takes a tar without an end marker only where told that a digest vouches for it', async () => {
		const tar = buildTar([{ name: 'f' }], { end: false });
		await expect(unpackLayer(inChunks(tar), join(scratch(), 'refused'))).rejects.toMatchObject({ code: 'corrupt' });
		await unpackLayer(inChunks(tar), join(scratch(), 'taken'), { allowMissingEnd: true });
	});
});
