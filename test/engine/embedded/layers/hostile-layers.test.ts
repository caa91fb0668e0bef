import { lstatSync, mkdirSync, readdirSync, readFileSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decompressed } from '../../../../src/engine/embedded/content/compression.ts';
import { measureTree } from '../../../../src/engine/embedded/layers/measure.ts';
import { type UnpackOptions, unpackLayer } from '../../../../src/engine/embedded/layers/unpack.ts';
import { listXattrs } from '../../../../src/engine/embedded/system/syscalls.ts';
import { scratchDirectory } from '../../../support/scratch-directory.ts';
import { type BuiltEntry, buildTar, inChunks, typeFlags } from '../../../support/tar-builder.ts';
import { listTree } from '../../../support/tree-listing.ts';

const scratch = scratchDirectory();
const { directory, symlink, hardlink, characterDevice } = typeFlags;

/** A host with something to lose, and a place beside it to unpack in. */
function host() {
	const root = scratch();
	const victim = join(root, 'host');
	mkdirSync(join(victim, 'etc'), { recursive: true });
	writeFileSync(join(victim, 'etc/passwd'), 'root:x:0:0');
	writeFileSync(join(victim, 'suid'), 'program', { mode: 0o644 });
	const layer = join(root, 'ingest');
	const unpack = (tar: Uint8Array, options: UnpackOptions = {}) => unpackLayer(inChunks(tar), layer, options);
	return { root, victim, layer, unpack };
}

/** Unpacks what must be refused, and proves that the host is as it was and that nothing is left. */
async function refuse(
	makeEntries: (victim: string) => readonly BuiltEntry[],
	code: string,
	options: UnpackOptions = {},
): Promise<void> {
	const { root, victim, unpack } = host();
	const before = listTree(victim);
	await expect(unpack(buildTar(makeEntries(victim)), options)).rejects.toMatchObject({ name: 'EngineError', code });
	expect(listTree(victim)).toEqual(before);
	expect(readdirSync(root)).toEqual(['host']);
}

/** Unpacks what must stay harmless, and proves that the host is as it was. Gives the path of the layer's `fs`. */
async function contain(makeEntries: (victim: string) => readonly BuiltEntry[]): Promise<string> {
	const { root, victim, layer, unpack } = host();
	const before = listTree(victim);
	await unpack(buildTar(makeEntries(victim)));
	expect(listTree(victim)).toEqual(before);
	expect(readdirSync(root).sort()).toEqual(['host', 'ingest']);
	return join(layer, 'fs');
}

const up = '../'.repeat(12);

