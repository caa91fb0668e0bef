import { type AppState, currentList, type ListId } from '../state.ts';
import { collectList } from './collect-list.ts';
import { type ContainerRow, containerList } from './container-list.ts';
import { type ImageRow, imageList } from './image-list.ts';
import { type LayerRow, layerList } from './layer-list.ts';
import { type ListModel, type TableView, tableView, visibleRows } from './list-model.ts';
import { perState } from './per-state.ts';

/** A list whose kind of row is nobody's business. */
interface BoundList {
	readonly noun: readonly [singular: string, plural: string];
	readonly sortColumns: readonly string[];
	keys(state: AppState): readonly string[];
	count(state: AppState): number;
	table(state: AppState, area: { readonly width: number; readonly height: number }): TableView;
}

function bind<Row>(id: ListId, model: ListModel<Row>): BoundList {
	return {
		noun: model.noun,
		sortColumns: model.columns.filter(({ compare }) => compare !== undefined).map((column) => column.id),
		keys: perState((state) => visibleRows(model, state, state.lists[id]).map(model.key)),
		count: (state) => model.rows(state).length,
		table: (state, area) => tableView(model, { state, list: state.lists[id], ...area }),
	};
}

const bound: Readonly<Record<ListId, BoundList>> = {
	containers: bind('containers', containerList),
	images: bind('images', imageList),
	layers: bind('layers', layerList),
	collect: bind('collect', collectList),
};

/** The keys of the rows of one list, as they stand on screen. */
export function visibleKeys(state: AppState, list: ListId): readonly string[] {
	return bound[list].keys(state);
}

/** The table of one list for an area of the screen. */
export function listTable(state: AppState, list: ListId, area: { width: number; height: number }): TableView {
	return bound[list].table(state, area);
}

/** How many rows a list has without its filter. */
export function rowCount(state: AppState, list: ListId): number {
	return bound[list].count(state);
}

/** Singular and plural of what a list holds. */
export function listNoun(list: ListId): readonly [singular: string, plural: string] {
	return bound[list].noun;
}

/** Ids of the columns that a list can be sorted by, in their order on screen. */
export function sortColumns(list: ListId): readonly string[] {
	return bound[list].sortColumns;
}

/** The container under the cursor of the containers screen. */
export function selectedContainer(state: AppState): ContainerRow | undefined {
	return selected(state, 'containers', containerList);
}

/** The row under the cursor of the images screen. */
export function selectedImage(state: AppState): ImageRow | undefined {
	return selected(state, 'images', imageList);
}

/** The row under the cursor of the layers screen. */
export function selectedLayer(state: AppState): LayerRow | undefined {
	return selected(state, 'layers', layerList);
}

/** What a command on containers is about: the marked rows, or the one under the cursor. */
export function chosenContainers(state: AppState): readonly ContainerRow[] {
	return chosen(state, 'containers', containerList);
}

/** What a command on images is about: the marked rows, or the one under the cursor. */
export function chosenImages(state: AppState): readonly ImageRow[] {
	return chosen(state, 'images', imageList);
}

/** True where the list on screen has a row under the cursor. */
export function hasSelection(state: AppState): boolean {
	const list = currentList(state);
	return list !== undefined && state.lists[list].cursorKey !== undefined;
}

function selected<Row>(state: AppState, list: ListId, model: ListModel<Row>): Row | undefined {
	const key = state.lists[list].cursorKey;
	return key === undefined ? undefined : model.rows(state).find((row) => model.key(row) === key);
}

function chosen<Row>(state: AppState, list: ListId, model: ListModel<Row>): readonly Row[] {
	const { marked } = state.lists[list];
	if (marked.size > 0) return model.rows(state).filter((row) => marked.has(model.key(row)));
	const row = selected(state, list, model);
	return row === undefined ? [] : [row];
}
