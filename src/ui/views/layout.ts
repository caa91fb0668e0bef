import type { AppState, ListId } from '../state.ts';

/** Below this the dashboard shows only a notice. */
export const SMALLEST = { columns: 60, rows: 20 } as const;

/** A region in cells. */
export interface Area {
	readonly width: number;
	readonly height: number;
}

/** Where things stand on the screen of one tab. Heights add up to the rows of the terminal. */
export interface FrameLayout {
	/** What the tab has for itself: without header, tabs, status line and key bar. */
	readonly body: Area;
	/** The table, heading included; for the overview the whole body. */
	readonly list: Area;
	/** What is under the cursor, beside or below the table; undefined where there is no room for it. */
	readonly detail: (Area & { readonly place: 'below' | 'beside' }) | undefined;
	/** What a pager has, without its title line. */
	readonly pager: Area;
}

/** Lines above the collect screen's table: the policy, what it would free, and a blank one. */
export const COLLECT_HEAD_LINES = 3;

// Header, tabs and the rule below them; status line and key bar.
const linesAroundBody = 5;
// Header and title; status line and key bar.
const linesAroundPager = 4;

const detailLines: Readonly<Record<ListId, number>> = { containers: 15, images: 14, layers: 10, collect: 8 };

// Lines of the charts over a container's details where they take the whole screen.
const chartLines = 9;

/** How a container's details divide the screen: the charts above, the text that scrolls below. */
export function detailAreas(pager: Area, list: ListId): { readonly charts: number; readonly text: number } {
	const charts = list === 'containers' && pager.height >= chartLines + 7 ? chartLines : 0;
	return { charts, text: pager.height - charts };
}

/** True where the terminal is too small for any screen. */
export function isTooSmall(size: Pick<AppState, 'columns' | 'rows'>): boolean {
	return size.columns < SMALLEST.columns || size.rows < SMALLEST.rows;
}

/** Decides by size and tab alone, so that nothing jumps when the contents change. */
export function layoutOf({ columns, rows, tab }: Pick<AppState, 'columns' | 'rows' | 'tab'>): FrameLayout {
	const body = { width: columns, height: Math.max(0, rows - linesAroundBody) };
	const pager = { width: columns, height: Math.max(0, rows - linesAroundPager) };
	if (tab === 'overview') return { body, list: body, detail: undefined, pager };
	const head = tab === 'collect' ? COLLECT_HEAD_LINES : 0;
	const room = body.height - head;
	if (rows >= 32 && columns >= 80) {
		const height = Math.min(detailLines[tab] + Math.max(0, Math.floor((rows - 40) / 3)), Math.floor(room / 2));
		return {
			body,
			list: { width: columns, height: room - height },
			detail: { width: columns, height, place: 'below' },
			pager,
		};
	}
	if (columns >= 150) {
		const width = 60;
		return {
			body,
			list: { width: columns - width - 2, height: room },
			detail: { width, height: room, place: 'beside' },
			pager,
		};
	}
	return { body, list: { width: columns, height: room }, detail: undefined, pager };
}
