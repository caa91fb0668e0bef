/** A list seen through a window. */
export interface ScrollState {
	/** Index of the first row shown before. */
	readonly offset: number;
	readonly cursor: number;
	readonly count: number;
	/** Rows that fit. */
	readonly height: number;
}

/**
 * The first row to show so that the cursor is in sight. The window stays where it is while the cursor is inside, and
 * moves by half a page when the cursor leaves it: over a slow link a shifted table costs far more than a moved cursor,
 * so it is shifted seldom.
 */
export function scrollOffset({ offset, cursor, count, height }: ScrollState): number {
	const last = Math.max(0, count - height);
	if (height <= 0) return 0;
	const half = Math.max(1, Math.floor(height / 2));
	let next = Math.min(Math.max(0, offset), last);
	if (cursor >= next + height) next = Math.max(next + half, cursor - height + 1);
	else if (cursor < next) next = Math.min(next - half, cursor);
	return Math.min(Math.max(0, next), last);
}

/** Where the thumb of a scroll bar stands: rows from `start` (inclusive) to `end` (exclusive); undefined when all fits. */
export function scrollThumb(offset: number, count: number, height: number): { start: number; end: number } | undefined {
	if (count <= height || height <= 0) return undefined;
	const size = Math.max(1, Math.round((height * height) / count));
	const start = Math.round((offset / (count - height)) * (height - size));
	return { start, end: start + size };
}
