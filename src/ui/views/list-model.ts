import { textWidth } from '../components/fit-text.ts';
import type { TableCell, TableColumn, TableRow } from '../components/table.tsx';
import { tableRoom } from '../components/table-layout.ts';
import type { AppState, ListState } from '../state.ts';

/** One column as data. Rows carry all that a cell shows, so that a cell is a function of its row alone. */
export interface Column<Row> {
	readonly id: string;
	readonly title: string;
	readonly align?: 'left' | 'right';
	readonly cut?: 'end' | 'start' | 'middle';
	/** 0 stays always; of the others the highest is dropped first when the screen is narrow. */
	readonly priority: number;
	/** Fewest and most cells; the contents decide between. */
	readonly width: readonly [fewest: number, most: number];
	readonly cell: (row: Row) => TableCell;
	/** Order of the first press of the sort key; absent where sorting by it says nothing. */
	readonly compare?: (one: Row, other: Row) => number;
	/** True where the first order is from large to small, for the arrow in the heading. */
	readonly descending?: boolean;
}

/** One list as data: what its rows are, how they are found again, and how they look. */
export interface ListModel<Row> {
	readonly rows: (state: AppState) => readonly Row[];
	/** Unique, and the same as long as it is the same thing. */
	readonly key: (row: Row) => string;
	/** What the filter looks at. */
	readonly searchText: (row: Row) => string;
	readonly columns: readonly Column<Row>[];
	/** A whole row's tone, e.g. muted for what does not run. */
	readonly rowTone?: (row: Row) => TableRow['tone'];
	/** `1 container`, `5 containers`. */
	readonly noun: readonly [singular: string, plural: string];
	/** What to say, and what to do next, where there is not one row. */
	readonly empty: (state: AppState) => readonly string[];
}

/** A table with its widths decided; everything that a component needs but the place on screen. */
export interface TableView {
	readonly columns: readonly TableColumn[];
	readonly rows: readonly TableRow[];
	readonly cursor: number | undefined;
	readonly offset: number;
	readonly count: number;
	readonly empty: readonly string[];
}

/** The rows that pass the filter, in the chosen order; equal ones stay in the engine's order. */
export function visibleRows<Row>(model: ListModel<Row>, state: AppState, list: ListState): readonly Row[] {
	const words = list.filter.toLowerCase().split(/\s+/).filter(Boolean);
	const rows = model.rows(state);
	const found =
		words.length === 0
			? [...rows]
			: rows.filter((row) => {
					const text = model.searchText(row).toLowerCase();
					return words.every((word) => text.includes(word));
				});
	const compare = model.columns.find(({ id }) => id === list.sortBy)?.compare;
	if (compare !== undefined) found.sort(list.reversed ? (one, other) => compare(other, one) : compare);
	return found;
}

/** The rows of one list that a table of `height` lines (heading included) shows, with columns that fit into `width`. */
export function tableView<Row>(
	model: ListModel<Row>,
	{ state, list, width, height }: { state: AppState; list: ListState; width: number; height: number },
): TableView {
	const rows = visibleRows(model, state, list);
	const columns = fitColumns(model.columns, rows, { width, list });
	const shown = rows.slice(list.offset, list.offset + Math.max(0, height - 1));
	return {
		columns: columns.map((column) => headingOf(column, list)),
		rows: shown.map((row) => {
			const key = model.key(row);
			const tone = model.rowTone?.(row);
			return {
				key,
				cells: columns.map(({ column }) => column.cell(row)),
				marked: list.marked.has(key),
				...(tone === undefined ? {} : { tone }),
			};
		}),
		cursor: rows.length === 0 ? undefined : list.cursor,
		offset: list.offset,
		count: rows.length,
		empty:
			list.filter === '' ? model.empty(state) : [`Nothing here contains "${list.filter}".`, 'Esc shows all again.'],
	};
}

interface FittedColumn<Row> {
	readonly column: Column<Row>;
	readonly width: number;
}

/**
 * Columns that fit and their widths: the highest priorities are dropped until the fewest cells fit; what is left over
 * goes to the columns that have more to show, in equal steps.
 */
export function fitColumns<Row>(
	columns: readonly Column<Row>[],
	rows: readonly Row[],
	{ width, list }: { width: number; list: Pick<ListState, 'sortBy'> },
): readonly FittedColumn<Row>[] {
	let kept = columns.map((column) => {
		// The heading of the column that rows are sorted by carries an arrow.
		const title = textWidth(column.title) + (column.id === list.sortBy ? 2 : 0);
		const fewest = Math.max(column.width[0], column.priority === 0 ? 0 : title);
		return { column, width: fewest, most: Math.max(fewest, title, widest(column, rows)) };
	});
	const excess = () => kept.reduce((sum, one) => sum + one.width, 0) - tableRoom(width, kept.length);
	while (excess() > 0) {
		const last = Math.max(...kept.map(({ column }) => column.priority));
		if (last === 0) break;
		kept = kept.filter(({ column }) => column.priority !== last);
	}
	let spare = -excess();
	while (spare > 0) {
		const hungry = kept.filter((one) => one.width < one.most);
		if (hungry.length === 0) break;
		for (const one of hungry.slice(0, spare)) {
			one.width += 1;
			spare -= 1;
		}
	}
	return kept;
}

function widest<Row>(column: Column<Row>, rows: readonly Row[]): number {
	let width = 0;
	if (column.width[0] === column.width[1]) return column.width[0];
	for (const row of rows) {
		const cell = column.cell(row);
		width = Math.max(width, textWidth(typeof cell === 'string' ? cell : cell.text));
	}
	return Math.min(width, column.width[1]);
}

function headingOf<Row>({ column, width }: FittedColumn<Row>, list: ListState): TableColumn {
	const falling = (column.descending ?? false) !== list.reversed;
	return {
		id: column.id,
		title: column.title,
		width,
		align: column.align ?? 'left',
		cut: column.cut ?? 'end',
		...(column.id === list.sortBy ? { sorted: falling ? 'descending' : 'ascending' } : {}),
	};
}

/** Compares figures so that the largest comes first and what was not measured comes last. */
export function byFigure<Row>(figure: (row: Row) => number | undefined): (one: Row, other: Row) => number {
	return (one, other) => (figure(other) ?? -1) - (figure(one) ?? -1);
}

/** Compares texts as people sort them, without regard to case. */
export function byText<Row>(text: (row: Row) => string): (one: Row, other: Row) => number {
	return (one, other) => compareTexts(text(one), text(other));
}

/** The order of `byText` for two texts; the same in every locale. */
export function compareTexts(one: string, other: string): number {
	const left = one.toLowerCase();
	const right = other.toLowerCase();
	if (left === right) return one < other ? -1 : one > other ? 1 : 0;
	return left < right ? -1 : 1;
}
