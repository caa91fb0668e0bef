import type { ChainId, ImageId, RunConfig } from '../../model.ts';
import { deriveConfig } from '../../oci/derive-config.ts';
import { parseConfig } from '../../oci/image-config.ts';
import { dockerConfig } from '../../oci/media-types.ts';
import type { CommitOptions } from '../../port-containers.ts';
import { changesetTar, listChanges } from '../layers/changes.ts';
import { type EnsuredLayer, ensureLayer } from '../layers/layer-store.ts';
import type { Store } from '../store.ts';
import { applyChanges } from './dockerfile-change.ts';
import { holdImage } from './hold-image.ts';
import { type ImageWork, publishImage, storeImages } from './publish-image.ts';
import { checkTag } from './tags.ts';

/** A container's root at rest: not written to until the commit is done. */
export interface CommittedContainer {
	readonly imageId: ImageId;
	/** The overlay's upper directory. */
	readonly upper: string;
	/** The `fs` directories of its image's layers, top first. */
	readonly lowers: readonly string[];
	/** What it runs with: the image's config and what was asked for at its creation. */
	readonly run: RunConfig;
	readonly options: CommitOptions;
}

/**
 * Makes an image out of a container: its image's layers, and one of what it changed, or none where it changed nothing.
 * @throws EngineError invalid-argument, invalid-reference, out-of-space, unsupported
 */
export async function commitContainer(store: Store, container: CommittedContainer): Promise<ImageId> {
	const { options } = container;
	const run = applyChanges(container.run, options.changes);
	const references = options.reference === undefined ? [] : [checkTag(options.reference)];
	return await storeImages(store, 'commit', async (work) => {
		const base = holdImage(store, work.lease, container.imageId);
		const createdBy = [...container.run.entrypoint, ...container.run.command].join(' ');
		const layer = await commitLayer(store, work, { container, parent: base.top, createdBy });
		const config = deriveConfig({
			base: base.config,
			platform: parseConfig(base.config, container.imageId).platform,
			run,
			diffId: layer?.diffId,
			createdAt: store.now(),
			createdBy,
			author: options.author,
			comment: options.message,
		});
		return publishImage(store, work, {
			action: 'commit',
			config: { bytes: config, mediaType: dockerConfig },
			manifests: [],
			top: layer?.chainId ?? base.top,
			references,
		});
	});
}

async function commitLayer(
	store: Store,
	work: ImageWork,
	wanted: {
		readonly container: CommittedContainer;
		readonly parent: ChainId | undefined;
		readonly createdBy: string;
	},
): Promise<EnsuredLayer | undefined> {
	const { upper, lowers } = wanted.container;
	if (listChanges(upper, lowers).length === 0) return undefined;
	const layer = await ensureLayer(store, work.lease, {
		diffId: undefined,
		parent: wanted.parent,
		createdBy: wanted.createdBy,
		where: 'the changes of the container',
		open: () => changesetTar(upper, lowers),
	});
	if (!layer.reused) work.made.push({ kind: 'layer', id: layer.chainId });
	return layer;
}
