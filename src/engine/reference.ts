import { isDigest } from './digest.ts';
import { EngineError } from './errors.ts';
import type { Digest, ReferenceText } from './model.ts';
import { printable } from './oci/printable.ts';

/** A name of an image, taken apart. Spec: distribution/reference reference.go#grammar (v0.6.0) */
export interface Reference {
	/** Host and perhaps port, e.g. `docker.io`, `localhost:5000`. */
	readonly registry: string;
	/** Path in the registry, e.g. `library/alpine`. */
	readonly repository: string;
	readonly tag: string | undefined;
	readonly digest: Digest | undefined;
}

const defaultRegistry = 'docker.io';
const legacyDefaultRegistry = 'index.docker.io';
const officialPrefix = 'library/';
const defaultTag = 'latest';
const longestRepository = 255;

const domainPattern =
	/^(?:\[[0-9a-fA-F:]+\]|[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*)(?::[0-9]+)?$/;
const componentPattern = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/;
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const identifierPattern = /^[0-9a-f]{64}$/;

/**
 * Reads a name as a person types it; `alpine` means `docker.io/library/alpine`, without a tag.
 * @throws EngineError invalid-reference
 */
export function parseReference(text: string): Reference {
	if (text === '') throw invalid(text, 'it is empty');
	if (identifierPattern.test(text)) throw invalid(text, 'it looks like an image ID, not like a name');
	const { name, tag, digest } = splitName(text);
	const { registry, repository } = splitRegistry(name);
	if (!domainPattern.test(registry)) throw invalid(text, `"${printable(registry)}" is not a registry's host name`);
	checkRepository(text, repository);
	return { registry, repository, tag, digest };
}

/** The one text for a reference: everything spelled out that it says, nothing added. */
export function formatReference(reference: Reference): ReferenceText {
	const tag = reference.tag === undefined ? '' : `:${reference.tag}`;
	const digest = reference.digest === undefined ? '' : `@${reference.digest}`;
	return `${reference.registry}/${reference.repository}${tag}${digest}` as ReferenceText;
}

/**
 * The text that the store keeps a name under: `alpine` becomes `docker.io/library/alpine:latest`.
 * With a digest no tag is added.
 * @throws EngineError invalid-reference
 */
export function canonicalReference(text: string): ReferenceText {
	const reference = parseReference(text);
	const tagged = reference.tag !== undefined || reference.digest !== undefined;
	return formatReference(tagged ? reference : { ...reference, tag: defaultTag });
}

/** As Docker prints it: without the default registry and without `library/`. Takes a tag apart from nothing. */
export function familiarReference(reference: ReferenceText | string): string {
	const prefix = `${defaultRegistry}/`;
	if (!reference.startsWith(prefix)) return reference;
	const rest = reference.slice(prefix.length);
	return rest.startsWith(officialPrefix) && !rest.slice(officialPrefix.length).includes('/')
		? rest.slice(officialPrefix.length)
		: rest;
}

/** The two columns of the image list; `<none>` stands for a tag that is not there. */
export function splitFamiliar(reference: ReferenceText | string): {
	readonly repository: string;
	readonly tag: string;
} {
	const [name = ''] = familiarReference(reference).split('@', 1);
	const colon = name.lastIndexOf(':');
	if (colon <= name.lastIndexOf('/')) return { repository: name, tag: '<none>' };
	return { repository: name.slice(0, colon), tag: name.slice(colon + 1) };
}

function splitName(text: string): Pick<Reference, 'tag' | 'digest'> & { readonly name: string } {
	const at = text.indexOf('@');
	const digest = at === -1 ? undefined : text.slice(at + 1);
	if (digest !== undefined && !isDigest(digest)) {
		throw invalid(text, 'what follows @ is not sha256: and 64 lowercase hex digits');
	}
	const rest = at === -1 ? text : text.slice(0, at);
	// A colon before the last slash belongs to a registry's port.
	const colon = rest.lastIndexOf(':');
	const tag = colon > rest.lastIndexOf('/') ? rest.slice(colon + 1) : undefined;
	if (tag !== undefined && !tagPattern.test(tag)) {
		throw invalid(text, 'a tag has at most 128 letters, digits, ".", "_" and "-", and starts with none of ".-"');
	}
	return { name: tag === undefined ? rest : rest.slice(0, colon), tag, digest };
}

/** Docker's rule: the first component is a registry only where it has a dot, a port or capitals, or is `localhost`. */
function splitRegistry(name: string): Pick<Reference, 'registry' | 'repository'> {
	const slash = name.indexOf('/');
	const first = slash === -1 ? '' : name.slice(0, slash);
	const isRegistry = slash !== -1 && (/[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase());
	const registry = isRegistry && first !== legacyDefaultRegistry ? first : defaultRegistry;
	const path = isRegistry ? name.slice(slash + 1) : name;
	const official = registry === defaultRegistry && !path.includes('/');
	return { registry, repository: official ? `${officialPrefix}${path}` : path };
}

function checkRepository(text: string, repository: string): void {
	if (repository.length > longestRepository) {
		throw invalid(text, `the repository is longer than ${longestRepository} characters`);
	}
	for (const component of repository.split('/')) {
		if (componentPattern.test(component)) continue;
		if (component === '') throw invalid(text, 'a part of the name is empty');
		if (componentPattern.test(component.toLowerCase())) throw invalid(text, 'the repository must be lowercase');
		throw invalid(
			text,
			`"${printable(component)}" may have only a-z, 0-9 and single ".", "_", "__" or "-" between them`,
		);
	}
}

function invalid(text: string, why: string): EngineError<'invalid-reference'> {
	return new EngineError('invalid-reference', { text: printable(text), why });
}
