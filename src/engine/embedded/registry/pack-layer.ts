import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream';
import { constants, createGzip } from 'node:zlib';
import { EngineError } from '../../errors.ts';
import type { Digest } from '../../model.ts';
import { type LayerRow, layerDirectory } from '../layers/layer-store.ts';
import { rebuildTar } from '../layers/skeleton.ts';
import type { Lease, Store } from '../store.ts';
import { Spool } from './spool.ts';

/** A compressed layer in a file. `remove` it. */
export interface PackedLayer {
	readonly spool: Spool;
	readonly digest: Digest;
	readonly sizeBytes: number;
}

/**
 * Builds a layer's tar again and compresses it with gzip: the same layer gives the same bytes, wherever and whenever.
 * The tar is held against its diffID.
 * @throws EngineError digest-mismatch, corrupt where the stored layer is damaged; out-of-space; the signal's reason
 */
export async function packLayer(
	store: Store,
	lease: Lease,
	wanted: { readonly layer: LayerRow; readonly signal: AbortSignal | undefined },
): Promise<PackedLayer> {
	const { layer, signal } = wanted;
	const spool = new Spool(lease.ingestPath(), Number.POSITIVE_INFINITY);
	const tarHash = createHash('sha256');
	const packedHash = createHash('sha256');
	let tarBytes = 0;
	const tar = async function* () {
		for await (const chunk of rebuildTar(layerDirectory(store, layer.chain_id))) {
			signal?.throwIfAborted();
			tarHash.update(chunk);
			tarBytes += chunk.length;
			yield chunk;
		}
	};
	try {
		// Node's header has neither a time nor a name.
		const gzip = pipeline(
			tar(),
			createGzip({ level: constants.Z_DEFAULT_COMPRESSION, chunkSize: 256 * 1024 }),
			() => {},
		);
		for await (const chunk of gzip as AsyncIterable<Uint8Array>) {
			packedHash.update(chunk);
			spool.write(chunk);
		}
		const found = `sha256:${tarHash.digest('hex')}`;
		if (found !== layer.diff_id) {
			throw new EngineError(
				'digest-mismatch',
				{ what: 'the stored layer', expected: layer.diff_id, found, bytesRead: tarBytes },
				{ hint: 'A file of it was changed on the disk. Remove the image and get it again.' },
			);
		}
		spool.finish();
		return { spool, digest: `sha256:${packedHash.digest('hex')}` as Digest, sizeBytes: spool.writtenBytes };
	} catch (error) {
		spool.remove();
		throw error;
	}
}
