import { open } from 'node:fs/promises';
import { posix } from 'node:path';
import { EngineError } from '../../errors.ts';
import { printable } from '../../oci/printable.ts';
import { indexTar, type TarIndex } from '../layers/tar-index.ts';
import { type ArchivedFile, type ImageArchive, readRange } from './archived-file.ts';

/** More links than any writer chains: podman and docker use one. */
const longestLinkChain = 8;

/**
 * An archive that lies on disk uncompressed. Its links are followed among its own entries; its names never touch the
 * filesystem.
 * @throws EngineError corrupt where it is not a tar, or cut short, limit-exceeded
 */
export async function openTarArchive(
	path: string,
	name: Pick<ImageArchive, 'label' | 'baseName'>,
): Promise<ImageArchive> {
	const index = await indexTar(path, name.label);
	const file = await open(path, 'r');
	return {
		...name,
		find: async (wanted) => {
			const entry = followLinks(index, wanted);
			if (entry === undefined) return undefined;
			const { offset, sizeBytes } = entry;
			return {
				sizeBytes,
				open: () => readRange(file, { offset, sizeBytes, where: name.label }),
			} satisfies ArchivedFile;
		},
		close: async () => await file.close(),
	};
}

type IndexedEntry = NonNullable<ReturnType<TarIndex['get']>>;

function followLinks(index: TarIndex, wanted: string): IndexedEntry | undefined {
	let name = entryName(wanted, wanted);
	for (let links = 0; links <= longestLinkChain; links++) {
		const entry = index.get(name);
		if (entry === undefined || entry.type === 'file') return entry;
		if (entry.type === 'symlink') name = entryName(posix.join(posix.dirname(name), entry.linkName), wanted);
		else if (entry.type === 'hardlink') name = entryName(entry.linkName, wanted);
		else throw unsafe(wanted, `is a ${entry.type}, not a file`);
	}
	throw unsafe(wanted, 'is a link that leads to itself');
}

/** As the index has it: no leading slash, no `.`, and never above the archive's own root. */
function entryName(name: string, wanted: string): string {
	const normal = posix.normalize(name).replace(/^\/+/, '');
	if (normal === '..' || normal.startsWith('../')) throw unsafe(wanted, 'leads out of the archive');
	return normal;
}

function unsafe(entry: string, why: string): EngineError<'unsafe'> {
	return new EngineError('unsafe', { what: 'the archive', entry: printable(entry), why });
}
