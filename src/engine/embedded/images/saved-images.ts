import { digestOf } from '../../digest.ts';
import { EngineError } from '../../errors.ts';
import type { ChainId, Descriptor, DiffId, Digest, ImageId, ReferenceText } from '../../model.ts';
import { ociConfig, ociIndex, ociLayer, ociManifest } from '../../oci/media-types.ts';
import { formatReference, parseReference, splitFamiliar } from '../../reference.ts';
import { layerStack } from '../layers/layer-store.ts';
import type { Lease, Store } from '../store.ts';
import { type HeldImage, holdImage } from './hold-image.ts';
import { findImage } from './resolve-image.ts';

/** All that goes into one archive, in the order in which it is written. */
export interface SavedArchive {
	/** Small entries by name: `index.json`, `manifest.json`, configs and manifests. */
	readonly documents: ReadonlyMap<string, Uint8Array>;
	/** Each layer once, however many images stand on it. */
	readonly layers: readonly SavedLayer[];
}

/** A layer that is to be written as a plain tar. */
export interface SavedLayer {
	readonly diffId: DiffId;
	/** Any place of the layer in the store; the bytes are the same. */
	readonly chainId: ChainId;
	readonly tarBytes: number;
}

/**
 * Lays out an archive that is a docker-archive and an OCI layout at once, and holds what it needs. Depends only on
 * the images and the names, so that equal stores give equal archives.
 * Source: moby image/tarexport/save.go (v28); Spec: image-spec image-layout.md (v1.1.1)
 * @throws EngineError not-found, ambiguous, invalid-reference, invalid-argument
 */
export function layOutArchive(store: Store, lease: Lease, names: readonly string[]): SavedArchive {
	const documents = new Map<string, Uint8Array>([['oci-layout', json({ imageLayoutVersion: '1.0.0' })]]);
	const blobs = new Map<string, Uint8Array>();
	const layers = new Map<DiffId, SavedLayer>();
	const dockerImages: unknown[] = [];
	const indexed: Descriptor[] = [];
	for (const [id, references] of selectImages(store, names)) {
		const image = holdImage(store, lease, id);
		const stack = layerStack(store, image.top);
		for (const { diff_id: diffId, chain_id: chainId, tar_bytes: tarBytes } of stack) {
			if (!layers.has(diffId)) layers.set(diffId, { diffId, chainId, tarBytes });
		}
		const descriptors = stack.map((layer) => ({ mediaType: ociLayer, digest: layer.diff_id, size: layer.tar_bytes }));
		const manifest = json(manifestOf(image, descriptors));
		const manifestDigest = digestOf(manifest);
		blobs.set(blobName(id), image.config);
		blobs.set(blobName(manifestDigest), manifest);
		dockerImages.push({
			Config: blobName(id),
			// Spelled out: docker reads both, but podman takes a short name for one of its own, localhost/…
			RepoTags: references.length === 0 ? null : references,
			Layers: descriptors.map(({ digest }) => blobName(digest)),
			LayerSources: Object.fromEntries(descriptors.map((descriptor) => [descriptor.digest, descriptor])),
		});
		indexed.push(
			...indexEntries({ mediaType: ociManifest, digest: manifestDigest, size: manifest.length }, references),
		);
	}
	documents.set('index.json', json({ schemaVersion: 2, mediaType: ociIndex, manifests: indexed }));
	documents.set('manifest.json', json(dockerImages));
	for (const [name, bytes] of [...blobs].sort(([left], [right]) => (left < right ? -1 : 1))) documents.set(name, bytes);
	return { documents, layers: [...layers.values()].sort((left, right) => (left.diffId < right.diffId ? -1 : 1)) };
}

/** The name of a blob's entry. Spec: image-spec image-layout.md#blobs (v1.1.1) */
export function blobName(digest: Digest): string {
	return `blobs/sha256/${digest.slice('sha256:'.length)}`;
}

/** The images that the names mean, in their order, each with the names that it is to have in the archive. */
function selectImages(store: Store, names: readonly string[]): ReadonlyMap<ImageId, readonly ReferenceText[]> {
	if (names.length === 0) {
		throw new EngineError('invalid-argument', { argument: 'the images to save', why: 'none is named' });
	}
	const selected = new Map<ImageId, Set<ReferenceText>>();
	const add = (id: ImageId, reference: ReferenceText | undefined) => {
		const references = selected.get(id) ?? new Set();
		selected.set(id, references);
		if (reference !== undefined) references.add(reference);
	};
	for (const name of names) {
		const tags = tagsOfRepository(store, name);
		for (const { reference, image_id } of tags) add(image_id, reference);
		if (tags.length > 0) continue;
		const { id, reference } = findImage(store, name);
		add(id, reference);
	}
	return new Map([...selected].map(([id, references]) => [id, [...references].sort()]));
}

/** A name without a tag means all tags of that repository, as in Docker. */
function tagsOfRepository(
	store: Store,
	name: string,
): readonly { readonly reference: ReferenceText; readonly image_id: ImageId }[] {
	if (/^(?:sha256:)?[0-9a-f]{64}$/.test(name) || splitFamiliar(name).tag !== '<none>' || name.includes('@')) return [];
	let repository: string;
	try {
		repository = formatReference(parseReference(name));
	} catch {
		return [];
	}
	// ";" follows ":", so this is the range of references that are this repository and a tag.
	return store.database.all(
		'SELECT reference, image_id FROM tag WHERE reference >= ? AND reference < ? ORDER BY reference',
		`${repository}:`,
		`${repository};`,
	);
}

function manifestOf(image: HeldImage, layers: readonly Descriptor[]): unknown {
	return {
		schemaVersion: 2,
		mediaType: ociManifest,
		config: { mediaType: ociConfig, digest: image.id, size: image.config.length },
		layers,
	};
}

/** One entry for each name: containerd reads its own annotation, everybody else the specification's. */
function indexEntries(descriptor: Descriptor, references: readonly ReferenceText[]): readonly Descriptor[] {
	if (references.length === 0) return [descriptor];
	return references.map((reference) => ({
		...descriptor,
		annotations: { 'io.containerd.image.name': reference, 'org.opencontainers.image.ref.name': reference },
	}));
}

function json(value: unknown): Uint8Array {
	return new TextEncoder().encode(JSON.stringify(value));
}