describe('a hostile layer', () => {
	describe('family 1: names that climb out', () => {
		it.each([
			['a relative name', `${up}tmp/escaped`],
			['a name that climbs after a descent', 'a/b/../../../escaped'],
			['an absolute name that climbs', '/../../escaped'],
			['the parent itself', '..'],
		])('%s is refused', async (_, name) => {
			await refuse(() => [{ name, content: 'x' }], 'unsafe');
		});

		it('an absolute name lands inside', async () => {
			const fs = await contain((victim) => [{ name: 'x', pax: { path: `${victim}/etc/passwd` }, content: 'mine' }]);
			expect(readFileSync(join(fs, scratch(), 'host/etc/passwd'), 'utf8')).toBe('mine');
		});
	});

	describe('family 2: writing through a symlink of the layer (CVE-2014-6407, CVE-2014-9356)', () => {
		it('an absolute symlink leads to a place inside', async () => {
			const fs = await contain((victim) => [
				{ name: 'way', typeFlag: symlink, linkName: victim },
				{ name: 'way/etc/passwd', content: 'mine' },
			]);
			expect(readFileSync(join(fs, scratch(), 'host/etc/passwd'), 'utf8')).toBe('mine');
		});

		it('a relative symlink that climbs stops at the layer’s root', async () => {
			const fs = await contain(() => [
				{ name: 'd/', typeFlag: directory },
				{ name: 'd/way', typeFlag: symlink, linkName: up },
				{ name: 'd/way/etc/passwd', content: 'mine' },
			]);
			expect(readFileSync(join(fs, 'etc/passwd'), 'utf8')).toBe('mine');
		});

		it('a file of a symlink’s name replaces the symlink', async () => {
			const fs = await contain((victim) => [
				{ name: 'f', typeFlag: symlink, linkName: `${victim}/etc/passwd` },
				{ name: 'f', content: 'mine' },
			]);
			expect(lstatSync(join(fs, 'f')).isFile()).toBe(true);
		});

		it('a directory of a symlink’s name replaces the symlink, and its mode goes to no one else', async () => {
			const fs = await contain((victim) => [
				{ name: 'd', typeFlag: symlink, linkName: victim },
				{ name: 'd/', typeFlag: directory, mode: 0o777 },
				{ name: 'd/etc', content: 'mine' },
			]);
			expect(lstatSync(join(fs, 'd')).isDirectory()).toBe(true);
		});

		it.each([
			['a symlink to itself', [{ name: 'a', typeFlag: symlink, linkName: 'a' }]],
			[
				'two that lead to each other',
				[
					{ name: 'a', typeFlag: symlink, linkName: 'b/x' },
					{ name: 'b', typeFlag: symlink, linkName: 'a/x' },
				],
			],
		])('%s ends, and is refused as a way', async (_, links) => {
			await refuse(() => [...links, { name: 'a/f', content: 'x' }], 'unsafe');
		});
	});

	describe('family 3: hard links to what is not the layer’s (CVE-2014-6407)', () => {
		it.each<[string, (victim: string) => readonly BuiltEntry[]]>([
			['an absolute target', (victim) => [{ name: 'l', typeFlag: hardlink, linkName: `${victim}/etc/passwd` }]],
			['a climbing target', () => [{ name: 'l', typeFlag: hardlink, linkName: `${up}etc/passwd` }]],
			[
				'a target behind a symlink that leads out',
				(victim) => [
					{ name: 'way', typeFlag: symlink, linkName: victim },
					{ name: 'l', typeFlag: hardlink, linkName: 'way/etc/passwd' },
				],
			],
			[
				'a directory',
				() => [
					{ name: 'd/', typeFlag: directory },
					{ name: 'l', typeFlag: hardlink, linkName: 'd' },
				],
			],
			['a whiteout', () => [{ name: '.wh.w' }, { name: 'l', typeFlag: hardlink, linkName: 'w' }]],
			['itself', () => [{ name: 'l' }, { name: 'l', typeFlag: hardlink, linkName: './l' }]],
			['what it takes the place of', () => [{ name: 'l/f' }, { name: 'l', typeFlag: hardlink, linkName: 'l/f' }]],
		])('%s is refused', async (_, entries) => {
			await refuse(entries, 'unsafe');
		});

		it('a hard link to a symlink is one more symlink, and what is written to it stays inside', async () => {
			const fs = await contain((victim) => [
				{ name: 's', typeFlag: symlink, linkName: `${victim}/suid` },
				{ name: 'l', typeFlag: hardlink, linkName: 's', mode: 0o4755 },
				{ name: 'l', content: 'mine' },
			]);
			expect(lstatSync(join(fs, 's')).isSymbolicLink()).toBe(true);
			expect(lstatSync(join(fs, 'l')).isFile()).toBe(true);
		});
	});

	describe('family 4: whiteouts of what cannot be a name', () => {
		it.each([
			['nothing', '.wh.'],
			['the directory itself', 'd/.wh..'],
			['the parent', 'd/.wh...'],
			['another marker', '.wh..wh.plnk'],
			['something below a marker', '.wh.d/f'],
		])('%s is refused', async (_, name) => {
			await refuse(() => [{ name: 'd/', typeFlag: directory }, { name }], 'unsafe');
		});

		it('a marker that is a directory or a symlink is refused', async () => {
			await refuse(() => [{ name: '.wh.d/', typeFlag: directory }], 'unsafe');
			await refuse((victim) => [{ name: '.wh.d', typeFlag: symlink, linkName: victim }], 'unsafe');
		});

		it('a whiteout behind a symlink that leads out hides nothing outside', async () => {
			const fs = await contain((victim) => [
				{ name: 'way', typeFlag: symlink, linkName: victim },
				{ name: 'way/.wh.etc' },
				{ name: 'way/.wh..wh..opq' },
			]);
			expect(lstatSync(join(fs, scratch(), 'host/etc')).isCharacterDevice()).toBe(true);
		});
	});

	describe('family 5: attributes that steer the host', () => {
		it('overlayfs’s own attributes and security labels are not taken over', async () => {
			const fs = await contain((victim) => [
				{
					name: 'd/',
					typeFlag: directory,
					pax: {
						'SCHILY.xattr.trusted.overlay.redirect': victim,
						'SCHILY.xattr.trusted.overlay.opaque': 'y',
						'SCHILY.xattr.user.overlay.opaque': 'y',
						'SCHILY.xattr.security.selinux': 'system_u:object_r:shadow_t:s0',
						'SCHILY.xattr.user.note': 'kept',
					},
				},
			]);
			expect([...listXattrs(join(fs, 'd')).keys()]).toEqual(['user.note']);
		});

		it('an attribute larger than the filesystem takes is refused', async () => {
			await refuse(
				() => [{ name: 'f', pax: { 'SCHILY.xattr.user.big': Buffer.alloc(900_000, 'x') } }],
				'limit-exceeded',
			);
		});
	});

	describe('family 6: setuid bits and owners on the wrong thing (CVE-2021-32760)', () => {
		it('the mode of a hard link to a symlink reaches nothing', async () => {
			const { victim } = host();
			await contain(() => [
				{ name: 's', typeFlag: symlink, linkName: `${victim}/suid`, mode: 0o6777 },
				{ name: 'l', typeFlag: hardlink, linkName: 's', mode: 0o6777 },
			]);
			expect(lstatSync(join(victim, 'suid')).mode & 0o7777).toBe(0o644);
		});

		it('a directory’s mode is not given to the symlink that takes its place', async () => {
			const fs = await contain((victim) => [
				{ name: 'd/', typeFlag: directory, mode: 0o6777 },
				{ name: 'd', typeFlag: symlink, linkName: victim },
			]);
			expect(lstatSync(join(fs, 'd')).isSymbolicLink()).toBe(true);
		});

		it('an owner that chown would read as "leave it" is refused', async () => {
			await refuse(() => [{ name: 'f', mode: 0o4755, pax: { uid: '4294967295' } }], 'corrupt');
		});
	});

	describe('family 7: bombs (CVE-2017-14992)', () => {
		it('a stream that grows without end is stopped', async () => {
			const { layer, root } = host();
			const bomb = zstdCompressSync(buildTar([{ name: 'f', content: Buffer.alloc(50_000_000) }]));
			const plain = decompressed(inChunks(bomb), 'the layer', { freeBytes: 1_000_000, ratio: 200 });
			await expect(unpackLayer(plain, layer)).rejects.toMatchObject({ code: 'limit-exceeded' });
			expect(readdirSync(root)).toEqual(['host']);
		});

		it('a file larger than the disk is refused before it is written', async () => {
			const { bavail, bsize } = statfsSync(scratch());
			// Twice as large: others may free some meanwhile.
			const size = String(2 * bavail * bsize);
			await refuse(() => [{ name: 'f', pax: { size } }], 'out-of-space');
		});

		it('more bytes, more entries and more after the end than allowed are refused', async () => {
			const many = Array.from({ length: 11 }, (_, number) => ({ name: `f${number}` }));
			await refuse(() => many, 'limit-exceeded', { limits: { entryCount: 10 } });
			await refuse(() => [{ name: 'f', content: Buffer.alloc(9000) }], 'limit-exceeded', {
				limits: { tarBytes: 8192 },
			});
			const { root, unpack } = host();
			const trailing = Buffer.concat([buildTar([]), Buffer.alloc(4096)]);
			const options = { limits: { trailingBytes: 1024 } };
			await expect(unpack(trailing, options)).rejects.toMatchObject({ code: 'limit-exceeded' });
			expect(readdirSync(root)).toEqual(['host']);
		});
	});

	describe('family 8: headers that eat memory (CVE-2023-25153)', () => {
		it('a pax header or long name of more than a megabyte is refused before it is read', async () => {
			const size = '77777777777\0';
			await refuse(() => [{ name: 'x', typeFlag: 'x', sizeField: size }], 'limit-exceeded');
			await refuse(() => [{ name: 'x', typeFlag: 'L', sizeField: size }], 'limit-exceeded');
		});

		it('a name longer than any path is refused', async () => {
			await refuse(() => [{ name: 'x', pax: { path: 'n/'.repeat(3000) } }], 'limit-exceeded');
			await refuse(() => [{ name: 'n'.repeat(300), pax: { path: 'n'.repeat(300) } }], 'limit-exceeded');
			await refuse(() => [{ name: 'l', typeFlag: symlink, pax: { linkpath: 'n/'.repeat(3000) } }], 'limit-exceeded');
		});

		it('directories beyond all depth are refused, also where symlinks lead there piece by piece', async () => {
			const deep = 'd/'.repeat(300);
			await refuse(
				() => [
					{ name: 'x', pax: { path: `${deep}f` } },
					{ name: 'a', typeFlag: symlink, pax: { linkpath: deep } },
					{ name: 'x', pax: { path: `a/${deep}f` } },
				],
				'limit-exceeded',
			);
		});
	});

	describe('family 9: one name twice, and the root as one (CVE-2021-29136)', () => {
		it('the later wins, whatever the earlier was, and nothing of it is written through', async () => {
			const fs = await contain((victim) => [
				{ name: 'a/b/c', content: 'deep' },
				{ name: 'a', typeFlag: symlink, linkName: victim },
				{ name: 'a', content: 'file' },
				{ name: 'a/', typeFlag: directory },
				{ name: 'a/etc', typeFlag: characterDevice, device: [1, 3] },
				{ name: 'a/etc', content: 'last' },
			]);
			expect(readdirSync(join(fs, 'a'))).toEqual(['etc']);
			expect(readFileSync(join(fs, 'a/etc'), 'utf8')).toBe('last');
		});

		it('an entry below a file, or in place of the root, is refused', async () => {
			await refuse(() => [{ name: 'f' }, { name: 'f/etc' }], 'unsafe');
			await refuse((victim) => [{ name: './', typeFlag: symlink, linkName: victim }], 'unsafe');
			await refuse(() => [{ name: '/', content: 'x' }], 'unsafe');
		});
	});

	describe('family 10: streams that lie about their length', () => {
		it.each([
			['a size that is negative', Buffer.from('ffffffffffffffffffffffff', 'hex')],
			['a size beyond what numbers hold', Buffer.from('80ffffffffffffffffffffff', 'hex')],
			['a size that is no number', 'zzzzzzzzzzz\0'],
			['a size that reaches over the end', '00000100000\0'],
		])('%s is corrupt', async (_, sizeField) => {
			await refuse(() => [{ name: 'f', sizeField }], 'corrupt');
		});

		it('a layer cut anywhere is corrupt and leaves nothing', async () => {
			const tar = buildTar([
				{ name: 'd/', typeFlag: directory },
				{ name: 'd/f', content: 'x'.repeat(2000), pax: { mtime: '5.5' } },
			]);
			for (let length = 0; length < tar.length - 1024; length += 256) {
				const { root, unpack } = host();
				await expect(unpack(tar.subarray(0, length))).rejects.toMatchObject({ code: 'corrupt' });
				expect(readdirSync(root)).toEqual(['host']);
			}
		});

		it('a compressed layer cut short is corrupt and leaves nothing', async () => {
			const { layer, root } = host();
			const cut = gzipSync(buildTar([{ name: 'f', content: Buffer.alloc(100_000) }])).subarray(0, -9);
			await expect(unpackLayer(decompressed(inChunks(cut), 'the layer'), layer)).rejects.toMatchObject({
				code: 'corrupt',
			});
			expect(readdirSync(root)).toEqual(['host']);
		});
	});

	it('that breaks off in the middle leaves no open file and no directory', async () => {
		const { root, unpack } = host();
		const openFiles = () => readdirSync('/proc/self/fd').length;
		const before = openFiles();
		const tar = buildTar([{ name: 'f', content: Buffer.alloc(200_000) }]);
		for (let round = 0; round < 20; round++) await expect(unpack(tar.subarray(0, 150_000))).rejects.toThrow();
		expect(openFiles()).toBeLessThan(before + 20);
		expect(readdirSync(root)).toEqual(['host']);
	});

	it('does not make an unpacked layer out of an existing directory', async () => {
		const { layer, unpack } = host();
		mkdirSync(layer);
		writeFileSync(join(layer, 'kept'), 'x');
		await expect(unpack(buildTar([]))).rejects.toThrow();
		expect(measureTree(layer).sizeBytes).toBe(1);
	});
});
