import { digestOf, parseDigest } from '../../digest.ts';
import { EngineError } from '../../errors.ts';
import type { Descriptor } from '../../model.ts';
import { type DockerArchiveImage, parseDockerManifest } from '../../oci/docker-manifest.ts';
import { manifestLimitBytes } from '../../oci/documents.ts';
import { configLimitBytes } from '../../oci/image-config.ts';
import { dockerConfig, layerCompressionOf } from '../../oci/media-types.ts';
import { printable } from '../../oci/printable.ts';
import { type ArchivedFile, type ImageArchive, readDocument } from './archived-file.ts';
import { checkSize, verifyLayerBlob } from './blob-stream.ts';
import { type FoundImage, type FoundLayer, missingFrom, parseFoundConfig } from './found-image.ts';

/** The entry that makes an archive one of Docker's. */
export const dockerManifestName = 'manifest.json';

/**
 * The images of a docker-archive, one by one, as docker, podman, skopeo and buildah write it. Where it is an OCI layout too,
 * as Docker writes since 25.0, this is what counts: early ones put the layers of the other in the wrong order.
 * Source: moby image/tarexport/load.go (v28)
 * @throws EngineError corrupt, unsafe, digest-mismatch, size-mismatch, limit-exceeded, unsupported-media-type
 */
export async function* readDockerArchive(archive: ImageArchive, manifest: ArchivedFile): AsyncGenerator<FoundImage> {
	const bytes = await readDocument(manifest, {
		what: 'the manifest',
		where: dockerManifestName,
		limitBytes: manifestLimitBytes,
	});
	for (const item of parseDockerManifest(bytes, `${dockerManifestName} of ${archive.label}`)) {
		yield await readImage(archive, item);
	}
}

async function readImage(archive: ImageArchive, item: DockerArchiveImage): Promise<FoundImage> {
	const file = await archive.find(item.config);
	if (file === undefined) throw missingFrom(archive, `the config ${printable(item.config)}`);
	const config = await readDocument(file, { what: 'the config', where: item.config, limitBytes: configLimitBytes });
	checkStatedDigest(item.config, config);
	const parsed = parseFoundConfig(config, item.config, item.layers.length);
	const layers: FoundLayer[] = [];
	for (const [index, name] of item.layers.entries()) {
		const where = `layer ${index + 1} of ${archive.label}`;
		const layer = await archive.find(name);
		if (layer === undefined) throw missingFrom(archive, `layer ${index + 1} (${printable(name)})`);
		const diffId = parsed.diffIds[index];
		const source = diffId === undefined ? undefined : item.layerSources.get(diffId);
		layers.push(readLayer(layer, { name, where, source }));
	}
	return {
		config: { bytes: config, mediaType: dockerConfig },
		parsed,
		manifests: [],
		layers,
		references: item.references,
	};
}

/**
 * An entry named after a digest states that digest. Otherwise the diffID alone tells whether the bytes are right:
 * what the archive says of layers that lie elsewhere is about other bytes than these.
 */
function readLayer(
	file: ArchivedFile,
	layer: { readonly name: string; readonly where: string; readonly source: Descriptor | undefined },
): FoundLayer {
	const { where, source } = layer;
	const hex = /^blobs\/sha256\/([0-9a-f]{64})$/.exec(layer.name)?.[1];
	if (hex === undefined) return { where, sizeBytes: file.sizeBytes, open: file.open };
	const digest = parseDigest(`sha256:${hex}`, where);
	const described = source?.digest === digest ? source : undefined;
	if (described !== undefined) {
		if (layerCompressionOf(described.mediaType) === undefined) {
			throw new EngineError('unsupported-media-type', { mediaType: printable(described.mediaType), where });
		}
		checkSize(file, described, where);
	}
	const expected = { digest, mediaType: described?.mediaType };
	return { where, sizeBytes: file.sizeBytes, open: () => verifyLayerBlob(file.open(), expected, where) };
}

/** `<digest>.json` and `blobs/sha256/<digest>`: the config's name is its digest, which is the image's ID. */
function checkStatedDigest(name: string, config: Uint8Array): void {
	const stated = /^(?:blobs\/sha256\/([0-9a-f]{64})|([0-9a-f]{64})\.json)$/.exec(name);
	const found = digestOf(config);
	const hex = stated?.[1] ?? stated?.[2];
	if (hex === undefined || found === `sha256:${hex}`) return;
	throw new EngineError('digest-mismatch', {
		what: 'the config',
		expected: `sha256:${hex}`,
		found,
		bytesRead: config.length,
	});
}
