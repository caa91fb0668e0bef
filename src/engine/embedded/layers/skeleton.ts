import { closeSync, constants, openSync, readdirSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { EngineError } from '../../errors.ts';
import { type BytePath, bytePath, pathBytes, printablePath } from '../system/byte-path.ts';
import { ChunkJoiner } from './chunk-joiner.ts';

/**
 * A skeleton is a layer's tar without the contents of its files: `skeleton` beside `fs`. It starts with one line
 * that names format and version. Then follow blocks, each `u32 compressed bytes, u32 plain bytes` (little-endian)
 * and one zstd frame. The plain bytes of each block are whole records:
 *
 * - `0`, varint n, n bytes: bytes of the tar as they are;
 * - `1`, varint size, varint n, n bytes: the content of the file with this path below `fs`. Counted from 0, the
 *   payload with number k is in `displaced/k` instead, where a later entry of the layer took its name;
 * - `2`, varint size: the end, and the size of the whole tar.
 */
const formatLine = 'tonnage skeleton 1\n';
const rawRecord = 0;
const payloadRecord = 1;
const endRecord = 2;

const plainBlockBytes = 2 ** 20;
const outputBytes = 256 * 1024;

/** Writes a skeleton while its layer is unpacked. Synchronous; memory is one block. */
export class SkeletonWriter {
	readonly #file: number;
	/** Raw bytes that have no record yet. */
	#raw: Buffer[] = [];
	#rawBytes = 0;
	#block: Buffer[] = [];
	#blockBytes = 0;
	#payloadCount = 0;
	#closed = false;

	/** `path` must not exist. */
	constructor(path: string) {
		this.#file = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
		this.#write(Buffer.from(formatLine));
	}

	/** Bytes of the tar that will be found nowhere else. They are copied. */
	raw(bytes: Uint8Array): void {
		this.#raw.push(Buffer.from(bytes));
		this.#rawBytes += bytes.length;
		if (this.#rawBytes >= plainBlockBytes) this.#flushRaw();
	}

	/** Here belongs the content of a file. Gives the payload's number. */
	payload(path: BytePath, sizeBytes: number): number {
		this.#flushRaw();
		const name = pathBytes(path);
		this.#append(Buffer.of(payloadRecord), varint(sizeBytes), varint(name.length), name);
		return this.#payloadCount++;
	}

	/** Writes what is left and closes. Not yet flushed to the disk. */
	finish(tarBytes: number): void {
		this.#flushRaw();
		this.#append(Buffer.of(endRecord), varint(tarBytes));
		this.#flushBlock();
		this.close();
	}

	/** Harmless when closed already. */
	close(): void {
		if (!this.#closed) closeSync(this.#file);
		this.#closed = true;
	}

	#flushRaw(): void {
		if (this.#rawBytes === 0) return;
		this.#append(Buffer.of(rawRecord), varint(this.#rawBytes), ...this.#raw);
		this.#raw = [];
		this.#rawBytes = 0;
	}

	#append(...parts: readonly Buffer[]): void {
		for (const part of parts) {
			this.#block.push(part);
			this.#blockBytes += part.length;
		}
		if (this.#blockBytes >= plainBlockBytes) this.#flushBlock();
	}

	#flushBlock(): void {
		const frame = zstdCompressSync(Buffer.concat(this.#block));
		const sizes = Buffer.alloc(8);
		sizes.writeUInt32LE(frame.length, 0);
		sizes.writeUInt32LE(this.#blockBytes, 4);
		this.#write(sizes);
		this.#write(frame);
		this.#block = [];
		this.#blockBytes = 0;
	}

	#write(bytes: Buffer): void {
		for (let written = 0; written < bytes.length; ) written += writeSync(this.#file, bytes, written);
	}
}

/**
 * The exact tar that a layer was unpacked from, out of its skeleton and its files. `layerDirectory` holds `fs` and
 * `skeleton`. Check the result against the diffID: a file that was changed on disk shows only there.
 * @throws EngineError corrupt where the skeleton is damaged or a file has another size
 */
export async function* rebuildTar(layerDirectory: string): AsyncGenerator<Uint8Array> {
	const displaced = new Set(listDisplaced(layerDirectory));
	const output = new ChunkJoiner(outputBytes);
	let payloadCount = 0;
	let tarBytes = 0;
	for (const record of readRecords(layerDirectory)) {
		if (record.type === 'end') {
			if (record.tarBytes !== tarBytes)
				throw damaged(layerDirectory, `it gives ${tarBytes} bytes, not ${record.tarBytes}`);
			yield* output.flush();
			return;
		}
		if (record.type === 'raw') {
			tarBytes += record.bytes.length;
			yield* output.add(record.bytes);
			continue;
		}
		const number = payloadCount++;
		const path = displaced.has(number)
			? `${bytePath(join(layerDirectory, 'displaced'))}/${number}`
			: `${bytePath(join(layerDirectory, 'fs'))}/${record.path}`;
		tarBytes += record.sizeBytes;
		for (const bytes of readPayload(path, record.sizeBytes)) yield* output.add(bytes);
	}
	throw damaged(layerDirectory, 'it has no end');
}

type SkeletonRecord =
	| { readonly type: 'raw'; readonly bytes: Buffer }
	| { readonly type: 'payload'; readonly path: BytePath; readonly sizeBytes: number }
	| { readonly type: 'end'; readonly tarBytes: number };

function* readRecords(layerDirectory: string): Generator<SkeletonRecord> {
	for (const block of readBlocks(layerDirectory)) {
		let at = 0;
		const number = (): number => {
			let value = 0;
			for (let factor = 1; ; factor *= 128) {
				const byte = block[at++];
				if (byte === undefined) throw damaged(layerDirectory, 'a record is cut short');
				value += (byte & 127) * factor;
				if (byte < 128) return value;
			}
		};
		const slice = (length: number): Buffer => {
			at += length;
			if (at > block.length) throw damaged(layerDirectory, 'a record is cut short');
			return block.subarray(at - length, at);
		};
		while (at < block.length) {
			const type = block[at++];
			if (type === rawRecord) yield { type: 'raw', bytes: slice(number()) };
			else if (type === payloadRecord) {
				const sizeBytes = number();
				yield { type: 'payload', sizeBytes, path: slice(number()).toString('latin1') };
			} else if (type === endRecord) yield { type: 'end', tarBytes: number() };
			else throw damaged(layerDirectory, `it has a record of the unknown type ${type}`);
		}
	}
}

/** Without end: the last record says where it is, and what comes too late is missing. */
function* readBlocks(layerDirectory: string): Generator<Buffer> {
	const file = openSync(join(layerDirectory, 'skeleton'), 'r');
	const read = (length: number): Buffer => {
		const bytes = Buffer.alloc(length);
		let filled = 0;
		for (let count = -1; filled < length && count !== 0; filled += count)
			count = readSync(file, bytes, filled, length - filled, null);
		if (filled < length) throw damaged(layerDirectory, 'it is cut short');
		return bytes;
	};
	try {
		if (read(formatLine.length).toString('latin1') !== formatLine)
			throw damaged(layerDirectory, 'it has an unknown format');
		for (;;) {
			const sizes = read(8);
			yield decompressBlock(layerDirectory, read(sizes.readUInt32LE(0)), sizes.readUInt32LE(4));
		}
	} finally {
		closeSync(file);
	}
}

function decompressBlock(layerDirectory: string, frame: Buffer, plainBytes: number): Buffer {
	try {
		const block = zstdDecompressSync(frame, { maxOutputLength: Math.max(plainBytes, 1) });
		if (block.length === plainBytes) return block;
	} catch (error) {
		throw damaged(layerDirectory, 'a block cannot be decompressed', error);
	}
	throw damaged(layerDirectory, 'a block has another size than it says');
}

function* readPayload(path: BytePath, sizeBytes: number): Generator<Buffer> {
	const file = openSync(pathBytes(path), constants.O_RDONLY | constants.O_NOFOLLOW);
	try {
		for (let left = sizeBytes; left > 0; ) {
			const bytes = Buffer.allocUnsafe(Math.min(left, outputBytes));
			const count = readSync(file, bytes, 0, bytes.length, null);
			if (count === 0) {
				const why = `${left} of its ${sizeBytes} bytes are missing`;
				throw new EngineError('corrupt', { what: 'the stored file', where: printablePath(path), why });
			}
			left -= count;
			yield bytes.subarray(0, count);
		}
	} finally {
		closeSync(file);
	}
}

function listDisplaced(layerDirectory: string): readonly number[] {
	try {
		return readdirSync(join(layerDirectory, 'displaced')).map(Number);
	} catch {
		return [];
	}
}

function varint(value: number): Buffer {
	const bytes: number[] = [];
	let left = value;
	for (; left >= 128; left = Math.floor(left / 128)) bytes.push((left % 128) | 128);
	bytes.push(left);
	return Buffer.from(bytes);
}

function damaged(layerDirectory: string, why: string, cause?: unknown): EngineError {
	const where = `of ${layerDirectory}`;
	return new EngineError('corrupt', { what: 'the skeleton', where, why }, cause === undefined ? {} : { cause });
}
