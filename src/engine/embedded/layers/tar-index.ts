import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { pathText } from '../system/byte-path.ts';
import { type TarEntryType, tarBlockBytes } from './tar-format.ts';
import { TarReader } from './tar-reader.ts';

/** Where an entry of a tar on disk lies. */
export interface IndexedEntry {
	readonly type: TarEntryType;
	/** Of the payload's first byte, in the file. */
	readonly offset: number;
	readonly sizeBytes: number;
	/** Of a symlink or hardlink, as it stands in the tar; else empty. */
	readonly linkName: string;
}

/** By name, without leading `./` and `/` and without a trailing slash. The last entry of a name counts. */
export type TarIndex = ReadonlyMap<string, IndexedEntry>;

/** Image archives hold a few files for each layer. */
const archiveEntryCount = 100_000;
const readBytes = 64 * 1024;

/**
 * Lists an uncompressed tar on disk without reading the payloads. `where` names it for people.
 * @throws EngineError corrupt, unsupported, limit-exceeded
 */
export async function indexTar(path: string, where: string): Promise<TarIndex> {
	const file = openSync(path, 'r');
	try {
		return readIndex(file, where);
	} finally {
		closeSync(file);
	}
}

function readIndex(file: number, where: string): TarIndex {
	const fileBytes = fstatSync(file).size;
	const index = new Map<string, IndexedEntry>();
	const reader = new TarReader(
		{
			entry: ({ name, type, sizeBytes, linkName }) => {
				// A header is one block, of which a part may have come before, and the payload follows it at once.
				const offset = (Math.floor(reader.bytesRead / tarBlockBytes) + 1) * tarBlockBytes;
				index.set(indexName(pathText(name)), { type, offset, sizeBytes, linkName: pathText(linkName) });
			},
		},
		{ where, limits: { entryCount: archiveEntryCount, tarBytes: Number.MAX_SAFE_INTEGER } },
	);
	const buffer = Buffer.alloc(readBytes);
	for (;;) {
		// A payload is passed over, but only as far as there is a file: the rest of a cut one is still missing.
		reader.skip(Math.min(reader.payloadLeft, Math.max(0, fileBytes - reader.bytesRead)));
		const count = readSync(file, buffer, 0, readBytes, reader.bytesRead);
		if (count === 0) break;
		reader.push(buffer.subarray(0, count));
	}
	reader.end();
	return index;
}

function indexName(name: string): string {
	return name.replace(/^(\.?\/)+/, '').replace(/\/+$/, '');
}
