import { blankGlyph, type GlyphTable, wideTail } from './glyph-table.ts';
import { Screen } from './screen.ts';
import { findShift, shiftSequence } from './scroll-rows.ts';
import type { StyleTable } from './style-table.ts';

/** Where the real terminal's cursor is and how it writes. A column of -1 is not known (behind the last column, for one). */
export interface Pen {
	row: number;
	column: number;
	style: number;
}

/** What the encoder works with. `front` is what the terminal shows, `back` what it shall show; both of one size. */
export interface EncodeInput {
	readonly front: Screen;
	readonly back: Screen;
	readonly glyphs: GlyphTable;
	readonly styles: StyleTable;
	/** Is moved along. */
	readonly pen: Pen;
}

/** Erasing the rest of a line costs three bytes, and up to three more to drop a background first. */
const eraseCost = 4;

/** From this length on a burst is compared with one that moves rows first. */
const shiftFromLength = 200;

/**
 * The shortest sequence it finds that turns `front` into `back` on the terminal: rows that scrolled moved as a block,
 * cheapest cursor moves, smallest changes of style, short gaps written over, blank ends of lines erased. `front` itself
 * stays as it is. Cost: a few looks at every cell, 0.1 ms for 120×40.
 */
export function encodeFrame(input: EncodeInput): string {
	const { front, back, styles, pen } = input;
	const before = { ...pen };
	const written = encodeRows(input);
	const shift = written.length < shiftFromLength ? undefined : findShift(front, back);
	if (shift === undefined) return written;
	const moved = new Screen(front.columns, front.rows);
	moved.copyFrom(front);
	moved.shiftRows(shift.top, shift.bottom, shift.count);
	const movedPen: Pen = { row: 0, column: 0, style: 0 };
	const shifted =
		styles.transition(before.style, 0) + shiftSequence(shift) + encodeRows({ ...input, front: moved, pen: movedPen });
	if (shifted.length >= written.length) return written;
	Object.assign(pen, movedPen);
	return shifted;
}

function encodeRows(input: EncodeInput): string {
	const encoder = new FrameEncoder(input);
	for (let row = 0; row < input.back.rows; row++) encoder.encodeRow(row);
	return encoder.text;
}

/** The cheapest sequence that brings the cursor to a cell; moves the pen along. */
export function moveSequence(pen: Pen, row: number, column: number): string {
	const best = shortest(candidateMoves(pen, row, column));
	pen.row = row;
	pen.column = column;
	return best;
}

class FrameEncoder {
	text = '';
	readonly #front: Screen;
	readonly #back: Screen;
	readonly #glyphs: GlyphTable;
	readonly #styles: StyleTable;
	readonly #pen: Pen;

	constructor({ front, back, glyphs, styles, pen }: EncodeInput) {
		this.#front = front;
		this.#back = back;
		this.#glyphs = glyphs;
		this.#styles = styles;
		this.#pen = pen;
	}

