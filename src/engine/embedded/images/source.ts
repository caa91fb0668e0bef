import { constants, type Stats } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { EngineError } from '../../errors.ts';
import { printable } from '../../oci/printable.ts';
import type { ImageSource } from '../../port.ts';

/** A source that is read once, from the front. */
export interface OpenedSource {
	/** For people: a file's name, or what the stream is called. */
	readonly label: string;
	/** undefined for a stream. */
	readonly totalBytes: number | undefined;
	readonly chunks: AsyncIterable<Uint8Array>;
}

const chunkBytes = 1024 * 1024;

/**
 * A stream may stall for ever, so its reading ends with the signal.
 * @throws EngineError not-found, permission-denied, invalid-argument for a directory, io-failed
 */
export async function openSource(source: ImageSource, signal?: AbortSignal): Promise<OpenedSource> {
	if (source.type === 'stream') {
		const chunks = signal === undefined ? source.stream : abortable(source.stream, signal);
		return { label: source.label, totalBytes: undefined, chunks };
	}
	const found = await statSource(source.path);
	if (found.isDirectory()) {
		throw new EngineError('invalid-argument', {
			argument: printable(source.path),
			why: 'it is a directory, not a tar archive',
		});
	}
	return {
		label: printable(basename(source.path)),
		totalBytes: found.isFile() ? found.size : undefined,
		chunks: readFileChunks(source.path),
	};
}

/** What a path leads to, links followed: the person named it. @throws EngineError not-found, permission-denied, io-failed */
export async function statSource(path: string): Promise<Stats> {
	try {
		return await stat(path);
	} catch (error) {
		throw sourceError(error, path);
	}
}

/** The errors of a file that a person named. */
export function sourceError(error: unknown, path: string): unknown {
	if (!(error instanceof Error) || !('code' in error)) return error;
	switch (error.code) {
		case 'ENOENT':
		case 'ENOTDIR':
			return new EngineError('not-found', { what: 'file', id: printable(path) }, { cause: error });
		case 'EACCES':
		case 'EPERM':
			return new EngineError('permission-denied', { operation: 'read', path: printable(path) }, { cause: error });
		default:
			return new EngineError(
				'io-failed',
				{ operation: 'read', path: printable(path), code: String(error.code) },
				{ cause: error },
			);
	}
}

async function* readFileChunks(path: string): AsyncGenerator<Uint8Array> {
	let file: Awaited<ReturnType<typeof open>>;
	try {
		file = await open(path, constants.O_RDONLY);
	} catch (error) {
		throw sourceError(error, path);
	}
	try {
		for (;;) {
			const chunk = new Uint8Array(chunkBytes);
			const { bytesRead } = await file.read(chunk);
			if (bytesRead === 0) return;
			yield chunk.subarray(0, bytesRead);
		}
	} finally {
		await file.close();
	}
}

async function* abortable(chunks: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
	const iterator = chunks[Symbol.asyncIterator]();
	const aborted = Promise.withResolvers<never>();
	// It may abort while nobody waits for it; who waits is told below.
	aborted.promise.catch(() => {});
	const abort = () => aborted.reject(signal.reason);
	signal.addEventListener('abort', abort, { once: true });
	try {
		for (;;) {
			signal.throwIfAborted();
			const { done, value } = await Promise.race([iterator.next(), aborted.promise]);
			if (done === true) return;
			yield value;
		}
	} finally {
		signal.removeEventListener('abort', abort);
		// Not waited for: a stalled stream would not answer.
		iterator.return?.().catch(() => {});
	}
}
