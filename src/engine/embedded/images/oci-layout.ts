import { digestOf } from '../../digest.ts';
import { EngineError, isEngineError } from '../../errors.ts';
import type { Descriptor, Digest, ReferenceText } from '../../model.ts';
import { checkLayoutVersion, manifestLimitBytes, parseIndex, parseManifest } from '../../oci/documents.ts';
import { configLimitBytes } from '../../oci/image-config.ts';
import { documentKindOf, ociIndex } from '../../oci/media-types.ts';
import { formatPlatform, hostPlatform } from '../../oci/platform.ts';
import { printable } from '../../oci/printable.ts';
import { canonicalReference } from '../../reference.ts';
import { type ArchivedFile, type ImageArchive, readDocument } from './archived-file.ts';
import { checkSize, verifyLayerBlob } from './blob-stream.ts';
import { choosePlatformManifest, type IndexReader } from './choose-manifest.ts';
import { type FoundImage, missingFrom, parseFoundConfig } from './found-image.ts';
import type { StoredDocument } from './publish-image.ts';

/** The entry that makes an archive or a directory an OCI layout. Spec: image-spec image-layout.md (v1.1.1) */
export const layoutName = 'oci-layout';
const indexName = 'index.json';
const mostDocumentBytes = 64 * 1024;

/**
 * The images of an OCI layout, one by one: one for each name in its index, each the manifest that suits this host where a name
 * stands for several platforms. Other platforms may be missing.
 * Spec: image-spec image-layout.md (v1.1.1)
 * @throws EngineError corrupt, unsafe, digest-mismatch, size-mismatch, limit-exceeded, unsupported, unsupported-media-type
 */
export async function* readOciLayout(archive: ImageArchive, layout: ArchivedFile): AsyncGenerator<FoundImage> {
	const label = { what: 'the layout file', where: layoutName, limitBytes: mostDocumentBytes };
	checkLayoutVersion(await readDocument(layout, label), layoutName);
	const file = await archive.find(indexName);
	if (file === undefined) throw missingFrom(archive, indexName);
	const where = `${indexName} of ${archive.label}`;
	const bytes = await readDocument(file, { what: 'the index', where, limitBytes: manifestLimitBytes });
	const index = parseIndex(bytes, ociIndex, where);

	const reader: IndexReader = {
		label: archive.label,
		read: async (descriptor) => {
			const document = await readBlobDocument(archive, descriptor, {
				what: 'the index',
				limitBytes: manifestLimitBytes,
			});
			return parseIndex(document, descriptor.mediaType, descriptor.digest);
		},
		has: async ({ digest }) => (await archive.find(blobName(digest))) !== undefined,
	};
	const named = new Map<Digest, { readonly descriptor: Descriptor; readonly references: Set<ReferenceText> }>();
	for (const group of groupByName(index.manifests)) {
		for (const descriptor of await choosePlatformManifest(group, hostPlatform(process.arch), reader)) {
			const found = named.get(descriptor.digest) ?? { descriptor, references: new Set() };
			named.set(descriptor.digest, found);
			for (const { annotations = {} } of group) {
				const reference = referenceFrom(annotations, archive.baseName);
				if (reference !== undefined) found.references.add(reference);
			}
		}
	}
	for (const { descriptor, references } of named.values()) {
		yield await readImage(archive, descriptor, [...references]);
	}
}

async function readImage(
	archive: ImageArchive,
	descriptor: Descriptor,
	references: readonly ReferenceText[],
): Promise<FoundImage> {
	const limit = { what: 'the manifest', limitBytes: manifestLimitBytes };
	const manifestBytes = await readBlobDocument(archive, descriptor, limit);
	const manifest = parseManifest(manifestBytes, descriptor.mediaType, descriptor.digest);
	const config: StoredDocument = {
		bytes: await readBlobDocument(archive, manifest.config, { what: 'the config', limitBytes: configLimitBytes }),
		mediaType: manifest.config.mediaType,
	};
	const parsed = parseFoundConfig(config.bytes, manifest.config.digest, manifest.layers.length);
	const layers = await Promise.all(
		manifest.layers.map(async (layer, index) => {
			const where = `layer ${index + 1} of ${archive.label}`;
			const file = await archive.find(blobName(layer.digest));
			if (file === undefined) throw missingFrom(archive, `layer ${index + 1} (${layer.digest})`);
			checkSize(file, layer, where);
			return { where, sizeBytes: file.sizeBytes, open: () => verifyLayerBlob(file.open(), layer, where) };
		}),
	);
	return { config, parsed, manifests: [{ bytes: manifestBytes, mediaType: descriptor.mediaType }], layers, references };
}

/** A small blob, whole and checked. */
async function readBlobDocument(
	archive: ImageArchive,
	descriptor: Descriptor,
	document: { readonly what: string; readonly limitBytes: number },
): Promise<Uint8Array> {
	const file = await archive.find(blobName(descriptor.digest));
	if (file === undefined) throw missingFrom(archive, `${document.what} ${descriptor.digest}`);
	const bytes = await readDocument(file, { ...document, where: descriptor.digest });
	checkSize(file, descriptor, document.what);
	const found = digestOf(bytes);
	if (found === descriptor.digest) return bytes;
	throw new EngineError('digest-mismatch', {
		what: document.what,
		expected: descriptor.digest,
		found,
		bytesRead: bytes.length,
	});
}

function blobName(digest: Digest): string {
	return `blobs/sha256/${digest.slice('sha256:'.length)}`;
}

/** Manifests that stand side by side under one name are its platforms, where each says which it is for. */
function groupByName(manifests: readonly Descriptor[]): readonly (readonly Descriptor[])[] {
	for (const { mediaType } of manifests) {
		if (documentKindOf(mediaType) === 'manifest' || documentKindOf(mediaType) === 'index') continue;
		throw new EngineError('unsupported-media-type', {
			mediaType: printable(mediaType),
			where: `a descriptor in ${indexName}`,
		});
	}
	const groups = Map.groupBy(manifests, ({ annotations = {}, platform, digest }) =>
		platform === undefined ? digest : `name ${nameFrom(annotations) ?? ''}`,
	);
	return [...groups.values()].flatMap((group) => (areAlternatives(group) ? [group] : group.map((one) => [one])));
}

/** Two manifests for the same platform do not stand for each other: they are two images. */
function areAlternatives(group: readonly Descriptor[]): boolean {
	const images = new Map(group.map(({ digest, platform }) => [digest, platform && formatPlatform(platform)]));
	return images.size === new Set(images.values()).size;
}

/** containerd's annotation holds a whole reference; the specification's is free, and often only a tag. */
function nameFrom(annotations: Readonly<Record<string, string>>): string | undefined {
	return annotations['io.containerd.image.name'] ?? annotations['org.opencontainers.image.ref.name'];
}

/**
 * A bare word is a tag: skopeo and umoci write the layout of `oci:app:1.0` so, and `app` is its directory's name.
 * What cannot be a reference names nothing.
 */
function referenceFrom(
	annotations: Readonly<Record<string, string>>,
	baseName: string | undefined,
): ReferenceText | undefined {
	const name = nameFrom(annotations);
	if (name === undefined) return undefined;
	const isWhole = name.includes('/') || name.includes(':');
	if (!isWhole && baseName === undefined) return undefined;
	try {
		return canonicalReference(isWhole ? name : `${baseName}:${name}`);
	} catch (error) {
		if (isEngineError(error, 'invalid-reference')) return undefined;
		throw error;
	}
}
