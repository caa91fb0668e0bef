import { cleanText, formatAgo, formatBytes, formatNumberOf, shortId } from '../format.ts';
import type { AppState } from '../state.ts';
import { factLines, type Line } from './lines.ts';
import { selectedLayer } from './lists.ts';

/** What is known of the layer under the cursor: the whole step that made it, its bytes, and everything that holds it. */
export function layerLines(state: AppState, width: number): readonly Line[] {
	const row = selectedLayer(state);
	if (row === undefined) return [];
	const { resource, holders } = row;
	const fact = (label: string, text: string) => factLines(label, text, width);
	const held = (label: string, names: readonly string[]): readonly Line[] =>
		names.length === 0 ? [] : fact(label, names.map(cleanText).join(', '));
	return [
		...fact('Made by', row.step),
		...fact('Layer', `${shortId(resource.key.id)}, stored ${formatAgo(resource.storedAt, state.now)}`),
		...fact('Size', `${formatBytes(resource.sizeBytes)}, ${formatBytes(resource.diskBytes)} on disk`),
		...fact('Shared by', formatNumberOf(row.imageCount, 'image')),
		...held('Images', holders.tagged),
		...held('Untagged', holders.untagged),
		...held('Hidden for', holders.containers),
		...held('Under way', holders.leases),
		...(row.dangling ? fact('Dangling', danglingWords(row.holders)) : []),
	];
}

function danglingWords(holders: {
	readonly untagged: readonly string[];
	readonly containers: readonly string[];
	readonly leases: readonly string[];
}): string {
	if (holders.untagged.length > 0) return 'goes with its untagged images: collect them on screen 5';
	if (holders.containers.length > 0) return 'no name leads to it; it goes when its containers are removed';
	if (holders.leases.length > 0) return 'not referenced yet: it is just being written';
	return 'nothing needs it: screen 5 collects it';
}
