/** Cells before the first column: pointer and mark. */
export const tableGutterWidth = 2;
/** Cells between two columns. */
export const tableGapWidth = 2;
/** Cells behind the last column: a space and the scroll bar. */
export const tableMarginWidth = 2;

/** Cells left for the columns themselves in a table of `width` cells with `columnCount` columns. */
export function tableRoom(width: number, columnCount: number): number {
	return width - tableGutterWidth - tableMarginWidth - tableGapWidth * Math.max(0, columnCount - 1);
}

/** Rows that fit into a table of `height` lines. */
export function tableRowCount(height: number): number {
	return Math.max(0, height - 1);
}
