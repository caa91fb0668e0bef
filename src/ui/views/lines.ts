import { fitText, textWidth, wrapWords } from '../components/fit-text.ts';
import type { Tone } from '../components/tone.ts';

/** A piece of a line with a meaning of its own. */
export interface Span {
	readonly text: string;
	readonly tone: Tone;
}

/** One line of a view that is text rather than a table: pieces from left to right. */
export type Line = readonly (Span | string)[];

/** A blank line. */
export const blankLine: Line = [];

/** A piece with a tone. */
export function span(text: string, tone: Tone): Span {
	return { text, tone };
}

/** The text of a piece. */
export function spanText(piece: Span | string): string {
	return typeof piece === 'string' ? piece : piece.text;
}

/** Columns that a line takes. */
export function lineWidth(line: Line): number {
	return line.reduce((sum, piece) => sum + textWidth(spanText(piece)), 0);
}

/** A line cut or padded to exactly `width` columns. */
export function fitLine(line: Line, width: number): Line {
	const fitted: (Span | string)[] = [];
	let room = width;
	for (const piece of line) {
		if (room <= 0) break;
		const pieceWidth = textWidth(spanText(piece));
		if (pieceWidth > room) {
			const text = fitText(spanText(piece), room);
			fitted.push(typeof piece === 'string' ? text : { ...piece, text });
			room = 0;
		} else {
			fitted.push(piece);
			room -= pieceWidth;
		}
	}
	return room > 0 ? [...fitted, ' '.repeat(room)] : fitted;
}

/** `left` at the left end and `right` at the right end of `width` columns; the left one gives way. */
export function spread(left: Line, right: Line, width: number): Line {
	const rightWidth = lineWidth(right);
	if (rightWidth + 1 >= width) return fitLine(right, width);
	return [...fitLine(left, width - rightWidth), ...right];
}

/** Two blocks side by side, `gap` columns apart; the shorter one is filled up with blanks. */
export function beside(
	left: readonly Line[],
	right: readonly Line[],
	{ width, gap }: { width: number; gap: number },
): readonly Line[] {
	const height = Math.max(left.length, right.length);
	return Array.from({ length: height }, (_, index) => [
		...fitLine(left[index] ?? blankLine, width),
		' '.repeat(gap),
		...(right[index] ?? blankLine),
	]);
}

/** A heading over a block. */
export function heading(text: string): Line {
	return [span(text, 'strong')];
}

const factLabelWidth = 10;

/** A label and what it says, broken into lines of at most `width` columns. */
export function factLines(label: string, text: string, width: number): readonly Line[] {
	return wrapWords(text, Math.max(8, width - factLabelWidth)).map((line, index) => [
		span(fitText(index === 0 ? label : '', factLabelWidth), 'muted'),
		line,
	]);
}
