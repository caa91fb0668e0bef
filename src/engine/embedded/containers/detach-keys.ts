/** What is to be handed on of some typed bytes, and whether the keys are complete with them. */
export interface TypedBytes {
	readonly bytes: Buffer;
	readonly isComplete: boolean;
}

/**
 * Looks for a sequence of keys in what is typed. A beginning of it is held back until it is clear what it is; what
 * follows the whole of it is thrown away. Source: moby/term proxy.go
 */
export class DetachDetector {
	readonly #keys: Uint8Array;
	#matched = 0;

	/** No keys: everything is handed on. */
	constructor(keys: Uint8Array) {
		this.#keys = keys;
	}

	push(typed: Uint8Array): TypedBytes {
		const out: number[] = [];
		for (const byte of typed) {
			if (this.#keys.length > 0 && byte === this.#keys[this.#matched]) {
				this.#matched++;
				if (this.#matched < this.#keys.length) continue;
				this.#matched = 0;
				return { bytes: Buffer.from(out), isComplete: true };
			}
			out.push(...this.#keys.subarray(0, this.#matched));
			this.#matched = byte === this.#keys[0] ? 1 : 0;
			if (this.#matched === 0) out.push(byte);
		}
		return { bytes: Buffer.from(out), isComplete: false };
	}
}
