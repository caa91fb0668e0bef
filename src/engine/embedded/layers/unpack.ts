import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { EngineError } from '../../errors.ts';
import type { DiffId } from '../../model.ts';
import { printablePath } from '../system/byte-path.ts';
import { isSystemError } from '../system/syscalls.ts';
import { LayerWriter } from './layer-writer.ts';
import { SkeletonWriter } from './skeleton.ts';
import type { TarLimits } from './tar-format.ts';
import { TarReader } from './tar-reader.ts';
import { unlinkTree } from './unlink-tree.ts';

/** What a layer turned out to be. */
export interface UnpackedLayer {
	/** Digest of the tar. Spec: image-spec config.md#layer-diffid (v1.1.1) */
	readonly diffId: DiffId;
	readonly tarBytes: number;
	/** Apparent bytes of everything but directories, each inode once: Docker's figure. */
	readonly sizeBytes: number;
	/** Inodes below `fs`, its root included. */
	readonly inodeCount: number;
	readonly entryCount: number;
}

/** What the caller knows of a layer, and what it may cost. */
export interface UnpackOptions {
	/** What is unpacked, for people: `layer 3 of app.tar`. */
	readonly where?: string;
	readonly signal?: AbortSignal;
	/** Bytes of the tar so far. */
	readonly onProgress?: (bytes: number) => void;
	readonly limits?: Partial<TarLimits>;
	/** Takes a tar without an end marker; only where the caller checks the diffID against one it trusts. */
	readonly allowMissingEnd?: boolean;
}

/**
 * Unpacks a layer's uncompressed tar into `directory`, which must not exist: `fs` is what overlayfs takes as a lower
 * directory, `skeleton` gives the tar back, `displaced` exists where the tar has a file twice.
 * Whatever the tar says, nothing outside of `directory` is touched. After an error nothing is left of it.
 * Not flushed to the disk; the diffID is for the caller to check.
 * Spec: image-spec layer.md#applying-changesets (v1.1.1)
 * @throws EngineError unsafe, corrupt, unsupported, limit-exceeded, out-of-space, permission-denied; the signal's reason
 */
export async function unpackLayer(
	tar: AsyncIterable<Uint8Array>,
	directory: string,
	options: UnpackOptions = {},
): Promise<UnpackedLayer> {
	const where = options.where ?? 'the layer';
	// Closed to everybody else, so that no other process can swap what stands in it.
	mkdirSync(directory, { mode: 0o700 });
	let skeleton: SkeletonWriter | undefined;
	let writer: LayerWriter | undefined;
	try {
		skeleton = new SkeletonWriter(join(directory, 'skeleton'));
		mkdirSync(join(directory, 'fs'));
		chmodSync(join(directory, 'fs'), 0o755);
		writer = new LayerWriter({ directory, skeleton, where });
		const reader = new TarReader(writer, {
			where,
			allowMissingEnd: options.allowMissingEnd === true,
			...(options.limits === undefined ? {} : { limits: options.limits }),
		});
		const hash = createHash('sha256');
		for await (const chunk of tar) {
			options.signal?.throwIfAborted();
			hash.update(chunk);
			reader.push(chunk);
			options.onProgress?.(reader.bytesRead);
		}
		reader.end();
		writer.finish();
		skeleton.finish(reader.bytesRead);
		return {
			diffId: `sha256:${hash.digest('hex')}` as DiffId,
			tarBytes: reader.bytesRead,
			sizeBytes: writer.sizeBytes,
			inodeCount: writer.inodeCount,
			entryCount: writer.entryCount,
		};
	} catch (error) {
		const entry = writer?.currentName ?? '';
		writer?.close();
		skeleton?.close();
		const translated = unpackError(error, { directory, where, entry: printablePath(entry) });
		unlinkTree(directory);
		throw translated;
	}
}

function unpackError(
	error: unknown,
	at: { readonly directory: string; readonly where: string; readonly entry: string },
): unknown {
	if (!isSystemError(error)) return error;
	const options = { cause: error };
	switch (error.code) {
		case 'ENOSPC':
		case 'EDQUOT': {
			const resource = statfsSync(at.directory).ffree === 0 ? 'inodes' : 'bytes';
			return new EngineError('out-of-space', { path: at.directory, resource }, options);
		}
		case 'EPERM':
		case 'EACCES':
			return new EngineError(
				'permission-denied',
				{ operation: `unpack "${at.entry}" into`, path: at.directory },
				options,
			);
		case 'ENAMETOOLONG':
		case 'EMLINK':
			return new EngineError(
				'limit-exceeded',
				{ what: `the entry "${at.entry}" of ${at.where}`, limit: `the filesystem says ${error.code}` },
				options,
			);
		default:
			return new EngineError(
				'io-failed',
				{ operation: `unpack "${at.entry}" into`, path: at.directory, code: error.code },
				options,
			);
	}
}
