import { parseDigest } from '../digest.ts';
import { EngineError } from '../errors.ts';
import type { Descriptor, Platform } from '../model.ts';
import {
	asList,
	asObject,
	asText,
	asTextMap,
	corrupt,
	type DocumentSource,
	type JsonObject,
	parseJson,
} from './json.ts';
import { documentKindOf, isForeignLayer, layerCompressionOf } from './media-types.ts';
import { printable } from './printable.ts';

/** Larger than any manifest in the field; registries allow 4 MiB. Spec: distribution-spec spec.md#pushing-manifests (v1.1.1) */
export const manifestLimitBytes = 4 * 1024 * 1024;
/** What the kernel's overlay takes as lower directories. Source: linux fs/overlayfs/ovl_entry.h OVL_MAX_STACK */
export const layerLimit = 500;
const mostManifests = 1_000;

/** One image: a config and its layers, base first. Spec: image-spec manifest.md (v1.1.1) */
export interface Manifest {
	readonly config: Descriptor;
	readonly layers: readonly Descriptor[];
}

/** Several manifests under one name. Spec: image-spec image-index.md (v1.1.1) */
export interface ImageIndex {
	readonly manifests: readonly Descriptor[];
}

/**
 * Reads what an image descriptor points to.
 * @throws EngineError corrupt, limit-exceeded, unsupported-media-type for artifacts and manifests of the first schema
 */
export function parseManifest(bytes: Uint8Array, mediaType: string, where: string): Manifest {
	const source = { what: 'the manifest', where };
	const document = parseVersioned(bytes, mediaType, source);
	if (document.manifests !== undefined) throw corrupt(source, 'it is a manifest and an index at once');
	const config = parseDescriptor(document.config, source, 'config');
	if (documentKindOf(config.mediaType) !== 'config') {
		throw new EngineError('unsupported-media-type', {
			mediaType: printable(config.mediaType),
			where: `the config in the manifest ${printable(where)}`,
		});
	}
	const layers = asList(document.layers, source, { name: 'layers', most: layerLimit }).map((layer, index) =>
		parseLayer(layer, source, index),
	);
	return { config, layers };
}

/** @throws EngineError corrupt, limit-exceeded, unsupported-media-type */
export function parseIndex(bytes: Uint8Array, mediaType: string, where: string): ImageIndex {
	const source = { what: 'the index', where };
	const document = parseVersioned(bytes, mediaType, source);
	if (document.layers !== undefined || document.config !== undefined) {
		throw corrupt(source, 'it is a manifest and an index at once');
	}
	const manifests = asList(document.manifests, source, { name: 'manifests', most: mostManifests });
	return { manifests: manifests.map((item) => parseDescriptor(item, source, 'manifests')) };
}

/** `oci-layout` must say that it is one, in a version that is known. Spec: image-spec image-layout.md#oci-layout-file (v1.1.1) */
export function checkLayoutVersion(bytes: Uint8Array, where: string): void {
	const source = { what: 'the layout file', where };
	const version = asText(asObject(parseJson(bytes, source), source).imageLayoutVersion, source, 'imageLayoutVersion');
	if (version === '1.0.0') return;
	throw new EngineError('unsupported', {
		operation: `reading ${printable(where)}`,
		why: `its image layout has version "${printable(version)}", and only 1.0.0 is known`,
	});
}

/** Spec: image-spec descriptor.md#properties (v1.1.1). @throws EngineError corrupt */
export function parseDescriptor(value: unknown, source: DocumentSource, name: string): Descriptor {
	const item = asObject(value, { ...source, what: `"${name}" in ${source.what}` });
	const mediaType = asText(item.mediaType, source, `${name}.mediaType`);
	if (mediaType === undefined) throw corrupt(source, `"${name}" has no media type`);
	const size = item.size;
	if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
		throw corrupt(source, `"${name}" has no size in bytes`);
	}
	const annotations = asTextMap(item.annotations, source, `${name}.annotations`);
	const platform =
		item.platform === undefined || item.platform === null ? undefined : parsePlatform(item.platform, source);
	return {
		mediaType,
		digest: parseDigest(item.digest, `${source.what} ${printable(source.where)}`),
		size,
		...(Object.keys(annotations).length === 0 ? {} : { annotations }),
		...(platform === undefined ? {} : { platform }),
	};
}

function parseLayer(value: unknown, source: DocumentSource, index: number): Descriptor {
	const descriptor = parseDescriptor(value, source, `layers[${index}]`);
	if (layerCompressionOf(descriptor.mediaType) !== undefined) return descriptor;
	throw new EngineError('unsupported-media-type', {
		mediaType: printable(descriptor.mediaType),
		where: `${isForeignLayer(descriptor.mediaType) ? 'the foreign ' : ''}layer ${index + 1} in the manifest ${printable(source.where)}`,
	});
}

function parsePlatform(value: unknown, source: DocumentSource): Platform {
	const item = asObject(value, { ...source, what: `"platform" in ${source.what}` });
	const variant = asText(item.variant, source, 'platform.variant');
	return {
		os: asText(item.os, source, 'platform.os') ?? '',
		architecture: asText(item.architecture, source, 'platform.architecture') ?? '',
		...(variant ? { variant } : {}),
	};
}

/** A document that says two different things of itself could mean one thing to us and another to the next reader. */
function parseVersioned(bytes: Uint8Array, mediaType: string, source: DocumentSource): JsonObject {
	const document = asObject(parseJson(bytes, source), source);
	if (document.schemaVersion !== 2) {
		throw new EngineError('unsupported', {
			operation: `reading ${source.what} ${printable(source.where)}`,
			why: `it has schema version ${printable(document.schemaVersion)}, and only 2 is known`,
		});
	}
	const own = asText(document.mediaType, source, 'mediaType');
	if (own !== undefined && own !== mediaType) {
		throw corrupt(source, `it calls itself "${printable(own)}" where "${printable(mediaType)}" was announced`);
	}
	return document;
}
