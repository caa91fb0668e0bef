import { constants } from 'node:fs';
import { type FileHandle, lstat, open } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { EngineError } from '../../errors.ts';
import { printable } from '../../oci/printable.ts';
import { type ArchivedFile, type ImageArchive, readRange } from './archived-file.ts';
import { sourceError } from './source.ts';

/** The only names that are ever opened: whatever a document says, it cannot lead to another file. */
const layoutNames = /^(?:oci-layout|index\.json|blobs\/sha256\/[0-9a-f]{64})$/;

/**
 * An OCI layout directory. Opens nothing but its own documents and blobs by digest, never through a symlink, and
 * only regular files.
 * @throws EngineError corrupt where it is not such a directory, permission-denied
 */
export async function openLayoutDirectory(path: string): Promise<ImageArchive> {
	const name = basename(resolve(path));
	for (const directory of ['blobs', 'blobs/sha256']) {
		const found = await lstat(join(path, directory)).catch((error: unknown) => {
			if (isMissing(error)) return undefined;
			throw sourceError(error, path);
		});
		if (found?.isDirectory() === true) continue;
		throw new EngineError('corrupt', {
			what: 'the directory',
			where: printable(path),
			why: `it is not an OCI image layout: ${directory} is not a directory in it`,
		});
	}
	return {
		label: printable(name),
		baseName: name.toLowerCase() || undefined,
		find: async (wanted) => (layoutNames.test(wanted) ? await findFile(path, wanted) : undefined),
		close: async () => {},
	};
}

async function findFile(root: string, name: string): Promise<ArchivedFile | undefined> {
	const path = join(root, name);
	await using file = await openRegular(path, name);
	if (file === undefined) return undefined;
	const { size } = await file.stat();
	return { sizeBytes: size, open: () => readFile(path, name, size) };
}

async function* readFile(path: string, name: string, sizeBytes: number): AsyncGenerator<Uint8Array> {
	await using file = await openRegular(path, name);
	if (file === undefined) throw new EngineError('corrupt', { what: 'the layout', where: name, why: 'it has vanished' });
	yield* readRange(file, { offset: 0, sizeBytes, where: name });
}

/** O_NONBLOCK: opening a FIFO must not wait for somebody to write into it. */
async function openRegular(path: string, name: string): Promise<FileHandle | undefined> {
	const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
	let file: FileHandle;
	try {
		file = await open(path, flags);
	} catch (error) {
		if (isMissing(error)) return undefined;
		if (error instanceof Error && 'code' in error && error.code === 'ELOOP')
			throw notRegular(name, 'is a symbolic link');
		throw sourceError(error, path);
	}
	if ((await file.stat()).isFile()) return file;
	await file.close();
	throw notRegular(name, 'is not a regular file');
}

function notRegular(name: string, why: string): EngineError<'unsafe'> {
	return new EngineError('unsafe', { what: 'the layout', entry: name, why });
}

function isMissing(error: unknown): boolean {
	return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
