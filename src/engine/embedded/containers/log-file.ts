import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { isSystemError } from '../system/syscalls.ts';

const chunkBytes = 64 * 1024;
const newline = 10;

/** Reads the lines of a file that grows. The caller closes it. One that is not there reads as empty. */
export class GrowingFile {
	readonly #file: number | undefined;
	#position: number;
	#rest: Buffer = Buffer.alloc(0);

	constructor(path: string, startAt = 0) {
		this.#file = openIfThere(path);
		this.#position = startAt;
	}

	/** Complete lines up to where the file ends now. To be read to the end each time. */
	*lines(): Iterable<string> {
		if (this.#file === undefined) return;
		const chunk = Buffer.allocUnsafe(chunkBytes);
		for (;;) {
			const length = readSync(this.#file, chunk, 0, chunkBytes, this.#position);
			if (length === 0) return;
			this.#position += length;
			const bytes = Buffer.concat([this.#rest, chunk.subarray(0, length)]);
			let start = 0;
			for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, start)) {
				yield bytes.toString('utf8', start, end);
				start = end + 1;
			}
			this.#rest = bytes.subarray(start);
		}
	}

	close(): void {
		if (this.#file !== undefined) closeSync(this.#file);
	}
}

/** Where to begin to read a file's end. */
export interface TailStart {
	readonly position: number;
	/** How many lines from there are before what was asked for. */
	readonly skippedLines: number;
}

/**
 * Finds where the last `count` lines begin, from the end, without reading what is far before it. `countLines` says how
 * many lines a piece of the file holds.
 */
export function findTail(path: string, count: number, countLines: (records: readonly string[]) => number): TailStart {
	const file = openIfThere(path);
	if (file === undefined) return { position: 0, skippedLines: 0 };
	try {
		const size = fstatSync(file).size;
		if (count <= 0) return { position: size, skippedLines: 0 };
		for (let length = Math.min(size, chunkBytes); ; length = Math.min(size, length * 4)) {
			const bytes = Buffer.allocUnsafe(length);
			readSync(file, bytes, 0, length, size - length);
			// The first record of a piece is cut, and belongs to an earlier line.
			const start = length === size ? 0 : bytes.indexOf(newline) + 1;
			const found = countLines(bytes.toString('utf8', start).split('\n'));
			if (found > count || length === size) {
				return { position: size - length + start, skippedLines: Math.max(0, found - count) };
			}
		}
	} finally {
		closeSync(file);
	}
}

function openIfThere(path: string): number | undefined {
	try {
		return openSync(path, 'r');
	} catch (error) {
		if (isSystemError(error, 'ENOENT')) return undefined;
		throw error;
	}
}
