/** How a layer blob is packed. */
export type LayerCompression = 'none' | 'gzip' | 'zstd';

/** What a document under a descriptor is. */
export type DocumentKind = 'manifest' | 'index' | 'config';

/** Spec: image-spec media-types.md (v1.1.1) */
export const ociManifest = 'application/vnd.oci.image.manifest.v1+json';
/** Spec: image-spec media-types.md (v1.1.1) */
export const ociIndex = 'application/vnd.oci.image.index.v1+json';
/** Spec: image-spec media-types.md (v1.1.1) */
export const ociConfig = 'application/vnd.oci.image.config.v1+json';
/** An uncompressed layer. Spec: image-spec media-types.md (v1.1.1) */
export const ociLayer = 'application/vnd.oci.image.layer.v1.tar';
/** Docker's own names for the same documents. Spec: distribution manifest-v2-2.md#media-types (v2.8.3) */
export const dockerManifest = 'application/vnd.docker.distribution.manifest.v2+json';
/** Spec: distribution manifest-v2-2.md#media-types (v2.8.3) */
export const dockerManifestList = 'application/vnd.docker.distribution.manifest.list.v2+json';
/** Spec: distribution manifest-v2-2.md#media-types (v2.8.3) */
export const dockerConfig = 'application/vnd.docker.container.image.v1+json';

const documentKinds: ReadonlyMap<string, DocumentKind> = new Map([
	[ociManifest, 'manifest'],
	[dockerManifest, 'manifest'],
	[ociIndex, 'index'],
	[dockerManifestList, 'index'],
	[ociConfig, 'config'],
	[dockerConfig, 'config'],
]);

const layerCompressions: ReadonlyMap<string, LayerCompression> = new Map([
	[ociLayer, 'none'],
	[`${ociLayer}+gzip`, 'gzip'],
	[`${ociLayer}+zstd`, 'zstd'],
	['application/vnd.docker.image.rootfs.diff.tar', 'none'],
	['application/vnd.docker.image.rootfs.diff.tar.gzip', 'gzip'],
	['application/vnd.docker.image.rootfs.diff.tar.zstd', 'zstd'],
	// Layers that registries must not hand on. Their bytes may still stand in an archive; then they are like any other.
	['application/vnd.oci.image.layer.nondistributable.v1.tar', 'none'],
	['application/vnd.oci.image.layer.nondistributable.v1.tar+gzip', 'gzip'],
	['application/vnd.oci.image.layer.nondistributable.v1.tar+zstd', 'zstd'],
	['application/vnd.docker.image.rootfs.foreign.diff.tar', 'none'],
	['application/vnd.docker.image.rootfs.foreign.diff.tar.gzip', 'gzip'],
]);

/** undefined for what an image is not made of: layers, artifacts, manifests of the first schema. */
export function documentKindOf(mediaType: string): DocumentKind | undefined {
	return documentKinds.get(mediaType);
}

/** What a layer's media type says of its bytes; undefined for what is not a layer. */
export function layerCompressionOf(mediaType: string): LayerCompression | undefined {
	return layerCompressions.get(mediaType);
}

/** True for layers whose bytes usually lie elsewhere. Spec: image-spec layer.md#non-distributable-layers (v1.1.1) */
export function isForeignLayer(mediaType: string): boolean {
	return mediaType.includes('.nondistributable.') || mediaType.includes('.foreign.');
}
