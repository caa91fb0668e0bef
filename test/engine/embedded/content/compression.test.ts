import { randomBytes } from 'node:crypto';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decompressed, sniffCompression } from '../../../../src/engine/embedded/content/compression.ts';
import { run } from '../../../support/commands.ts';
import { inChunks } from '../../../support/tar-builder.ts';

const plain = Buffer.concat([randomBytes(300_000), Buffer.alloc(500_000), Buffer.from('hello '.repeat(10_000))]);
const skippable = Buffer.from('502a4d1803000000616263', 'hex');

const encodings: readonly (readonly [string, Buffer])[] = [
	['nothing', plain],
	['gzip', gzipSync(plain)],
	[
		'gzip in two members, as pigz and cat make it',
		Buffer.concat([gzipSync(plain.subarray(0, 9)), gzipSync(plain.subarray(9))]),
	],
	['zstd', zstdCompressSync(plain)],
	[
		'zstd in many frames, as pzstd and zstd:chunked make it',
		Buffer.concat([
			skippable,
			zstdCompressSync(plain.subarray(0, 1000)),
			zstdCompressSync(Buffer.alloc(0)),
			skippable,
			zstdCompressSync(plain.subarray(1000)),
			skippable,
		]),
	],
];

async function collect(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
	const parts: Uint8Array[] = [];
	for await (const part of source) parts.push(part);
	return Buffer.concat(parts);
}

describe('decompressing', () => {
	it.each(encodings)('reads %s in chunks of any size', async (_, encoded) => {
		for (const chunkBytes of [997, 65_536, encoded.length]) {
			expect((await collect(decompressed(inChunks(encoded, chunkBytes), 'it'))).equals(plain)).toBe(true);
		}
	});

	it.each(encodings.slice(1))('calls %s corrupt that is cut short', async (_, encoded) => {
		for (const missing of [12, 2000, encoded.length - 10]) {
			const cut = inChunks(encoded.subarray(0, -missing));
			await expect(collect(decompressed(cut, 'it'))).rejects.toMatchObject({ code: 'corrupt' });
		}
	});

	it.each([
		['gzip', gzipSync(plain)],
		['zstd', zstdCompressSync(plain)],
	])('calls %s corrupt that something else follows', async (_, encoded) => {
		const followed = inChunks(Buffer.concat([encoded, Buffer.from('something else')]), 1000);
		await expect(collect(decompressed(followed, 'it'))).rejects.toMatchObject({ code: 'corrupt' });
	});

	it('reads what the zstd program writes, with and without a checksum', async () => {
		for (const flag of ['--check', '--no-check']) {
			const encoded = Buffer.from(run('sh', ['-c', `zstd ${flag} --stdout | base64`], { input: plain }), 'base64');
			expect((await collect(decompressed(inChunks(encoded, 777), 'it'))).equals(plain)).toBe(true);
		}
	});

	it('never ends in any other way on any bytes', async () => {
		const encoded = zstdCompressSync(Buffer.from('hello '.repeat(50)));
		await fc.assert(
			fc.asyncProperty(fc.nat(encoded.length - 1), fc.nat(255), async (at, value) => {
				const changed = Buffer.from(encoded);
				changed[at] = value;
				await collect(decompressed(inChunks(changed, 16), 'it')).catch((error: unknown) => {
					expect(error).toMatchObject({ name: 'EngineError' });
				});
			}),
		);
	});

	it('refuses what grows too far, and lets honest zeros pass', async () => {
		const zeros = zstdCompressSync(Buffer.alloc(20_000_000));
		const limits = { freeBytes: 1_000_000, ratio: 200 };
		await expect(collect(decompressed(inChunks(zeros), 'it', limits))).rejects.toMatchObject({
			code: 'limit-exceeded',
		});
		expect(await collect(decompressed(inChunks(zeros), 'it'))).toHaveLength(20_000_000);
	});

	it.each([
		['bzip2', Buffer.from('425a6839314159', 'hex')],
		['xz', Buffer.from('fd377a585a000004', 'hex')],
	])('names %s, which it does not read', async (name, bytes) => {
		await expect(collect(decompressed(inChunks(bytes), 'app.tar'))).rejects.toThrow(
			`Reading app.tar is not possible here: it is compressed with ${name}.`,
		);
	});

	it('takes short and empty streams for plain', async () => {
		expect(sniffCompression(Buffer.from([0x1f]))).toBe('none');
		expect(await collect(decompressed(inChunks(Buffer.from('a')), 'it'))).toEqual(Buffer.from('a'));
		expect(await collect(decompressed(inChunks(Buffer.alloc(0)), 'it'))).toEqual(Buffer.alloc(0));
	});

	it('hands on what the source throws', async () => {
		async function* breaking() {
			yield gzipSync(plain).subarray(0, 1000);
			throw new Error('the line is dead');
		}
		await expect(collect(decompressed(breaking(), 'it'))).rejects.toThrow('the line is dead');
	});

	it('closes the source of what it does not read', async () => {
		const closed = Promise.withResolvers<void>();
		async function* source() {
			try {
				yield Buffer.from('425a6839314159', 'hex');
			} finally {
				closed.resolve();
			}
		}
		await expect(collect(decompressed(source(), 'it'))).rejects.toMatchObject({ code: 'unsupported' });
		await closed.promise;
	});

	it.each(encodings)('closes the source of %s when the reader goes away', async (_, encoded) => {
		const closed = Promise.withResolvers<void>();
		async function* endless() {
			try {
				for (;;) yield* inChunks(encoded, 1000);
			} finally {
				closed.resolve();
			}
		}
		for await (const part of decompressed(endless(), 'it')) if (part.length > 0) break;
		await closed.promise;
	});
});
