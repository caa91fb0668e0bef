import { digestOf, isDigest } from '../../digest.ts';
import { EngineError } from '../../errors.ts';
import type { Descriptor, Digest, Platform } from '../../model.ts';
import { type Manifest, manifestLimitBytes, parseIndex, parseManifest } from '../../oci/documents.ts';
import { configLimitBytes, type ImageConfig } from '../../oci/image-config.ts';
import { asObject, parseJson } from '../../oci/json.ts';
import { dockerManifest, dockerManifestList, documentKindOf, ociIndex, ociManifest } from '../../oci/media-types.ts';
import { choosePlatform, formatPlatform, hostPlatform, runsOn } from '../../oci/platform.ts';
import { printable } from '../../oci/printable.ts';
import { familiarReference, formatReference, type Reference } from '../../reference.ts';
import { choosePlatformManifest } from '../images/choose-manifest.ts';
import { parseFoundConfig } from '../images/found-image.ts';
import type { StoredDocument } from '../images/publish-image.ts';
import { readDocument } from './read-document.ts';
import type { RegistryClient } from './registry-client.ts';

/** A manifest or an index as a registry has it, checked against its digest. */
export interface RemoteDocument extends StoredDocument {
	readonly digest: Digest;
}

/** An image in a registry: its documents are here and checked, its layers not. */
export interface RemoteImage {
	/** Of what the reference leads to. */
	readonly digest: Digest;
	/** The manifest, and the index that led to it. */
	readonly documents: readonly RemoteDocument[];
	readonly manifest: Manifest;
	readonly config: StoredDocument;
	readonly parsed: ImageConfig;
}

const accepted = [ociManifest, ociIndex, dockerManifest, dockerManifestList].join(', ');

/** The right to read a repository. Spec: distribution token scope documentation (v2.8.3) */
export function pullScope(repository: string): string {
	return `repository:${repository}:pull`;
}

/**
 * Reads what a reference leads to. `reference` has a tag or a digest.
 * Spec: distribution-spec spec.md#pulling-manifests (v1.1.1)
 * @throws EngineError not-found, digest-mismatch, size-mismatch, limit-exceeded, bad-answer, corrupt
 */
export async function readRemoteDocument(
	client: RegistryClient,
	reference: Reference,
	signal: AbortSignal | undefined,
): Promise<RemoteDocument> {
	const { registry, limits } = client.world;
	const name = familiarReference(formatReference(reference));
	const answer = await client.request({
		method: 'GET',
		at: `${reference.repository}/manifests/${reference.digest ?? reference.tag}`,
		what: `read ${name}`,
		scopes: [pullScope(reference.repository)],
		headers: { accept: accepted },
		expected: [404],
		signal,
	});
	if (answer.status === 404) {
		answer.discard();
		const hint = `${registry} does not have it. Check the name and the tag.`;
		throw new EngineError('not-found', { what: 'image', id: name }, { hint });
	}
	const what = `the manifest of ${name}`;
	const bytes = await readDocument(answer, { what, limitBytes: manifestLimitBytes, withinMs: limits.documentMs });
	const digest = digestOf(bytes);
	const header = answer.headers['docker-content-digest'];
	const expected = reference.digest ?? (typeof header === 'string' && isDigest(header) ? header : digest);
	if (digest !== expected) {
		throw new EngineError('digest-mismatch', { what, expected, found: digest, bytesRead: bytes.length });
	}
	return { bytes, digest, mediaType: mediaTypeOf(bytes, answer.headers['content-type'], what) };
}

/** Reads an image's documents, the one for the platform where there are several. @throws EngineError unsupported and as `readRemoteDocument` */
export async function readRemoteImage(
	client: RegistryClient,
	reference: Reference,
	options: { readonly platform: Platform | undefined; readonly signal: AbortSignal | undefined },
): Promise<RemoteImage> {
	const { signal } = options;
	const name = familiarReference(formatReference(reference));
	const first = await readRemoteDocument(client, reference, signal);
	const documents: RemoteDocument[] = [first];
	if (documentKindOf(first.mediaType) === 'index') {
		const chosen = await chooseFrom(client, { reference, index: first, name }, options);
		documents.unshift(await readDescribed(client, { reference, descriptor: chosen }, signal));
	}
	const [document = first] = documents;
	const manifest = parseManifest(document.bytes, document.mediaType, document.digest);
	const config = {
		bytes: await readConfigBlob(client, { reference, descriptor: manifest.config, name }, signal),
		mediaType: manifest.config.mediaType,
	};
	const parsed = parseFoundConfig(config.bytes, manifest.config.digest, manifest.layers.length);
	if (options.platform !== undefined && !runsOn(parsed.platform, options.platform)) {
		throw new EngineError('unsupported', {
			operation: `pulling ${name} for ${formatPlatform(options.platform)}`,
			why: `it is for ${printable(formatPlatform(parsed.platform))}`,
		});
	}
	return { digest: first.digest, documents, manifest, config, parsed };
}

