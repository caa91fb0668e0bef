import { digestOf, isDigest } from '../../digest.ts';
import { EngineError } from '../../errors.ts';
import type { Descriptor, Digest, ImageId } from '../../model.ts';
import { canonicalReference, familiarReference, formatReference, parseReference } from '../../reference.ts';
import type { PushedImage, PushOptions } from '../../registry-port.ts';
import { holdImage } from '../images/hold-image.ts';
import { recordOrigin } from '../images/publish-image.ts';
import { layerStack } from '../layers/layer-store.ts';
import type { Store } from '../store.ts';
import { type PushWork, type ReadyLayer, readyLayer, sendLayer } from './push-layers.ts';
import { keptManifests, manifestFor } from './pushed-manifest.ts';
import { openSession, type RegistrySettings } from './session.ts';
import { hasBlob, type PushPlace, pushScopes, uploadBlob } from './upload-blob.ts';

/** Sends an image to the registry that its name says; see `Registry.push`. */
export async function pushImage(
	store: Store,
	settings: RegistrySettings,
	wanted: { readonly name: string; readonly options: PushOptions },
): Promise<PushedImage> {
	const { name, options } = wanted;
	const canonical = canonicalReference(name);
	const reference = parseReference(canonical);
	if (reference.tag === undefined || reference.digest !== undefined) {
		throw new EngineError('invalid-reference', { text: canonical, why: 'a push needs a tag, and takes no digest' });
	}
	const id = taggedImage(store, canonical);
	const lease = store.acquireLease('push');
	const ready: ReadyLayer[] = [];
	try {
		const image = holdImage(store, lease, id);
		const session = await openSession(reference.registry, options, settings);
		try {
			const place: PushPlace = { client: session.client, repository: reference.repository, signal: options.signal };
			const config: Descriptor = { mediaType: configType(store, id), digest: id, size: image.config.length };
			const work: PushWork = { store, lease, place, options, configType: config.mediaType };
			for (const layer of layerStack(store, image.top)) {
				const before = ready.find((other) => other.layer.diff_id === layer.diff_id);
				ready.push(before === undefined ? await readyLayer(work, layer) : { ...before, packed: undefined });
			}
			const kept = keptManifests(store, id);
			const layers = ready.map(({ descriptor }) => descriptor);
			const manifest = manifestFor(kept, { config, layers });
			const digest = digestOf(manifest.bytes);
			if (kept.length > 0 && !kept.some((other) => other.digest === digest)) {
				options.onStep?.({
					item: undefined,
					text: `The manifest’s digest will change: layers are compressed anew, and ${reference.registry} does not have those of ${kept.map((other) => other.digest).join(', ')}. The image ID stays.`,
				});
			}
			let sentLayers = 0;
			for (const layer of ready) if (await sendLayer(work, layer)) sentLayers++;
			await sendConfig(place, config, image.config);
			await putManifest(place, { tag: reference.tag, digest, ...manifest });
			const repository = formatReference({ ...reference, tag: undefined });
			store.database.write(() => {
				recordOrigin(store, id, { repository, digest });
				store.database.recordEvent('push', { kind: 'image', id }, { name: canonical });
			});
			return { reference: canonical, digest, manifestBytes: manifest.bytes.length, sentLayers };
		} finally {
			session.close();
		}
	} finally {
		for (const { packed } of ready) packed?.spool.remove();
		lease.release();
	}
}

/** Docker pushes names, not IDs: what the registry gets is what that name means here. */
function taggedImage(store: Store, canonical: string): ImageId {
	const row = store.database.get<{ id: ImageId }>('SELECT image_id AS id FROM tag WHERE reference = ?', canonical);
	if (row !== undefined) return row.id;
	throw new EngineError(
		'not-found',
		{ what: 'image', id: familiarReference(canonical) },
		{ hint: 'Give the image the name that it is to have there: tonnage tag IMAGE REGISTRY/NAME:TAG' },
	);
}

function configType(store: Store, id: ImageId): string {
	const row = store.database.get<{ media_type: string }>('SELECT media_type FROM blob WHERE digest = ?', id);
	return row?.media_type ?? '';
}

async function sendConfig(place: PushPlace, config: Descriptor, bytes: Uint8Array): Promise<void> {
	if (await hasBlob(place, config.digest, config.size)) return;
	await uploadBlob(place, { digest: config.digest, sizeBytes: bytes.length, open: () => once(bytes) });
}

/** Spec: distribution-spec spec.md#pushing-manifests (v1.1.1) */
async function putManifest(
	{ client, repository, signal }: PushPlace,
	manifest: { readonly tag: string; readonly digest: Digest; readonly bytes: Uint8Array; readonly mediaType: string },
): Promise<void> {
	const answer = await client.request({
		method: 'PUT',
		at: `${repository}/manifests/${manifest.tag}`,
		what: `push to ${repository}`,
		scopes: pushScopes(repository),
		headers: { 'content-type': manifest.mediaType },
		body: { sizeBytes: manifest.bytes.length, open: () => once(manifest.bytes) },
		signal,
	});
	answer.discard();
	const told = answer.headers['docker-content-digest'];
	if (typeof told !== 'string' || !isDigest(told) || told === manifest.digest) return;
	throw new EngineError('digest-mismatch', {
		what: 'the manifest that the registry has now',
		expected: manifest.digest,
		found: told,
		bytesRead: manifest.bytes.length,
	});
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
	yield bytes;
}
