import type { Descriptor, Digest, ImageId } from '../../model.ts';
import { parseManifest } from '../../oci/documents.ts';
import { dockerConfig, dockerManifest, documentKindOf, ociConfig, ociManifest } from '../../oci/media-types.ts';
import { readBlob } from '../content/blob-store.ts';
import type { StoredDocument } from '../images/publish-image.ts';
import type { Store } from '../store.ts';

const dockerLayer = 'application/vnd.docker.image.rootfs.diff.tar.gzip';
const ociGzipLayer = 'application/vnd.oci.image.layer.v1.tar+gzip';

/** A manifest that an image came with. */
export interface KeptManifest extends StoredDocument {
	readonly digest: Digest;
	readonly config: Descriptor;
	readonly layers: readonly Descriptor[];
}

/** The manifests that are kept for an image, indexes left out. */
export function keptManifests(store: Store, id: ImageId): readonly KeptManifest[] {
	return store.database
		.all<{ digest: Digest; media_type: string }>(
			`SELECT blob.digest, media_type FROM image_manifest JOIN blob ON blob.digest = image_manifest.digest
			WHERE image_id = ? ORDER BY stored_at DESC, blob.digest`,
			id,
		)
		.filter(({ media_type }) => documentKindOf(media_type) === 'manifest')
		.map(({ digest, media_type: mediaType }) => {
			const bytes = readBlob(store, digest);
			return { digest, bytes, mediaType, ...parseManifest(bytes, mediaType, digest) };
		});
}

/** The media type of a layer that we compress, for an image whose config has that type. */
export function packedLayerType(configType: string): string {
	return configType === dockerConfig ? dockerLayer : ociGzipLayer;
}

/**
 * The manifest of what is in the registry now: the one that the image came with, byte for byte, where it says just
 * that; else one of ours, in Docker's words for an image that has Docker's.
 */
export function manifestFor(
	kept: readonly KeptManifest[],
	image: { readonly config: Descriptor; readonly layers: readonly Descriptor[] },
): StoredDocument {
	const same = kept.find(
		({ layers }) =>
			layers.length === image.layers.length &&
			layers.every(
				({ digest, size }, index) => digest === image.layers[index]?.digest && size === image.layers[index]?.size,
			),
	);
	if (same !== undefined) return same;
	const isDocker = image.config.mediaType === dockerConfig;
	const mediaType = isDocker ? dockerManifest : ociManifest;
	const document = {
		schemaVersion: 2,
		mediaType,
		config: { ...image.config, mediaType: isDocker ? dockerConfig : ociConfig },
		layers: image.layers.map(({ digest, size, mediaType: type }) => ({
			mediaType: isDocker ? type : ociTypeOf(type),
			size,
			digest,
		})),
	};
	return { bytes: new TextEncoder().encode(JSON.stringify(document)), mediaType };
}

/** The same packing in the specification's words: both kinds in one manifest confuse readers. */
function ociTypeOf(mediaType: string): string {
	if (mediaType.endsWith('zstd')) return 'application/vnd.oci.image.layer.v1.tar+zstd';
	return mediaType.endsWith('gzip') ? ociGzipLayer : 'application/vnd.oci.image.layer.v1.tar';
}
