import { scrollOffset } from './components/scroll.ts';
import { type AppState, currentList, type ListId, type ListState } from './state.ts';
import { layoutOf } from './views/layout.ts';
import { sortColumns, visibleKeys } from './views/lists.ts';

/** Where the cursor goes, in rows or to an end. */
export type Movement = { readonly by: number } | { readonly to: 'top' | 'bottom' };

/** Moves the cursor of a list; stays within it. */
export function moveCursor(state: AppState, list: ListId, movement: Movement): AppState {
	const keys = visibleKeys(state, list);
	const before = state.lists[list];
	const wanted = 'by' in movement ? before.cursor + movement.by : movement.to === 'top' ? 0 : keys.length - 1;
	const cursor = Math.min(Math.max(0, wanted), Math.max(0, keys.length - 1));
	return cursor === before.cursor ? state : updateList(state, list, { cursor, cursorKey: keys[cursor] });
}

/** The next column that the list can be sorted by, in its own first order. */
export function sortByNext(state: AppState, list: ListId): AppState {
	const columns = sortColumns(list);
	const current = columns.indexOf(state.lists[list].sortBy);
	const next = columns[(current + 1) % columns.length];
	return next === undefined ? state : updateList(state, list, { sortBy: next, reversed: false });
}

/** Marks or unmarks the row under the cursor and goes on to the next one, so that marking many is one key held down. */
export function toggleMark(state: AppState, list: ListId): AppState {
	const { cursorKey, marked } = state.lists[list];
	if (cursorKey === undefined) return state;
	const toggled = new Set(marked);
	if (!toggled.delete(cursorKey)) toggled.add(cursorKey);
	return moveCursor(updateList(state, list, { marked: toggled }), list, { by: 1 });
}

/** Some members of one list replaced. */
export function updateList(state: AppState, list: ListId, change: Partial<ListState>): AppState {
	return { ...state, lists: { ...state.lists, [list]: { ...state.lists[list], ...change } } };
}

/** Rows of a list that are on screen at once. */
export function pageRows(state: AppState): number {
	return Math.max(1, layoutOf(state).list.height - 1);
}

/**
 * Puts the cursor of the list on screen where its thing is now, or, where that is gone, on what stands at its place; and
 * keeps it in sight. Called after every action, so that nothing else has to think of it.
 */
export function settleLists(state: AppState): AppState {
	const list = currentList(state);
	if (list === undefined || state.world === undefined) return state;
	const before = state.lists[list];
	const keys = visibleKeys(state, list);
	const found = before.cursorKey === undefined ? -1 : keys.indexOf(before.cursorKey);
	const cursor = found === -1 ? Math.min(before.cursor, Math.max(0, keys.length - 1)) : found;
	const height = pageRows(state);
	const offset = scrollOffset({ offset: before.offset, cursor, count: keys.length, height });
	const cursorKey = keys[cursor];
	if (cursor === before.cursor && offset === before.offset && cursorKey === before.cursorKey) return state;
	return updateList(state, list, { cursor, offset, cursorKey });
}
