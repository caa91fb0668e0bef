import { createHash } from 'node:crypto';
import { EngineError } from '../../errors.ts';
import type { Descriptor, Digest } from '../../model.ts';
import { layerCompressionOf } from '../../oci/media-types.ts';
import { printable } from '../../oci/printable.ts';
import { sniffCompression } from '../content/compression.ts';
import type { ArchivedFile } from './archived-file.ts';

/** Fails unless the file has as many bytes as the descriptor says. @throws EngineError size-mismatch */
export function checkSize(file: ArchivedFile, descriptor: Descriptor, what: string): void {
	if (file.sizeBytes === descriptor.size) return;
	throw new EngineError('size-mismatch', { what, expectedBytes: descriptor.size, foundBytes: file.sizeBytes });
}

/** What is known of a blob before it is read. */
export interface ExpectedBlob {
	readonly digest: Digest;
	/** undefined where nothing says how it is packed. */
	readonly mediaType: string | undefined;
}

/**
 * A layer blob as it is read, checked against its digest on the way. The last chunk is handed on only when the
 * digest is right, so that nobody ever has the whole of a blob that is not what it says.
 * @throws EngineError digest-mismatch, corrupt where the bytes are not packed as the media type says
 */
export async function* verifyLayerBlob(
	source: AsyncIterable<Uint8Array>,
	expected: ExpectedBlob,
	where: string,
): AsyncGenerator<Uint8Array> {
	const hash = createHash('sha256');
	let held: Uint8Array | undefined;
	let bytesRead = 0;
	for await (const chunk of source) {
		if (bytesRead === 0) checkCompression(chunk, expected.mediaType, where);
		hash.update(chunk);
		bytesRead += chunk.length;
		if (held !== undefined) yield held;
		held = chunk;
	}
	const found = `sha256:${hash.digest('hex')}`;
	if (found !== expected.digest) {
		throw new EngineError('digest-mismatch', { what: where, expected: expected.digest, found, bytesRead });
	}
	if (held !== undefined) yield held;
}

/** Fails where the first bytes of a layer blob are not packed as its media type says. @throws EngineError corrupt */
export function checkCompression(head: Uint8Array, mediaType: string | undefined, where: string): void {
	if (mediaType === undefined) return;
	const announced = layerCompressionOf(mediaType);
	const found = sniffCompression(head);
	if (announced === found) return;
	throw new EngineError('corrupt', {
		what: 'the layer blob',
		where,
		why: `its media type is "${printable(mediaType)}", but its bytes are ${found === 'none' ? 'not compressed' : found}`,
	});
}
