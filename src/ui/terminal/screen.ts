import { blankGlyph, wideTail } from './glyph-table.ts';

/** A grid of cells: two numbers each, a glyph's (see GlyphTable) and a style's (see StyleTable). Row by row. */
export class Screen {
	readonly columns: number;
	readonly rows: number;
	readonly glyphs: Int32Array;
	readonly styles: Int32Array;

	constructor(columns: number, rows: number) {
		this.columns = columns;
		this.rows = rows;
		this.glyphs = new Int32Array(columns * rows).fill(blankGlyph);
		this.styles = new Int32Array(columns * rows);
	}

	/** Takes over another screen of the same size. */
	copyFrom(other: Screen): void {
		this.glyphs.set(other.glyphs);
		this.styles.set(other.styles);
	}

	/** Makes everything blank and plain. */
	clear(): void {
		this.glyphs.fill(blankGlyph);
		this.styles.fill(0);
	}

	/**
	 * Puts a glyph of `width` cells (1 or 2) into a cell; the caller makes sure that it fits into the row. A wide glyph of
	 * which one half is overwritten loses the other half.
	 */
	put(row: number, column: number, { glyph, style, width }: { glyph: number; style: number; width: number }): void {
		const at = row * this.columns + column;
		this.#breakWide(at, column);
		if (width === 2) this.#breakWide(at + 1, column + 1);
		this.glyphs[at] = glyph;
		this.styles[at] = style;
		if (width === 2) {
			this.glyphs[at + 1] = wideTail;
			this.styles[at + 1] = style;
		}
	}

	/** Blanks the cells of a row from `from` to `to` (exclusive) in a style. */
	erase(row: number, from: number, { to, style }: { to: number; style: number }): void {
		if (from >= to) return;
		const start = row * this.columns;
		this.#breakWide(start + from, from);
		this.#breakWide(start + to - 1, to - 1);
		this.glyphs.fill(blankGlyph, start + from, start + to);
		this.styles.fill(style, start + from, start + to);
	}

	/** Moves the rows from `top` to `bottom` (inclusive) up by `count`, or down when negative; freed ones are blank and plain. */
	shiftRows(top: number, bottom: number, count: number): void {
		const { columns } = this;
		const kept = bottom - top + 1 - Math.abs(count);
		const target = (count > 0 ? top : top - count) * columns;
		const source = (count > 0 ? top + count : top) * columns;
		const freed = (count > 0 ? top + Math.max(0, kept) : top) * columns;
		for (const [cells, blank] of [[this.glyphs, blankGlyph] as const, [this.styles, 0] as const]) {
			if (kept > 0) cells.copyWithin(target, source, source + kept * columns);
			cells.fill(blank, freed, freed + Math.min(Math.abs(count), bottom - top + 1) * columns);
		}
	}

	/** A screen of another size with what fits of this one; lines go out at the top so that `cursorRow` stays inside. */
	resized(columns: number, rows: number, cursorRow: number): Screen {
		const next = new Screen(columns, rows);
		const skipped = Math.max(0, cursorRow - rows + 1);
		const width = Math.min(columns, this.columns);
		for (let row = 0; row < Math.min(rows, this.rows - skipped); row++) {
			const source = (row + skipped) * this.columns;
			next.glyphs.set(this.glyphs.subarray(source, source + width), row * columns);
			next.styles.set(this.styles.subarray(source, source + width), row * columns);
			const last = row * columns + width - 1;
			// Half a wide glyph at the new edge is none.
			if (width < this.columns && this.glyphs[source + width] === wideTail) next.#blank(last);
		}
		return next;
	}

	/** Takes away the other half of a wide glyph of which the cell at `at` is one half. */
	#breakWide(at: number, column: number): void {
		if (this.glyphs[at] === wideTail && column > 0) this.#blank(at - 1);
		if (column + 1 < this.columns && this.glyphs[at + 1] === wideTail) this.#blank(at + 1);
	}

	#blank(at: number): void {
		this.glyphs[at] = blankGlyph;
		this.styles[at] = 0;
	}
}
