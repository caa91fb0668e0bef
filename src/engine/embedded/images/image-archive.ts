import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { EngineError } from '../../errors.ts';
import { printable } from '../../oci/printable.ts';
import type { ImageSource, TransferOptions } from '../../port.ts';
import { decompressed, sniffCompression } from '../content/compression.ts';
import type { Lease } from '../store.ts';
import type { ImageArchive } from './archived-file.ts';
import { openLayoutDirectory } from './layout-directory.ts';
import { type OpenedSource, openSource, sourceError, statSource } from './source.ts';
import { openTarArchive } from './tar-archive.ts';

const magicBytes = 8;

/**
 * Opens a docker-archive, an OCI archive or an OCI layout directory. A stream, and an archive that is compressed as
 * a whole, is spooled into an ingest of the lease first.
 * @throws EngineError not-found, permission-denied, corrupt, unsupported, limit-exceeded, out-of-space
 */
export async function openImageArchive(
	source: ImageSource,
	lease: Lease,
	options: TransferOptions,
): Promise<ImageArchive> {
	if (source.type === 'path') {
		const found = await statSource(source.path);
		if (found.isDirectory()) return await openLayoutDirectory(source.path);
		if (found.isFile() && (await isPlain(source.path))) {
			return await openTarArchive(source.path, nameOf(source.path));
		}
	}
	const opened = await openSource(source, options.signal);
	const spool = lease.ingestPath();
	await spoolArchive(opened, spool, options);
	return await openTarArchive(
		spool,
		source.type === 'path' ? nameOf(source.path) : { label: opened.label, baseName: undefined },
	);
}

async function spoolArchive(source: OpenedSource, spool: string, options: TransferOptions): Promise<void> {
	const { label, totalBytes } = source;
	let doneBytes = 0;
	const counted = async function* () {
		for await (const chunk of source.chunks) {
			doneBytes += chunk.length;
			options.onProgress?.({ item: label, doneBytes, totalBytes });
			yield chunk;
		}
	};
	try {
		await using file = await open(spool, 'wx', 0o600);
		for await (const chunk of decompressed(counted(), label)) await writeAll(file, chunk);
	} catch (error) {
		throw spoolError(error, spool);
	}
	if (doneBytes === 0) throw new EngineError('corrupt', { what: 'the archive', where: label, why: 'it is empty' });
}

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
	for (let written = 0; written < chunk.length; ) written += (await file.write(chunk, written)).bytesWritten;
}

function nameOf(path: string): { readonly label: string; readonly baseName: string | undefined } {
	const name = basename(path);
	return {
		label: printable(name),
		baseName: name.replace(/(?:\.(?:tar|tgz|gz|zst|zstd|oci))+$/i, '').toLowerCase() || undefined,
	};
}

async function isPlain(path: string): Promise<boolean> {
	try {
		await using file = await open(path, 'r');
		const { buffer, bytesRead } = await file.read(new Uint8Array(magicBytes), { position: 0 });
		return sniffCompression(buffer.subarray(0, bytesRead)) === 'none';
	} catch (error) {
		throw sourceError(error, path);
	}
}

function spoolError(error: unknown, path: string): unknown {
	const code = error instanceof Error && 'code' in error ? error.code : undefined;
	if (code !== 'ENOSPC' && code !== 'EDQUOT') return error;
	return new EngineError('out-of-space', { path, resource: 'bytes' }, { cause: error });
}
