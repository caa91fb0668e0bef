import { parseDigest } from '../digest.ts';
import { EngineError } from '../errors.ts';
import type { Descriptor, DiffId, ReferenceText } from '../model.ts';
import { canonicalReference } from '../reference.ts';
import { layerLimit, parseDescriptor } from './documents.ts';
import { asList, asObject, asText, corrupt, type DocumentSource, parseJson } from './json.ts';
import { printable } from './printable.ts';

const mostImages = 1_000;
const mostTags = 10_000;

/** One image of a docker-archive's `manifest.json`. Source: moby image/tarexport/tarexport.go manifestItem (v28) */
export interface DockerArchiveImage {
	/** Name of the config's entry. Untrusted: only ever looked up among the entries of the archive. */
	readonly config: string;
	/** Names of the layers' entries, base first. Untrusted likewise. */
	readonly layers: readonly string[];
	readonly references: readonly ReferenceText[];
	/** What the archive says of layers' blobs, by diffID. */
	readonly layerSources: ReadonlyMap<DiffId, Descriptor>;
}

/** @throws EngineError corrupt, limit-exceeded */
export function parseDockerManifest(bytes: Uint8Array, where: string): readonly DockerArchiveImage[] {
	const source = { what: 'the manifest', where };
	const images = parseJson(bytes, source);
	if (!Array.isArray(images)) throw corrupt(source, 'it is not a list of images');
	return asList(images, source, { name: 'images', most: mostImages }).map((value) => parseImage(value, source));
}

function parseImage(value: unknown, source: DocumentSource): DockerArchiveImage {
	const item = asObject(value, { ...source, what: `an image of ${source.what}` });
	const config = asText(item.Config, source, 'Config');
	if (!config) throw corrupt(source, 'an image has no config');
	return {
		config,
		layers: asList(item.Layers, source, { name: 'Layers', most: layerLimit }).map((layer) => {
			const name = asText(layer, source, 'Layers');
			if (!name) throw corrupt(source, 'an image has a layer without a name');
			return name;
		}),
		references: asList(item.RepoTags, source, { name: 'RepoTags', most: mostTags }).map((tag) => parseTag(tag, source)),
		layerSources: parseLayerSources(item.LayerSources, source),
	};
}

function parseTag(value: unknown, source: DocumentSource): ReferenceText {
	const text = asText(value, source, 'RepoTags');
	try {
		return canonicalReference(text ?? '');
	} catch (cause) {
		if (!(cause instanceof EngineError)) throw cause;
		throw corrupt(source, `it gives an image a name that is none: ${cause.message.replace(/\.$/, '')}`, cause);
	}
}

function parseLayerSources(value: unknown, source: DocumentSource): ReadonlyMap<DiffId, Descriptor> {
	if (value === undefined || value === null) return new Map();
	const entries = Object.entries(asObject(value, { ...source, what: `"LayerSources" in ${source.what}` }));
	return new Map(
		entries.map(([diffId, descriptor]) => [
			parseDigest<DiffId>(diffId, `${source.what} ${printable(source.where)}`),
			parseDescriptor(descriptor, source, 'LayerSources'),
		]),
	);
}
