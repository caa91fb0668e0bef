import { type Glyphs, unicodeGlyphs } from './glyphs.ts';

/** How a sparkline is drawn. */
export interface SparklineOptions {
	/** Cells; the newest values stand at the right end, missing ones on the left are blank. */
	readonly width: number;
	/** Value of a full cell; the greatest value in sight unless given. */
	readonly max?: number;
	readonly glyphs?: Glyphs;
}

/** A row of small bars, one cell each. Values that were not measured (`undefined`) leave a gap; 0 draws the lowest bar. */
export function sparkline(values: readonly (number | undefined)[], options: SparklineOptions): string {
	const { width, glyphs = unicodeGlyphs } = options;
	if (width <= 0) return '';
	const shown = values.slice(-width);
	const max = options.max ?? Math.max(0, ...shown.map((value) => value ?? 0));
	const top = glyphs.sparks.length - 1;
	const cells = shown.map((value) => {
		if (value === undefined || !Number.isFinite(value)) return ' ';
		const level = max <= 0 ? 0 : Math.round((Math.min(value, max) / max) * top);
		return glyphs.sparks[Math.max(0, level)] ?? ' ';
	});
	return cells.join('').padStart(width);
}
