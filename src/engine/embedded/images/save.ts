import { createHash } from 'node:crypto';
import { EngineError } from '../../errors.ts';
import { layerDirectory } from '../layers/layer-store.ts';
import { rebuildTar } from '../layers/skeleton.ts';
import type { TarEntry } from '../layers/tar-format.ts';
import { encodeTarEntry, tarEnd, tarPadding } from '../layers/tar-writer.ts';
import type { Store } from '../store.ts';
import { bytePath } from '../system/byte-path.ts';
import { blobName, layOutArchive, type SavedLayer } from './saved-images.ts';

/**
 * One archive of the images, for docker, podman, skopeo and everybody who reads OCI archives. Layers are rebuilt as
 * the plain tars they came from, and written once. The images are held until the last byte is taken, or the reader
 * goes away.
 * @throws EngineError not-found, ambiguous, invalid-reference, invalid-argument; corrupt or digest-mismatch where a
 * stored layer is damaged, and the archive is then not finished
 */
export async function* saveImages(
	store: Store,
	names: readonly string[],
	options: { readonly signal?: AbortSignal },
): AsyncGenerator<Uint8Array> {
	const lease = store.acquireLease('save');
	try {
		const archive = layOutArchive(store, lease, names);
		for (const [name, bytes] of archive.documents) {
			yield encodeTarEntry(fileEntry(name, bytes.length));
			yield bytes;
			yield tarPadding(bytes.length);
		}
		for (const layer of archive.layers) {
			yield encodeTarEntry(fileEntry(blobName(layer.diffId), layer.tarBytes));
			for await (const chunk of checkedTar(store, layer)) {
				options.signal?.throwIfAborted();
				yield chunk;
			}
			yield tarPadding(layer.tarBytes);
		}
		yield tarEnd;
	} finally {
		lease.release();
	}
}

/** A layer's tar, held against its diffID at the end: a file that was changed on the disk shows only there. */
async function* checkedTar(store: Store, layer: SavedLayer): AsyncGenerator<Uint8Array> {
	const hash = createHash('sha256');
	let bytesRead = 0;
	for await (const chunk of rebuildTar(layerDirectory(store, layer.chainId))) {
		hash.update(chunk);
		bytesRead += chunk.length;
		yield chunk;
	}
	const found = `sha256:${hash.digest('hex')}`;
	if (found === layer.diffId) return;
	throw new EngineError(
		'digest-mismatch',
		{ what: 'the stored layer', expected: layer.diffId, found, bytesRead },
		{ hint: 'A file of it was changed on the disk. Remove the image and load it again.' },
	);
}

/** Nobody's, of no time: the same images give the same archive. */
function fileEntry(name: string, sizeBytes: number): TarEntry {
	return {
		name: bytePath(name),
		type: 'file',
		sizeBytes,
		mode: 0o644,
		uid: 0,
		gid: 0,
		mtime: { seconds: 0, nanoseconds: 0 },
		linkName: '',
		xattrs: new Map(),
		deviceMajor: 0,
		deviceMinor: 0,
	};
}
