import stringWidth from 'string-width';

/** Glyph of an empty cell. */
export const blankGlyph = 0x20;
/** Stands in the right half of a wide glyph. */
export const wideTail = 0;

const firstClusterId = 0x110000;
/** From here on terminals disagree about widths (emoji). */
const firstEmojiCodePoint = 0x1f000;

/**
 * Numbers for what a cell can hold: a single code point is its own number, a cluster of several (a letter with
 * combining marks, an emoji sequence) gets one beyond Unicode.
 */
export class GlyphTable {
	readonly #clusters: string[] = [];
	readonly #ids = new Map<string, number>();
	readonly #widths = new Map<number, number>();

	/** Clusters seen so far: grows with what passes by. */
	get size(): number {
		return this.#clusters.length + this.#widths.size;
	}

	/** The number of a grapheme cluster. */
	idOf(cluster: string): number {
		const codePoint = cluster.codePointAt(0) ?? blankGlyph;
		if (String.fromCodePoint(codePoint).length === cluster.length) return codePoint;
		let id = this.#ids.get(cluster);
		if (id === undefined) {
			id = firstClusterId + this.#clusters.push(cluster) - 1;
			this.#ids.set(cluster, id);
		}
		return id;
	}

	/** The text of a glyph. */
	textOf(id: number): string {
		return id < firstClusterId ? String.fromCodePoint(id) : (this.#clusters[id - firstClusterId] ?? ' ');
	}

	/** Cells that a glyph takes: 0 (joins the one before it), 1 or 2. */
	widthOf(id: number): number {
		if (id >= 0x20 && id < 0x7f) return 1;
		let width = this.#widths.get(id);
		if (width === undefined) {
			width = Math.min(2, stringWidth(this.textOf(id)));
			this.#widths.set(id, width);
		}
		return width;
	}

	/** Whether terminals may disagree about the width, so that the cursor cannot be relied upon behind it. */
	isDoubtful(id: number): boolean {
		return id >= firstEmojiCodePoint;
	}

	/** Bytes of a glyph in UTF-8. */
	bytesOf(id: number): number {
		if (id < 0x80) return 1;
		if (id < 0x800) return 2;
		if (id < 0x10000) return 3;
		return id < firstClusterId ? 4 : Buffer.byteLength(this.textOf(id));
	}
}
