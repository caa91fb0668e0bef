import stringWidth from 'string-width';

/** Which part of a text gives way when it is too long. */
export type Cut = 'end' | 'start' | 'middle';

/** How a text fills its cells: `ellipsis` is one cell wide and stands where something was cut. */
export interface FitOptions {
	readonly align?: 'left' | 'right';
	readonly cut?: Cut;
	readonly ellipsis?: string;
}

const printableAscii = /^[\x20-\x7e]*$/;
const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Cells that a text takes on screen. Cheap for ASCII. The text must not contain control characters. */
export function textWidth(text: string): number {
	return printableAscii.test(text) ? text.length : stringWidth(text);
}

/** The longest beginning of a text that fits into `width` cells; whole graphemes only. */
export function takeStart(text: string, width: number): string {
	if (printableAscii.test(text)) return text.slice(0, Math.max(0, width));
	return takeGraphemes([...segmenter.segment(text)], width).join('');
}

/** The longest ending of a text that fits into `width` cells; whole graphemes only. */
export function takeEnd(text: string, width: number): string {
	if (printableAscii.test(text)) return width <= 0 ? '' : text.slice(-width);
	return takeGraphemes([...segmenter.segment(text)].reverse(), width)
		.reverse()
		.join('');
}

/** Cuts a text so that it takes at most `width` cells; shorter ones stay as they are. */
export function cutText(text: string, width: number, { cut = 'end', ellipsis = '…' }: FitOptions = {}): string {
	if (width <= 0) return '';
	if (textWidth(text) <= width) return text;
	const room = width - 1;
	if (cut === 'start') return ellipsis + takeEnd(text, room);
	if (cut === 'end') return takeStart(text, room) + ellipsis;
	const tail = Math.floor(room / 2);
	return takeStart(text, room - tail) + ellipsis + takeEnd(text, tail);
}

/** Makes a text exactly `width` cells wide: cut with an ellipsis, or padded with spaces. */
export function fitText(text: string, width: number, options: FitOptions = {}): string {
	const cut = cutText(text, width, options);
	const padding = ' '.repeat(Math.max(0, width - textWidth(cut)));
	return options.align === 'right' ? padding + cut : cut + padding;
}

/** Breaks a text into lines of at most `width` cells, at spaces where there are any; never an empty list. */
export function wrapWords(text: string, width: number): string[] {
	const lines: string[] = [];
	let line = '';
	for (const word of text.split(' ')) {
		const joined = line === '' ? word : `${line} ${word}`;
		if (textWidth(joined) <= width) {
			line = joined;
			continue;
		}
		if (line !== '') lines.push(line);
		line = word;
		while (textWidth(line) > width) {
			// A grapheme wider than the whole line still has to go somewhere.
			const head = takeStart(line, width) || firstGrapheme(line);
			lines.push(head);
			line = line.slice(head.length);
		}
	}
	lines.push(line);
	return lines;
}

function firstGrapheme(text: string): string {
	for (const { segment } of segmenter.segment(text)) return segment;
	return '';
}

function takeGraphemes(graphemes: readonly Intl.SegmentData[], width: number): string[] {
	const taken: string[] = [];
	let used = 0;
	for (const { segment } of graphemes) {
		used += stringWidth(segment);
		if (used > width) break;
		taken.push(segment);
	}
	return taken;
}