	encodeRow(row: number): void {
		const { columns } = this.#back;
		const start = row * columns;
		let first = 0;
		while (first < columns && this.#isSame(start + first)) first++;
		if (first === columns) return;
		let last = columns - 1;
		while (this.#isSame(start + last)) last--;
		const eraseFrom = this.#eraseFrom(start, first, last);
		const end = eraseFrom ?? last + 1;
		for (let column = first; column < end; column++) {
			// The right half of a wide glyph comes with the left one.
			if (this.#isSame(start + column) || this.#back.glyphs[start + column] === wideTail) continue;
			this.#reach(row, column);
			this.#write(start + column);
		}
		if (eraseFrom === undefined) return;
		this.#reach(row, eraseFrom);
		this.#wear(0);
		this.text += '\x1b[K';
	}

	/** The column from which the line is better erased than overwritten, if there is one. */
	#eraseFrom(start: number, first: number, last: number): number | undefined {
		const { columns, glyphs, styles } = this.#back;
		let blankFrom = columns;
		while (blankFrom > 0 && glyphs[start + blankFrom - 1] === blankGlyph && styles[start + blankFrom - 1] === 0)
			blankFrom--;
		let changedFrom = Math.max(first, blankFrom);
		while (changedFrom <= last && this.#isSame(start + changedFrom)) changedFrom++;
		return last - changedFrom + 1 > eraseCost ? changedFrom : undefined;
	}

	/** Brings the cursor to a cell: over cells that already are right when writing them again is cheaper than jumping. */
	#reach(row: number, column: number): void {
		const pen = this.#pen;
		if (pen.row === row && pen.column === column) return;
		const jump = shortest(candidateMoves(pen, row, column));
		if (pen.row === row && pen.column >= 0 && pen.column < column) {
			const again = this.#rewrite(row, pen.column, { to: column, atMost: jump.length });
			if (again !== undefined) {
				this.text += again;
				pen.column = column;
				return;
			}
		}
		this.text += jump;
		pen.row = row;
		pen.column = column;
	}

	/** The text of the cells from `from` to `to` when it needs no change of style and at most `atMost` bytes. */
	#rewrite(row: number, from: number, { to, atMost }: { to: number; atMost: number }): string | undefined {
		let text = '';
		let bytes = 0;
		for (let column = from; column < to; column++) {
			const at = row * this.#back.columns + column;
			const glyph = this.#back.glyphs[at] ?? blankGlyph;
			if (this.#back.styles[at] !== this.#pen.style || this.#glyphs.isDoubtful(glyph)) return undefined;
			if (glyph === wideTail) continue;
			bytes += this.#glyphs.bytesOf(glyph);
			if (bytes > atMost) return undefined;
			text += this.#glyphs.textOf(glyph);
		}
		return text;
	}

	#write(at: number): void {
		const glyph = this.#back.glyphs[at] ?? blankGlyph;
		this.#wear(this.#back.styles[at] ?? 0);
		this.text += this.#glyphs.textOf(glyph);
		const column = this.#pen.column + (this.#back.glyphs[at + 1] === wideTail ? 2 : 1);
		const isKnown = column < this.#back.columns && !this.#glyphs.isDoubtful(glyph);
		this.#pen.column = isKnown ? column : -1;
	}

	#wear(style: number): void {
		this.text += this.#styles.transition(this.#pen.style, style);
		this.#pen.style = style;
	}

	#isSame(at: number): boolean {
		return this.#front.glyphs[at] === this.#back.glyphs[at] && this.#front.styles[at] === this.#back.styles[at];
	}
}

function candidateMoves({ row, column }: Pen, toRow: number, toColumn: number): string[] {
	const absolute = toColumn === 0 ? `\x1b[${toRow + 1}H` : `\x1b[${toRow + 1};${toColumn + 1}H`;
	const moves = [toRow === 0 && toColumn === 0 ? '\x1b[H' : absolute];
	if (toRow === row) {
		moves.push(toColumn === 0 ? '\r' : `\x1b[${toColumn + 1}G`);
		if (column >= 0) moves.push(sideways(toColumn - column));
	} else if (toRow > row) {
		const fed = '\r'.concat('\n'.repeat(Math.min(toRow - row, 8)));
		if (toRow - row <= 8) moves.push(fed + sideways(toColumn));
		if (column >= 0) moves.push(csi(toRow - row, 'B') + sideways(toColumn - column));
	} else if (column >= 0) {
		moves.push(csi(row - toRow, 'A') + sideways(toColumn - column));
	}
	return moves;
}

function sideways(count: number): string {
	if (count === 0) return '';
	if (count > 0) return csi(count, 'C');
	return count >= -3 ? '\b'.repeat(-count) : csi(-count, 'D');
}

function csi(count: number, final: string): string {
	return count === 1 ? `\x1b[${final}` : `\x1b[${count}${final}`;
}

function shortest(texts: readonly string[]): string {
	return texts.reduce((best, text) => (text.length < best.length ? text : best));
}
