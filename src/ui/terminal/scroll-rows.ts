import { blankGlyph } from './glyph-table.ts';
import type { Screen } from './screen.ts';

/** Rows from `top` to `bottom` (inclusive) move up by `count`, or down when it is negative. */
export interface RowShift {
	readonly top: number;
	readonly bottom: number;
	readonly count: number;
}

/** Fewer rows than this are cheaper to write than to move. */
const leastRows = 3;

/**
 * The shift that puts most rows of `front` where `back` wants them, if rows have moved at all: a log that grew, a list
 * that scrolled. Only whole rows count. Cost: one look at every cell.
 */
export function findShift(front: Screen, back: Screen): RowShift | undefined {
	const [before, after] = [rowHashes(front), rowHashes(back)];
	const placeOf = new Map<number, number>();
	// A row that stands there twice says nothing about where it went.
	for (const [row, hash] of before.entries()) placeOf.set(hash, placeOf.has(hash) ? -1 : row);
	const votes = new Map<number, number>();
	for (const [row, hash] of after.entries()) {
		const place = placeOf.get(hash) ?? -1;
		if (place >= 0 && place !== row && !isBlankRow(back, row))
			votes.set(place - row, (votes.get(place - row) ?? 0) + 1);
	}
	let count = 0;
	for (const [shift, number] of votes) if (number > (votes.get(count) ?? leastRows - 1)) count = shift;
	if (count === 0) return undefined;
	const moved = [...after.keys()].filter((row) => before[row + count] === after[row] && before[row] !== after[row]);
	const [first = 0, last = 0] = [moved[0], moved.at(-1)];
	return { top: Math.min(first, first + count), bottom: Math.max(last, last + count), count };
}

/**
 * The sequence that makes a terminal shift its rows; new rows are blank if the current style is plain, which the caller
 * sees to. Leaves the cursor in the first cell. Line feeds and reverse indexes rather than SU and SD: the Linux console
 * does not know those.
 */
export function shiftSequence({ top, bottom, count }: RowShift): string {
	const moves = count > 0 ? `\x1b[${bottom + 1}H${'\n'.repeat(count)}` : `\x1b[${top + 1}H${'\x1bM'.repeat(-count)}`;
	return `\x1b[${top + 1};${bottom + 1}r${moves}\x1b[r`;
}

function rowHashes({ columns, rows, glyphs, styles }: Screen): Int32Array {
	const hashes = new Int32Array(rows);
	for (let row = 0; row < rows; row++) {
		let hash = 0;
		for (let at = row * columns; at < (row + 1) * columns; at++) {
			hash = (Math.imul(hash, 31) + (glyphs[at] ?? 0)) | 0;
			hash = (Math.imul(hash, 31) + (styles[at] ?? 0)) | 0;
		}
		hashes[row] = hash;
	}
	return hashes;
}

function isBlankRow({ columns, glyphs, styles }: Screen, row: number): boolean {
	for (let at = row * columns; at < (row + 1) * columns; at++) {
		if (glyphs[at] !== blankGlyph || styles[at] !== 0) return false;
	}
	return true;
}
