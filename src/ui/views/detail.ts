import type { AppState, ListId } from '../state.ts';
import { collectLines } from './collect-detail.ts';
import { containerLines } from './container-detail.ts';
import { imageLines } from './image-detail.ts';
import { layerLines } from './layer-detail.ts';
import type { Line } from './lines.ts';
import { selectedContainer, selectedImage, selectedLayer } from './lists.ts';

const views: Readonly<Record<ListId, (state: AppState, width: number) => readonly Line[]>> = {
	containers: containerLines,
	images: imageLines,
	layers: layerLines,
	collect: collectLines,
};

/** What is known of the thing under the cursor of a list, as lines of at most `width` columns; none where there is none. */
export function detailLines(state: AppState, list: ListId, width: number): readonly Line[] {
	return views[list](state, width);
}

/** What the thing under the cursor is called, for the title over its details. */
export function detailTitle(state: AppState, list: ListId): string {
	switch (list) {
		case 'containers':
			return selectedContainer(state)?.name ?? 'No container';
		case 'images': {
			const row = selectedImage(state);
			return row === undefined ? 'No image' : `${row.repository}:${row.tag}`;
		}
		case 'layers':
			return selectedLayer(state)?.step ?? 'No layer';
		case 'collect':
			return 'Why';
	}
}
