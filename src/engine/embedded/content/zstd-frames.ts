import { EngineError } from '../../errors.ts';

/** What the next bytes of a zstd stream are. */
type State = 'magic' | 'descriptor' | 'header' | 'block' | 'body' | 'checksum' | 'skippable-size' | 'skippable-body';

/**
 * The same bytes, cut so that no chunk goes beyond the end of a zstd frame. Node's decoder stops without a word at
 * the first frame that ends inside a chunk, while pzstd, zstd:chunked and `cat` make streams of many frames.
 * Spec: RFC 8878 §3.1
 * @throws EngineError corrupt where something that is not a frame follows one
 */
export async function* splitZstdFrames(source: AsyncIterable<Uint8Array>, where: string): AsyncGenerator<Uint8Array> {
	const scanner = new ZstdFrameScanner(where);
	for await (const chunk of source) {
		for (let start = 0; start < chunk.length; ) {
			const end = scanner.scan(chunk, start);
			yield chunk.subarray(start, end);
			start = end;
		}
	}
}

/** Reads frame and block headers only; what they enclose is the decoder's to judge. */
class ZstdFrameScanner {
	readonly #where: string;
	#state: State = 'magic';
	/** Bytes still to pass over in this state. */
	#left = 4;
	/** The bytes of the field that is being read, little-endian. */
	#field = 0;
	#fieldShift = 0;
	#hasChecksum = false;
	#lastBlock = false;

	constructor(where: string) {
		this.#where = where;
	}

	/** Where the chunk must be cut: just after the end of a frame, or at its own end. */
	scan(chunk: Uint8Array, start: number): number {
		for (let at = start; at < chunk.length; ) {
			if (
				this.#state === 'body' ||
				this.#state === 'skippable-body' ||
				this.#state === 'header' ||
				this.#state === 'checksum'
			) {
				const passed = Math.min(this.#left, chunk.length - at);
				this.#left -= passed;
				at += passed;
			} else {
				this.#field += (chunk[at++] ?? 0) * 2 ** this.#fieldShift;
				this.#fieldShift += 8;
				this.#left--;
			}
			if (this.#left === 0 && this.#advance()) return at;
		}
		return chunk.length;
	}

	/** A field or a body is over: what comes next? True at the end of a frame. */
	#advance(): boolean {
		const field = this.#field;
		switch (this.#state) {
			case 'magic':
				if (field === 0xfd2fb528) return this.#enter('descriptor', 1);
				if (field >>> 4 === 0x184d2a5) return this.#enter('skippable-size', 4);
				throw new EngineError('corrupt', {
					what: 'the zstd stream of',
					where: this.#where,
					why: 'something that is not a zstd frame follows one',
				});
			case 'descriptor':
				this.#hasChecksum = (field & 4) !== 0;
				return this.#enter('header', headerBytes(field));
			case 'header':
				return this.#enter('block', 3);
			case 'block': {
				this.#lastBlock = (field & 1) !== 0;
				const isRunLength = ((field >>> 1) & 3) === 1;
				return this.#enter('body', isRunLength ? 1 : field >>> 3);
			}
			case 'body':
				if (!this.#lastBlock) return this.#enter('block', 3);
				return this.#hasChecksum ? this.#enter('checksum', 4) : this.#endFrame();
			case 'skippable-size':
				return this.#enter('skippable-body', field);
			case 'checksum':
			case 'skippable-body':
				return this.#endFrame();
		}
	}

	#enter(state: State, bytes: number): boolean {
		this.#state = state;
		this.#left = bytes;
		this.#field = 0;
		this.#fieldShift = 0;
		return bytes === 0 ? this.#advance() : false;
	}

	#endFrame(): true {
		this.#enter('magic', 4);
		return true;
	}
}

/** Window descriptor, dictionary id and content size, as the frame header's descriptor announces them. */
function headerBytes(descriptor: number): number {
	const singleSegment = (descriptor & 0x20) !== 0;
	const dictionaryIdBytes = [0, 1, 2, 4][descriptor & 3] ?? 0;
	const contentSizeBytes = [singleSegment ? 1 : 0, 2, 4, 8][descriptor >>> 6] ?? 0;
	return (singleSegment ? 0 : 1) + dictionaryIdBytes + contentSizeBytes;
}
