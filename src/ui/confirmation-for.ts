import type { ResourceKey } from '../engine/model.ts';
import type { CommandId } from './commands.ts';
import type { Confirmation, ImageTarget } from './confirmation.ts';
import { cleanText, shortId } from './format.ts';
import { previewRemoval } from './removal-preview.ts';
import type { AppState } from './state.ts';
import type { ImageRow } from './views/image-list.ts';
import { chosenContainers, chosenImages } from './views/lists.ts';

/** What a command has to ask before it may be done; undefined where it needs no answer. */
export function confirmationFor(state: AppState, command: CommandId): Confirmation | undefined {
	const { world } = state;
	if (world === undefined) return undefined;
	switch (command) {
		case 'container.stop':
			return { type: 'stop', targets: containerTargets(state) };
		case 'container.restart':
			return { type: 'restart', targets: containerTargets(state) };
		case 'container.remove': {
			const targets = containerTargets(state);
			const keys = targets.map(({ id }): ResourceKey => ({ kind: 'container', id }));
			return { type: 'remove-containers', targets, preview: previewRemoval(world.inventory, keys) };
		}
		case 'image.remove': {
			const rows = chosenImages(state);
			const targets = rows.map((row) => imageTarget(state, row, rows));
			return { type: 'remove-images', targets, preview: previewRemoval(world.inventory, rows.flatMap(imageKeys)) };
		}
		case 'collect.execute':
			return state.collect.plan === undefined ? undefined : { type: 'sweep', plan: state.collect.plan };
		default:
			return undefined;
	}
}

function containerTargets(state: AppState) {
	return chosenContainers(state).map(({ container, name }) => ({ id: container.id, name }));
}

function imageTarget(state: AppState, row: ImageRow, chosen: readonly ImageRow[]): ImageTarget {
	const { image, reference } = row;
	const goingNames = chosen.filter((one) => one.image.id === image.id).length;
	const losesLastName = goingNames >= image.references.length;
	const holders = state.world?.containers.filter(({ imageId }) => imageId === image.id) ?? [];
	return {
		imageId: image.id,
		name: reference ?? image.id,
		label: reference === undefined ? `<none> ${shortId(image.id)}` : `${row.repository}:${row.tag}`,
		hiddenFor: losesLastName ? holders.map(({ name }) => cleanText(name)) : [],
	};
}

function imageKeys({ image, reference }: ImageRow): readonly ResourceKey[] {
	return reference === undefined ? [{ kind: 'image', id: image.id }] : [{ kind: 'tag', id: reference }];
}
