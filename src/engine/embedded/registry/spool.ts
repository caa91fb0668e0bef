import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { EngineError } from '../../errors.ts';
import { isSystemError } from '../system/syscalls.ts';

const readBytes = 1024 * 1024;
/** The first chunk has as much, where there is as much: enough to tell how it is packed. */
const firstBytes = 16;

/**
 * A file that one writes and another reads at the same time, so that a layer is unpacked while it arrives and no
 * more than a chunk of it is in memory. Its last byte is handed on only after `finish`: nobody ever has the whole of
 * something that was not checked.
 */
export class Spool {
	/** Infinity where it is not known before. */
	readonly sizeBytes: number;
	readonly #path: string;
	readonly #file: number;
	#written = 0;
	#ended = false;
	#failure: { readonly error: unknown } | undefined;
	#change = Promise.withResolvers<void>();
	#closed = false;

	/** `path` must not exist; `sizeBytes` is what will come. */
	constructor(path: string, sizeBytes: number) {
		this.#path = path;
		this.sizeBytes = sizeBytes;
		this.#file = openSync(path, 'wx+', 0o600);
	}

	get writtenBytes(): number {
		return this.#written;
	}

	/** @throws EngineError out-of-space */
	write(chunk: Uint8Array): void {
		// The descriptor's number may be somebody else's by now.
		if (this.#closed) throw new Error('the spool is closed');
		try {
			for (let at = 0; at < chunk.length; ) {
				at += writeSync(this.#file, chunk, at, chunk.length - at, this.#written + at);
			}
		} catch (error) {
			if (!isSystemError(error, 'ENOSPC') && !isSystemError(error, 'EDQUOT')) throw error;
			throw new EngineError('out-of-space', { path: dirname(this.#path), resource: 'bytes' }, { cause: error });
		}
		this.#written += chunk.length;
		this.#announce();
	}

	/** What was written counts. */
	finish(): void {
		this.#ended = true;
		this.#announce();
	}

	/** Whoever reads gets this error. */
	fail(error: unknown): void {
		if (this.#ended) return;
		this.#failure ??= { error };
		this.#announce();
	}

	/** All of it from the front, as it comes. May be read several times. */
	async *read(): AsyncGenerator<Uint8Array> {
		let position = 0;
		for (;;) {
			const change = this.#change.promise;
			if (this.#failure !== undefined) throw this.#failure.error;
			if (this.#closed) throw new Error('the spool is closed');
			const available = (this.#ended ? this.#written : Math.min(this.#written, this.sizeBytes - 1)) - position;
			if (available >= firstBytes || (available > 0 && (position > 0 || this.#ended))) {
				const chunk = new Uint8Array(Math.min(available, readBytes));
				const count = readSync(this.#file, chunk, 0, chunk.length, position);
				position += count;
				yield chunk.subarray(0, count);
			} else if (this.#ended) return;
			else await change;
		}
	}

	/** Closes and removes it; nobody may read or write any more. Twice is harmless. */
	remove(): void {
		if (this.#closed) return;
		this.#closed = true;
		closeSync(this.#file);
		try {
			unlinkSync(this.#path);
		} catch {}
	}

	#announce(): void {
		this.#change.resolve();
		this.#change = Promise.withResolvers();
	}
}
