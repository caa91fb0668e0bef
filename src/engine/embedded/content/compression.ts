import { pipeline, type Transform } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { EngineError } from '../../errors.ts';
import { splitZstdFrames } from './zstd-frames.ts';

/** How a stream is compressed, by its first bytes. */
export type Compression = 'none' | 'gzip' | 'zstd' | 'bzip2' | 'xz';

/** How far a compressed stream may grow: to `freeBytes` as it likes, beyond that to `ratio` times what came in. */
export interface ExpansionLimits {
	readonly freeBytes: number;
	readonly ratio: number;
}

/** Four gigabytes of zeros are an honest layer; four hundred out of a few megabytes are a bomb. */
const defaultExpansion: ExpansionLimits = { freeBytes: 4 * 2 ** 30, ratio: 200 };

const decodedChunkBytes = 256 * 1024;
const magicBytes = 6;

/** Needs the first 6 bytes, or all there are. Spec: RFC 1952, RFC 8878 (skippable frames included) */
export function sniffCompression(start: Uint8Array): Compression {
	const magic = Buffer.from(start.subarray(0, magicBytes)).toString('hex');
	if (magic.startsWith('1f8b08')) return 'gzip';
	if (magic.startsWith('28b52ffd') || /^5.2a4d18/.test(magic)) return 'zstd';
	if (magic.startsWith('425a68')) return 'bzip2';
	if (magic.startsWith('fd377a585a00')) return 'xz';
	return 'none';
}

/**
 * The plain bytes of a stream that is gzip, zstd or neither, told by its first bytes and never by a name. Memory is
 * bounded, and so is what a small input may grow to. Leaving the loop early closes the source.
 * `where` names the stream for people: `layer 3 of app.tar`.
 * @throws EngineError corrupt, unsupported, limit-exceeded
 */
export async function* decompressed(
	source: AsyncIterable<Uint8Array>,
	where: string,
	limits: ExpansionLimits = defaultExpansion,
): AsyncGenerator<Uint8Array> {
	const { start, all, close } = await peek(source);
	const compression = sniffCompression(start);
	if (compression === 'bzip2' || compression === 'xz') {
		await close();
		throw new EngineError('unsupported', {
			operation: `reading ${where}`,
			why: `it is compressed with ${compression}`,
		});
	}
	if (compression === 'none') {
		yield* all;
		return;
	}
	let encodedBytes = 0;
	const counted = tapped(all, (bytes) => {
		encodedBytes += bytes;
	});
	const decoder = decode(compression, counted, where);
	let decodedBytes = 0;
	try {
		for await (const chunk of decoder as AsyncIterable<Uint8Array>) {
			decodedBytes += chunk.length;
			if (decodedBytes > limits.freeBytes + encodedBytes * limits.ratio) {
				throw new EngineError('limit-exceeded', {
					what: `the size of ${where}`,
					limit: `its ${encodedBytes.toLocaleString('en')} compressed bytes grow more than ${limits.ratio}-fold`,
				});
			}
			yield chunk;
		}
	} catch (error) {
		throw isDecoderError(error)
			? new EngineError(
					'corrupt',
					{ what: `the ${compression} stream of`, where, why: error.message },
					{ cause: error },
				)
			: error;
	} finally {
		decoder.destroy();
	}
}

function decode(compression: 'gzip' | 'zstd', encoded: AsyncIterable<Uint8Array>, where: string): Transform {
	// Errors reach whoever reads the decoder; the callback has nothing to add.
	const ended = () => {};
	if (compression === 'gzip') return pipeline(encoded, createGunzip({ chunkSize: decodedChunkBytes }), ended);
	return pipeline(splitZstdFrames(encoded, where), createZstdDecompress({ chunkSize: decodedChunkBytes }), ended);
}

/** Enough of the start to tell the format, and everything again from the start; `close` for whoever does not want that. */
async function peek(source: AsyncIterable<Uint8Array>): Promise<{
	readonly start: Uint8Array;
	readonly all: AsyncIterable<Uint8Array>;
	readonly close: () => Promise<void>;
}> {
	const iterator = source[Symbol.asyncIterator]();
	let start = Buffer.alloc(0);
	let ended = false;
	while (!ended && start.length < magicBytes) {
		const { done, value } = await iterator.next();
		if (done === true) ended = true;
		else start = Buffer.concat([start, value]);
	}
	async function* replay(): AsyncGenerator<Uint8Array> {
		try {
			if (start.length > 0) yield start;
			if (!ended) yield* { [Symbol.asyncIterator]: () => iterator };
		} finally {
			await iterator.return?.();
		}
	}
	const close = async () => {
		await iterator.return?.();
	};
	return { start, all: replay(), close };
}

async function* tapped(source: AsyncIterable<Uint8Array>, count: (bytes: number) => void): AsyncGenerator<Uint8Array> {
	for await (const chunk of source) {
		count(chunk.length);
		yield chunk;
	}
}

function isDecoderError(error: unknown): error is Error {
	return error instanceof Error && 'code' in error && /^(Z_|ZSTD_|ERR_ZSTD)/.test(String(error.code));
}
