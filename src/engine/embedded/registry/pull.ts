import { shortDigest } from '../../digest.ts';
import type { ChainId, DiffId } from '../../model.ts';
import { chainIdOf } from '../../oci/identity.ts';
import { layerSteps } from '../../oci/image-config.ts';
import { canonicalReference, familiarReference, formatReference, parseReference } from '../../reference.ts';
import type { PulledImage, PullOptions } from '../../registry-port.ts';
import { publishImage, storeImages } from '../images/publish-image.ts';
import { ensureLayer } from '../layers/layer-store.ts';
import type { Store } from '../store.ts';
import { rememberLayerBlob } from './layer-blobs.ts';
import { LayerFetcher } from './pull-layers.ts';
import { readRemoteImage } from './remote-image.ts';
import { openSession, type RegistrySettings } from './session.ts';

/** Takes an image in from a registry; see `Registry.pull`. */
export async function pullImage(
	store: Store,
	settings: RegistrySettings,
	wanted: { readonly name: string; readonly options: PullOptions },
): Promise<PulledImage> {
	const { options } = wanted;
	const canonical = canonicalReference(wanted.name);
	const reference = parseReference(canonical);
	const name = familiarReference(canonical);
	const repository = formatReference({ ...reference, tag: undefined, digest: undefined });
	return await storeImages(store, 'pull', async (work) => {
		const session = await openSession(reference.registry, options, settings);
		const { client } = session;
		const fetcher = new LayerFetcher({ store, lease: work.lease, client, repository: reference.repository, options });
		try {
			const remote = await readRemoteImage(client, reference, { platform: options.platform, signal: options.signal });
			const { diffIds } = remote.parsed;
			const layers = remote.manifest.layers.map((descriptor, index) => ({
				descriptor,
				where: `layer ${index + 1} of ${name}`,
			}));
			const present = presentCount(store, diffIds);
			fetcher.start(layers.slice(present));
			const steps = layerSteps(remote.parsed);
			let top: ChainId | undefined;
			let reusedLayers = 0;
			for (const [index, layer] of layers.entries()) {
				const item = shortDigest(layer.descriptor.digest);
				const ensured = await ensureLayer(store, work.lease, {
					diffId: diffIds[index],
					parent: top,
					createdBy: steps[index] ?? '',
					where: layer.where,
					open: () => fetcher.open(layer),
					...(options.signal === undefined ? {} : { signal: options.signal }),
				});
				top = ensured.chainId;
				if (ensured.reused) reusedLayers++;
				else {
					work.made.push({ kind: 'layer', id: ensured.chainId });
					const { registry } = reference;
					const blob = { registry, repository: reference.repository, descriptor: layer.descriptor };
					rememberLayerBlob(store, ensured.diffId, blob);
				}
				options.onStep?.({ item, text: ensured.reused ? 'Already exists' : 'Pull complete' });
				const isNeededAgain = layers
					.slice(index + 1)
					.some(({ descriptor }) => descriptor.digest === layer.descriptor.digest);
				if (!isNeededAgain) fetcher.done(layer);
			}
			const before = tagTarget(store, canonical);
			const id = publishImage(store, work, {
				action: 'pull',
				config: remote.config,
				manifests: remote.documents,
				top,
				references: reference.digest === undefined ? [canonical] : [],
				origin: { repository, digest: remote.digest },
			});
			return {
				id,
				reference: canonical,
				digest: remote.digest,
				reusedLayers,
				newLayers: layers.length - reusedLayers,
				changed: reference.digest === undefined ? before !== id : reusedLayers < layers.length,
			};
		} catch (error) {
			options.signal?.throwIfAborted();
			throw error;
		} finally {
			await fetcher.stop();
			session.close();
		}
	});
}

/** How many layers from the base up are here; which does not hold them yet. */
function presentCount(store: Store, diffIds: readonly DiffId[]): number {
	let top: ChainId | undefined;
	for (const [index, diffId] of diffIds.entries()) {
		top = chainIdOf(top, diffId);
		if (store.database.get('SELECT 1 FROM layer WHERE chain_id = ? AND removing = 0', top) === undefined) return index;
	}
	return diffIds.length;
}

function tagTarget(store: Store, reference: string): string | undefined {
	return store.database.get<{ id: string }>('SELECT image_id AS id FROM tag WHERE reference = ?', reference)?.id;
}
