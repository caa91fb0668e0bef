import { EngineError, isEngineError } from '../errors.ts';
import type { ImageId } from '../model.ts';
import { canonicalReference } from '../reference.ts';
import type { MemoryContainer, MemoryImage, MemoryTag, MemoryWorld } from './world.ts';

/** What a name of an image led to. */
export interface ResolvedImage {
	readonly image: MemoryImage;
	/** The tag that was named; undefined where it was named by id or by digest. */
	readonly tag: MemoryTag | undefined;
}

/** By reference first, then by id or a unique prefix of one, as Docker does. @throws EngineError not-found, ambiguous, invalid-reference */
export function resolveImage(world: MemoryWorld, name: string): ResolvedImage {
	const hex = name.replace(/^sha256:/, '');
	const looksLikeId = /^[0-9a-f]{1,64}$/.test(hex);
	const named = looksLikeId && name !== hex ? undefined : findByReference(world, name, looksLikeId);
	if (named !== undefined) return named;
	const matches = looksLikeId ? [...world.images.keys()].filter((id) => id.startsWith(`sha256:${hex}`)) : [];
	if (matches.length > 1)
		throw new EngineError('ambiguous', { what: 'image', id: name, matches: matches.map(shortId) });
	const image = matches[0] === undefined ? undefined : world.images.get(matches[0]);
	if (image === undefined) throw new EngineError('not-found', { what: 'image', id: name });
	return { image, tag: undefined };
}

/** By name, id or a unique prefix of an id. @throws EngineError not-found, ambiguous */
export function resolveContainer(world: MemoryWorld, name: string): MemoryContainer {
	const containers = [...world.containers.values()];
	const exact = containers.find((container) => container.id === name || container.name === name);
	if (exact !== undefined) return exact;
	const matches = name === '' ? [] : containers.filter(({ id }) => id.startsWith(name));
	if (matches.length > 1) {
		throw new EngineError('ambiguous', {
			what: 'container',
			id: name,
			matches: matches.map(({ id }) => id.slice(0, 12)),
		});
	}
	const container = matches[0];
	if (container === undefined) throw new EngineError('not-found', { what: 'container', id: name });
	return container;
}

function findByReference(world: MemoryWorld, name: string, looksLikeId: boolean): ResolvedImage | undefined {
	try {
		const reference = canonicalReference(name);
		const tag = world.tags.get(reference);
		const image =
			tag === undefined
				? [...world.images.values()].find(({ repositoryDigests }) => repositoryDigests.includes(reference))
				: world.images.get(tag.imageId);
		return image === undefined ? undefined : { image, tag };
	} catch (error) {
		if (looksLikeId && isEngineError(error, 'invalid-reference')) return undefined;
		throw error;
	}
}

function shortId(id: ImageId): string {
	return id.slice(7, 19);
}
