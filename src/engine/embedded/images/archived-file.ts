import type { FileHandle } from 'node:fs/promises';
import { EngineError } from '../../errors.ts';
import { printable } from '../../oci/printable.ts';

/** Bytes that an archive holds under one name. */
export interface ArchivedFile {
	readonly sizeBytes: number;
	/** May be called again; each call reads from the start. */
	readonly open: () => AsyncIterable<Uint8Array>;
}

/** Files by name, wherever they lie: in a tar, or below a directory. Names never lead out of it. */
export interface ImageArchive {
	/** For people: a file's name, or what the stream is called. */
	readonly label: string;
	/** What an image without a repository is named after: the file's name without its ending; undefined for a stream. */
	readonly baseName: string | undefined;
	/** undefined where there is none. @throws EngineError unsafe, corrupt for what is no regular file in the end */
	readonly find: (name: string) => Promise<ArchivedFile | undefined>;
	readonly close: () => Promise<void>;
}

const chunkBytes = 1024 * 1024;

/** Reads a document whole. @throws EngineError limit-exceeded where it is larger than `limitBytes` */
export async function readDocument(
	file: ArchivedFile,
	document: { readonly what: string; readonly where: string; readonly limitBytes: number },
): Promise<Uint8Array> {
	if (file.sizeBytes > document.limitBytes) {
		throw new EngineError('limit-exceeded', {
			what: `${document.what} ${printable(document.where)}`,
			limit: `${file.sizeBytes.toLocaleString('en')} bytes where at most ${document.limitBytes.toLocaleString('en')} are taken`,
		});
	}
	const chunks: Uint8Array[] = [];
	for await (const chunk of file.open()) chunks.push(chunk);
	return Buffer.concat(chunks);
}

/** A part of a file, in chunks of fresh memory. @throws EngineError corrupt where the file ends before the part does */
export async function* readRange(
	file: FileHandle,
	range: { readonly offset: number; readonly sizeBytes: number; readonly where: string },
): AsyncGenerator<Uint8Array> {
	let left = range.sizeBytes;
	let position = range.offset;
	while (left > 0) {
		const { buffer, bytesRead } = await file.read(new Uint8Array(Math.min(left, chunkBytes)), { position });
		if (bytesRead === 0) {
			throw new EngineError('corrupt', { what: 'the archive', where: printable(range.where), why: 'it is cut short' });
		}
		left -= bytesRead;
		position += bytesRead;
		yield buffer.subarray(0, bytesRead);
	}
}
