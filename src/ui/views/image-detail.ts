import type { ContainerSummary, ImageDetail, ImageSummary, Inventory, ResourceKey } from '../../engine/model.ts';
import { familiarReference } from '../../engine/reference.ts';
import { fitText } from '../components/fit-text.ts';
import type { RemovalPreview } from '../confirmation.ts';
import { cleanText, formatAgo, formatBytes, formatList, formatNumberOf, shortId } from '../format.ts';
import { previewRemoval } from '../removal-preview.ts';
import type { AppState } from '../state.ts';
import { stepText } from './layer-list.ts';
import { blankLine, factLines, type Line, span } from './lines.ts';
import { selectedImage } from './lists.ts';

/** What is known of the image under the cursor: facts, and its layers from the top one down. */
export function imageLines(state: AppState, width: number): readonly Line[] {
	const facts = imageFacts(state, width);
	return facts.length === 0 ? [] : [...facts, blankLine, ...imageLayerLines(state, width)];
}

/** Names, sizes, users, and what removing it would free. */
export function imageFacts(state: AppState, width: number): readonly Line[] {
	const row = selectedImage(state);
	if (row === undefined || state.world === undefined) return [];
	const { image } = row;
	const detail = state.details.images.get(image.id);
	const fact = (label: string, text: string) => factLines(label, text, width);
	const users = state.world.containers.filter(({ imageId }) => imageId === image.id);
	return [
		...fact('Id', shortId(image.id)),
		...fact('Names', nameWords(image)),
		...fact('Created', createdWords(image, detail, state.now)),
		...fact(
			'Size',
			`${formatBytes(image.sizeBytes)}: ${formatBytes(image.sharedBytes)} shared, ${formatBytes(image.uniqueBytes)} its own`,
		),
		...fact('On disk', formatBytes(image.diskBytes)),
		...fact('Used by', userWords(users)),
		...fact('Removing', removalWords(state, image, users)),
	];
}

/** One line for each layer, the top one first, with its size and the step that made it. */
export function imageLayerLines(state: AppState, width: number): readonly Line[] {
	const row = selectedImage(state);
	if (row === undefined) return [];
	const detail = state.details.images.get(row.image.id);
	const title: Line = [span(`Layers ${row.image.layerCount}`, 'strong')];
	if (detail === undefined) return [title, [span('  …', 'muted')]];
	return [
		title,
		...[...detail.layers].reverse().map((layer): Line => {
			const size = fitText(formatBytes(layer.sizeBytes), 8, { align: 'right' });
			const step = layer.createdBy === undefined ? shortId(layer.diffId) : stepText(layer.createdBy);
			return [size, '  ', fitText(step, Math.max(8, width - 10)).trimEnd()];
		}),
	];
}

function nameWords(image: ImageSummary): string {
	if (image.references.length > 0)
		return image.references.map((reference) => cleanText(familiarReference(reference))).join(', ');
	return image.hidden ? 'none: hidden, kept for a container' : 'none: dangling';
}

function createdWords(image: ImageSummary, detail: ImageDetail | undefined, now: number): string {
	const platform =
		detail === undefined ? '' : `, ${cleanText(`${detail.platform.os}/${detail.platform.architecture}`)}`;
	return `${formatAgo(image.createdAt, now)}, stored ${formatAgo(image.storedAt, now)}${platform}`;
}

function userWords(users: readonly ContainerSummary[]): string {
	if (users.length === 0) return 'no container';
	return formatList(
		users.map(({ name, status }) => `${cleanText(name)} (${status})`),
		6,
	);
}

function removalWords(state: AppState, image: ImageSummary, users: readonly ContainerSummary[]): string {
	if (state.world === undefined) return '';
	if (users.some(({ status }) => status === 'running' || status === 'paused' || status === 'restarting')) {
		return 'not while a container runs from it';
	}
	const { freedBytes, alsoGone } = imagePreview(state.world.inventory, image);
	if (users.length > 0)
		return `frees nothing yet: ${formatNumberOf(users.length, 'stopped container')} would keep it, hidden`;
	return `frees ${formatBytes(freedBytes)}${alsoGone.length === 0 ? '' : ` with ${formatList(alsoGone)}`}`;
}

let remembered: { readonly inventory: Inventory; readonly id: string; readonly preview: RemovalPreview } | undefined;

function imagePreview(inventory: Inventory, image: ImageSummary): RemovalPreview {
	if (remembered?.inventory !== inventory || remembered.id !== image.id) {
		const tags = image.references.map((id): ResourceKey => ({ kind: 'tag', id }));
		const preview = previewRemoval(inventory, [...tags, { kind: 'image', id: image.id }]);
		remembered = { inventory, id: image.id, preview };
	}
	return remembered.preview;
}