async function chooseFrom(
	client: RegistryClient,
	from: { readonly reference: Reference; readonly index: RemoteDocument; readonly name: string },
	options: { readonly platform: Platform | undefined; readonly signal: AbortSignal | undefined },
): Promise<Descriptor> {
	const { manifests } = parseIndex(from.index.bytes, from.index.mediaType, from.index.digest);
	const platform = options.platform ?? hostPlatform(process.arch);
	const direct = choosePlatform(
		manifests.filter(({ mediaType }) => documentKindOf(mediaType) === 'manifest'),
		platform,
	);
	if (direct !== undefined) return direct;
	const [chosen] = await choosePlatformManifest(manifests, platform, {
		label: from.name,
		read: async (descriptor) => {
			const { bytes, mediaType } = await readDescribed(
				client,
				{ reference: from.reference, descriptor },
				options.signal,
			);
			return parseIndex(bytes, mediaType, descriptor.digest);
		},
		has: async () => false,
	});
	if (chosen !== undefined) return chosen;
	throw new EngineError('corrupt', { what: 'the index', where: from.index.digest, why: 'it names no image' });
}

async function readDescribed(
	client: RegistryClient,
	wanted: { readonly reference: Reference; readonly descriptor: Descriptor },
	signal: AbortSignal | undefined,
): Promise<RemoteDocument> {
	const { descriptor, reference } = wanted;
	const found = await readRemoteDocument(client, { ...reference, tag: undefined, digest: descriptor.digest }, signal);
	if (found.bytes.length !== descriptor.size) throw wrongSize('the manifest', descriptor, found.bytes.length);
	// What the index says of it decides what it is read as.
	return { ...found, mediaType: descriptor.mediaType };
}

async function readConfigBlob(
	client: RegistryClient,
	wanted: { readonly reference: Reference; readonly descriptor: Descriptor; readonly name: string },
	signal: AbortSignal | undefined,
): Promise<Uint8Array> {
	const { descriptor, reference } = wanted;
	const what = `the config of ${wanted.name}`;
	const answer = await client.request({
		method: 'GET',
		at: `${reference.repository}/blobs/${descriptor.digest}`,
		what: `read ${what}`,
		scopes: [pullScope(reference.repository)],
		expected: [404],
		signal,
	});
	if (answer.status === 404) {
		answer.discard();
		throw new EngineError('bad-answer', {
			registry: client.world.registry,
			why: `it does not have ${what}, which its own manifest names`,
		});
	}
	const withinMs = client.world.limits.documentMs;
	const bytes = await readDocument(answer, { what, limitBytes: Math.min(configLimitBytes, descriptor.size), withinMs });
	if (bytes.length !== descriptor.size) throw wrongSize(what, descriptor, bytes.length);
	const found = digestOf(bytes);
	if (found === descriptor.digest) return bytes;
	throw new EngineError('digest-mismatch', { what, expected: descriptor.digest, found, bytesRead: bytes.length });
}

/** The header says it, or the document itself. @throws EngineError unsupported-media-type for what is neither manifest nor index */
function mediaTypeOf(bytes: Uint8Array, header: string | undefined, what: string): string {
	const announced = header?.split(';', 1)[0]?.trim() ?? '';
	if (documentKindOf(announced) === 'manifest' || documentKindOf(announced) === 'index') return announced;
	const source = { what, where: '' };
	const own = asObject(parseJson(bytes, source), source).mediaType;
	const found = typeof own === 'string' ? own : announced;
	if (documentKindOf(found) === 'manifest' || documentKindOf(found) === 'index') return found;
	throw new EngineError('unsupported-media-type', { mediaType: printable(found), where: what });
}

function wrongSize(what: string, descriptor: Descriptor, foundBytes: number): EngineError<'size-mismatch'> {
	return new EngineError('size-mismatch', { what, expectedBytes: descriptor.size, foundBytes });
}
