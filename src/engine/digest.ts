import { createHash, type Hash } from 'node:crypto';
import { Transform, type TransformCallback } from 'node:stream';
import { EngineError } from './errors.ts';
import type { Digest } from './model.ts';

const digestPattern = /^sha256:[0-9a-f]{64}$/;

/** True for a digest in the one algorithm that images in the field use. Spec: image-spec descriptor.md#digests (v1.1.1) */
export function isDigest(text: string): text is Digest {
	return digestPattern.test(text);
}

/** @throws EngineError corrupt, naming `where` it stood */
export function parseDigest<Kind extends Digest = Digest>(text: unknown, where: string): Kind {
	if (typeof text === 'string' && isDigest(text)) return text as Kind;
	throw new EngineError('corrupt', {
		what: 'the digest',
		where: `in ${where}`,
		why: `"${String(text).slice(0, 100)}" is not sha256: and 64 lowercase hex digits`,
	});
}

/** The digest of bytes that are in memory. */
export function digestOf<Kind extends Digest = Digest>(bytes: Uint8Array | string): Kind {
	return `sha256:${createHash('sha256').update(bytes).digest('hex')}` as Kind;
}

/** The 12 hex digits that people know a digest by. */
export function shortDigest(digest: string): string {
	return digest.replace(/^sha256:/, '').slice(0, 12);
}

/** Passes bytes on and counts and digests them; ask when it has ended. */
export class DigestStream extends Transform {
	readonly #hash: Hash = createHash('sha256');
	bytes = 0;

	override _transform(chunk: Uint8Array, _encoding: BufferEncoding, done: TransformCallback): void {
		this.#hash.update(chunk);
		this.bytes += chunk.length;
		done(null, chunk);
	}

	/** Only once, after the end. */
	digest<Kind extends Digest = Digest>(): Kind {
		return `sha256:${this.#hash.digest('hex')}` as Kind;
	}
}
