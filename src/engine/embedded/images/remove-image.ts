import { EngineError, isEngineError } from '../../errors.ts';
import type { ChainId, ImageId, ReferenceText, ResourceKey } from '../../model.ts';
import type { ImageRemoval } from '../../port.ts';
import { familiarReference } from '../../reference.ts';
import { type LayerRow, layerStack } from '../layers/layer-store.ts';
import { type AnyRemovalRequest, removeResources } from '../removal.ts';
import type { Store } from '../store.ts';
import { type ImageUser, manifestsOf, tagsOf, usersOf } from './image-rows.ts';
import { isPinned } from './pins.ts';
import { findImage, type ResolvedImage } from './resolve-image.ts';
import { dropTag } from './tags.ts';

/** What the rules decided, and did to the names, in one transaction. */
interface Decision {
	readonly untagged: readonly ReferenceText[];
	/** Containers that keep the image, which is hidden now; empty where nothing does. */
	readonly hiddenFor: readonly string[];
	/** What goes, the image first; empty where the image stays. */
	readonly doomed: readonly AnyRemovalRequest[];
}

/**
 * `rmi` by Docker's rules; what Docker would leave without a record for a container's sake is hidden instead.
 * By tag: takes the tag away, and the image with its last one. By ID: takes all tags away, but refuses several
 * unless forced, and never takes them from a running container.
 * @throws EngineError not-found, ambiguous, invalid-reference, in-use
 */
export async function removeImage(
	store: Store,
	name: string,
	options: { readonly force: boolean },
): Promise<ImageRemoval> {
	const { untagged, hiddenFor, doomed } = store.database.write(() => decide(store, name, options.force));
	const outcomes = await removeResources(store, doomed);
	const image = outcomes[0];
	if (image?.type === 'refused' || image?.type === 'failed') throw image.error;
	const removed = outcomes.filter((outcome) => outcome.type === 'removed' || outcome.type === 'failed');
	return {
		untagged,
		deleted: removed.map(({ key }) => key).filter(({ kind }) => kind === 'image' || kind === 'layer'),
		freedBytes: removed.reduce((sum, outcome) => sum + outcome.freedBytes, 0),
		hiddenFor,
	};
}

/**
 * Removes an image that was only kept for a container which is gone now; does nothing to any other. Called after a
 * container went. Gives the bytes that the disk has back.
 */
export async function removeHiddenImage(store: Store, id: ImageId): Promise<number> {
	const doomed = store.database.read(() => {
		const row = store.database.get<{ hidden: number }>('SELECT hidden FROM image WHERE id = ? AND removing = 0', id);
		const isKept = row?.hidden !== 1 || tagsOf(store, id).length > 0 || usersOf(store, id).length > 0;
		return isKept ? [] : doomedWith(store, id);
	});
	const outcomes = await removeResources(store, doomed);
	return outcomes.reduce((sum, outcome) => sum + ('freedBytes' in outcome ? outcome.freedBytes : 0), 0);
}

function decide(store: Store, name: string, force: boolean): Decision {
	const found = findImage(store, name);
	const tags = tagsOf(store, found.id);
	const users = usersOf(store, found.id);
	const untagged = found.reference === undefined ? tags : [found.reference];
	const left = tags.filter((tag) => !untagged.includes(tag));
	if (left.length === 0) {
		refusePinned(store, found);
		refuseInUse(found, { tags, users, force });
	}
	for (const tag of untagged) dropTag(store, tag, found.id);
	if (left.length > 0) return { untagged, hiddenFor: [], doomed: [] };
	if (users.length === 0) return { untagged, hiddenFor: [], doomed: doomedWith(store, found.id) };
	store.database.run(
		'UPDATE image SET hidden = 1, generation = ? WHERE id = ?',
		store.database.nextGeneration(),
		found.id,
	);
	return { untagged, hiddenFor: users.map(({ name: user }) => user), doomed: [] };
}

/** Not even by force: whoever wants it gone unpins it. */
function refusePinned(store: Store, { id, reference }: ResolvedImage): void {
	if (!isPinned(store, id)) return;
	const name = reference === undefined ? id.slice(7, 19) : familiarReference(reference);
	throw new EngineError(
		'in-use',
		{ what: 'image', id: name, by: ['a pin'] },
		{ hint: `Unpin it first: tonnage image unpin ${name}` },
	);
}

/** Source: moby daemon/images/image_delete.go (v24), checkImageDeleteConflict */
function refuseInUse(
	found: ResolvedImage,
	image: { readonly tags: readonly ReferenceText[]; readonly users: readonly ImageUser[]; readonly force: boolean },
): void {
	const refuse = (by: readonly string[], hint: string) => {
		const id = found.reference === undefined ? found.id.slice(7, 19) : familiarReference(found.reference);
		throw new EngineError('in-use', { what: 'image', id, by }, { hint });
	};
	const byId = found.reference === undefined;
	const running = image.users.filter(({ status }) => isRunning(status));
	if (byId && running.length > 0)
		refuse(running.map(userWord), 'Stop and remove those first, or untag the image by its name.');
	if (image.force) return;
	if (image.users.length > 0)
		refuse(image.users.map(userWord), 'Remove those first, or untag the image with "tonnage rmi -f".');
	if (byId && image.tags.length > 1) {
		refuse(
			image.tags.map((tag) => `tag ${familiarReference(tag)}`),
			'Remove it by one of its names, or all of them with "tonnage rmi -f".',
		);
	}
}

/** The image, then what nothing else needs: its documents, and its layers from the top down to the first shared one. */
function doomedWith(store: Store, id: ImageId): readonly AnyRemovalRequest[] {
	const { database } = store;
	const isShared = (sql: string, key: string) => database.get(sql, key, id) !== undefined;
	const documents = [id, ...manifestsOf(store, id)].filter(
		(digest) => !isShared('SELECT 1 FROM image_manifest WHERE digest = ? AND image_id <> ?', digest),
	);
	const stack = readStack(store, id).toReversed();
	const firstKept = stack.findIndex(
		(layer, index) =>
			isShared('SELECT 1 FROM image WHERE top_chain_id = ? AND id <> ? AND removing = 0', layer.chain_id) ||
			database.get(
				'SELECT 1 FROM layer WHERE parent_chain_id = ? AND chain_id <> ? AND removing = 0',
				layer.chain_id,
				stack[index - 1]?.chain_id ?? '',
			) !== undefined,
	);
	const layers = firstKept === -1 ? stack : stack.slice(0, firstKept);
	const keys: ResourceKey[] = [
		{ kind: 'image', id },
		...documents.map((digest): ResourceKey => ({ kind: 'blob', id: digest })),
		...layers.map((layer): ResourceKey => ({ kind: 'layer', id: layer.chain_id })),
	];
	return keys.map((key) => ({ key, generation: undefined }));
}

/** An image whose stack is damaged must still be removable; its layers are then the collector's to find. */
function readStack(store: Store, id: ImageId): readonly LayerRow[] {
	const row = store.database.get<{ top: ChainId | null }>('SELECT top_chain_id AS top FROM image WHERE id = ?', id);
	try {
		return layerStack(store, row?.top);
	} catch (error) {
		if (isEngineError(error, 'corrupt')) return [];
		throw error;
	}
}

function userWord(user: ImageUser): string {
	return `container ${user.name} (${user.status})`;
}

function isRunning(status: string): boolean {
	return status === 'running' || status === 'paused' || status === 'restarting';
}
