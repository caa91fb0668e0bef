/** Joins small parts of a stream to chunks of at least `chunkBytes`: one promise for many parts. Larger ones pass. */
export class ChunkJoiner {
	readonly #chunkBytes: number;
	#parts: Uint8Array[] = [];
	#bytes = 0;

	constructor(chunkBytes: number) {
		this.#chunkBytes = chunkBytes;
	}

	/** Keeps the part without copying it; gives a chunk where there is enough for one. */
	*add(part: Uint8Array): Generator<Uint8Array> {
		this.#parts.push(part);
		this.#bytes += part.length;
		if (this.#bytes >= this.#chunkBytes) yield* this.flush();
	}

	/** Gives what is left. */
	*flush(): Generator<Uint8Array> {
		if (this.#bytes === 0) return;
		const parts = this.#parts;
		this.#parts = [];
		this.#bytes = 0;
		yield parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
	}
}
