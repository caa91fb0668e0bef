import { EngineError } from '../../errors.ts';
import type { Descriptor, Platform } from '../../model.ts';
import type { ImageIndex } from '../../oci/documents.ts';
import { documentKindOf } from '../../oci/media-types.ts';
import { choosePlatform, formatPlatform } from '../../oci/platform.ts';
import { printable } from '../../oci/printable.ts';
import { successors } from '../../oci/successors.ts';

/** How the documents that an index points to are reached. */
export interface IndexReader {
	readonly label: string;
	readonly read: (descriptor: Descriptor) => Promise<ImageIndex>;
	readonly has: (descriptor: Descriptor) => Promise<boolean>;
}

/** Deeper than anybody nests them; an index cannot hold itself, but a chain of them costs a read each. */
const deepestIndex = 4;
const mostCandidates = 1_000;

/**
 * The manifests that descriptors under one name mean on this host. A single one means itself, whatever it is for;
 * of several the one for this host, or, where the source has the bytes of only one, that one.
 * @throws EngineError unsupported where none is for this host, limit-exceeded, and what `read` throws
 */
export async function choosePlatformManifest(
	group: readonly Descriptor[],
	host: Platform,
	reader: IndexReader,
): Promise<readonly Descriptor[]> {
	const candidates = await expand(group, reader);
	const distinct = [...new Map(candidates.map((candidate) => [candidate.digest, candidate])).values()];
	if (distinct.length <= 1) return distinct;
	const chosen = choosePlatform(distinct, host);
	if (chosen !== undefined) return [chosen];
	const present: Descriptor[] = [];
	for (const candidate of distinct) if (await reader.has(candidate)) present.push(candidate);
	if (present.length === 1) return present;
	throw new EngineError('unsupported', {
		operation: `loading ${printable(reader.label)}`,
		why: `it has no image for ${formatPlatform(host)}, only for ${platformsOf(distinct)}`,
	});
}

/** Image manifests below the descriptors, indexes opened, attestations left out. */
async function expand(group: readonly Descriptor[], reader: IndexReader): Promise<readonly Descriptor[]> {
	let found = group;
	for (let depth = 0; found.some(isIndex); depth++) {
		if (depth === deepestIndex) throw tooMuch(reader, `indexes within indexes deeper than ${deepestIndex}`);
		const opened: Descriptor[] = [];
		for (const descriptor of found) {
			if (isIndex(descriptor)) opened.push(...successors(await reader.read(descriptor)));
			else opened.push(descriptor);
			if (opened.length > mostCandidates) throw tooMuch(reader, `more than ${mostCandidates} manifests under one name`);
		}
		found = opened.filter(isForImage);
	}
	return found.filter(isForImage);
}

function tooMuch(reader: IndexReader, limit: string): EngineError<'limit-exceeded'> {
	return new EngineError('limit-exceeded', { what: printable(reader.label), limit });
}

function isIndex(descriptor: Descriptor): boolean {
	return documentKindOf(descriptor.mediaType) === 'index';
}

/** buildkit puts its attestations beside the images, for a platform that no host has. */
function isForImage(descriptor: Descriptor): boolean {
	if (descriptor.annotations?.['vnd.docker.reference.type'] !== undefined) return false;
	return documentKindOf(descriptor.mediaType) !== undefined && descriptor.platform?.os !== 'unknown';
}

function platformsOf(descriptors: readonly Descriptor[]): string {
	const names = descriptors.map(({ platform }) =>
		platform === undefined ? 'an unnamed platform' : formatPlatform(platform),
	);
	return printable([...new Set(names)].join(', '));
}
