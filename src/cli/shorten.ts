import { shortDigest } from '../engine/digest.ts';

/** What takes two columns. Spec: Unicode UAX #11, East Asian Wide and Fullwidth, and pictographs */
const wide =
	/[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

/** A text in at most so many columns; `…` stands for what was cut off. */
export function shorten(text: string, columns: number): string {
	// Most texts are plain and short, and taking text apart costs a table that is slow to load.
	if (/^[ -~]*$/.test(text)) return text.length <= columns ? text : `${text.slice(0, columns - 1)}…`;
	let kept = '';
	let width = 0;
	for (const { segment } of new Intl.Segmenter().segment(text)) {
		width += wide.test(segment) ? 2 : 1;
		if (width <= columns - 1) kept += segment;
	}
	return width <= columns ? text : `${kept}…`;
}

/** An id as lists show it: 12 hex digits, or all of it, with its algorithm where it has one. */
export function shownId(id: string, full: boolean): string {
	return full ? id : shortDigest(id);
}
