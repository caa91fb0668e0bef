import type { Inventory } from '../../engine/model.ts';
import { keyText } from '../collect-state.ts';
import type { TableCell } from '../components/table.tsx';
import { cleanText, formatBytes, formatList, shortId } from '../format.ts';
import type { AppState } from '../state.ts';
import { fillingCommands } from './image-list.ts';
import { findLayerHolders, type HeldLayer, type LayerHolders } from './layer-holders.ts';
import { byFigure, byText, type ListModel } from './list-model.ts';

/** One line of the layers screen. */
export interface LayerRow extends HeldLayer {
	/** The step that made it, e.g. `COPY bin /usr/local/bin`. */
	readonly step: string;
	readonly dangling: boolean;
	readonly heldBy: string;
}

/** Layers, the largest on disk first. */
export const layerList: ListModel<LayerRow> = {
	rows: (state) => (state.world === undefined ? [] : layerRows(state.world.inventory)),
	key: (row) => keyText(row.resource.key),
	searchText: (row) => `${row.step} ${row.heldBy} ${row.holders.tagged.join(' ')} ${shortId(row.resource.key.id)}`,
	noun: ['layer', 'layers'],
	empty: emptyLayers,
	columns: [
		{
			id: 'step',
			title: 'MADE BY',
			priority: 0,
			width: [20, 64],
			cell: (row) => row.step,
			compare: byText((row) => row.step),
		},
		{
			id: 'id',
			title: 'LAYER',
			priority: 4,
			width: [12, 12],
			cell: (row) => ({ text: shortId(row.resource.key.id), tone: 'muted' }),
		},
		{
			id: 'size',
			title: 'SIZE',
			priority: 3,
			width: [6, 6],
			align: 'right',
			cell: (row) => formatBytes(row.resource.sizeBytes),
			compare: byFigure((row) => row.resource.sizeBytes),
			descending: true,
		},
		{
			id: 'disk',
			title: 'DISK',
			priority: 0,
			width: [6, 6],
			align: 'right',
			cell: (row) => formatBytes(row.resource.diskBytes),
			compare: byFigure((row) => row.resource.diskBytes),
			descending: true,
		},
		{
			id: 'images',
			title: 'IMAGES',
			priority: 1,
			width: [6, 8],
			align: 'right',
			cell: (row) => (row.imageCount === 0 ? { text: '·', tone: 'muted' } : String(row.imageCount)),
			compare: byFigure((row) => row.imageCount),
			descending: true,
		},
		{ id: 'holder', title: 'HELD BY', priority: 0, width: [21, 48], cell: holderCell, compare: byDanger },
	],
};

/** What a history says that made a layer, without the shell's noise. */
export function stepText(createdBy: string): string {
	const text = cleanText(createdBy).trim();
	const shell = /^\/bin\/sh -c /.exec(text);
	if (shell === null) return text;
	const rest = text.slice(shell[0].length).trim();
	return rest.startsWith('#(nop)') ? rest.slice('#(nop)'.length).trim() : `RUN ${rest}`;
}

/** Who keeps a layer, in a few words; what is dangling says so. */
export function holderText({ tagged, untagged, containers, leases }: LayerHolders): string {
	if (tagged.length > 0) return cleanText(formatList(tagged, 2));
	if (untagged.length > 0) return `dangling: untagged ${cleanText(formatList(untagged, 2))}`;
	if (containers.length > 0) return `dangling: hidden for ${cleanText(formatList(containers, 2))}`;
	if (leases.length > 0) return `dangling: ${cleanText(formatList(leases, 1))} under way`;
	return 'dangling: nothing holds it';
}

let remembered: { readonly inventory: Inventory; readonly rows: readonly LayerRow[] } | undefined;

function layerRows(inventory: Inventory): readonly LayerRow[] {
	// Moving the cursor asks again and again for the rows of one inventory; walking it once is enough.
	if (remembered?.inventory !== inventory) {
		const rows = findLayerHolders(inventory).map(
			(layer): LayerRow => ({
				...layer,
				step:
					layer.resource.key.kind === 'blob'
						? `compressed ${shortId(layer.resource.key.id)}`
						: stepText(layer.resource.label),
				dangling: layer.holders.tagged.length === 0,
				heldBy: holderText(layer.holders),
			}),
		);
		remembered = { inventory, rows };
	}
	return remembered.rows;
}

function holderCell(row: LayerRow): TableCell {
	return row.dangling ? { text: row.heldBy, tone: 'warning' } : row.heldBy;
}

function byDanger(one: LayerRow, other: LayerRow): number {
	return Number(other.dangling) - Number(one.dangling) || byText<LayerRow>((row) => row.heldBy)(one, other);
}

function emptyLayers(state: AppState): readonly string[] {
	return state.world === undefined
		? ['Loading…']
		: ['No layers yet; they come with images. Fill the store from another terminal:', '', ...fillingCommands];
}
