import { EngineError } from '../errors.ts';
import type { ImageId, ReferenceText } from '../model.ts';
import type { ImageSource, LoadedImage } from '../port.ts';
import { resolveImage } from './resolve.ts';
import { type ImageContent, layerStack, storeImage } from './store-image.ts';
import type { MemoryWorld } from './world.ts';

/** What `save` writes: this engine's own JSON, which only this engine reads. */
interface ArchivedImage {
	readonly content: ImageContent;
	readonly references: readonly ReferenceText[];
}

const archiveFormat = 'tonnage-memory-archive';

/** All of a source as text; a path is looked up among the world's archives. @throws EngineError not-found */
export async function readSource(world: MemoryWorld, source: ImageSource): Promise<string> {
	if (source.type === 'path') {
		const text = world.archives.get(source.path);
		if (text === undefined) throw new EngineError('not-found', { what: 'file', id: source.path });
		return text;
	}
	const decoder = new TextDecoder();
	let text = '';
	for await (const chunk of source.stream) text += decoder.decode(chunk, { stream: true });
	return text + decoder.decode();
}

/** One archive of all the named images. @throws EngineError not-found, ambiguous */
export function exportArchive(world: MemoryWorld, names: readonly string[]): string {
	const chosen = new Map<ImageId, ReferenceText[]>();
	for (const name of names) {
		const { image, tag } = resolveImage(world, name);
		const references = chosen.get(image.id) ?? [];
		if (tag !== undefined && !references.includes(tag.reference)) references.push(tag.reference);
		chosen.set(image.id, references);
	}
	const images = [...chosen].map(([id, references]): ArchivedImage => ({ content: contentOf(world, id), references }));
	return JSON.stringify({ format: archiveFormat, images });
}

/** Takes in every image of an archive. @throws EngineError corrupt */
export function importArchive(world: MemoryWorld, text: string, where: string): readonly LoadedImage[] {
	return parseArchive(text, where).map(({ content, references }) => {
		const stored = storeImage(world, { ...content, createdAt: content.createdAt ?? undefined }, references);
		world.recordEvent('load', { kind: 'image', id: stored.id }, { name: references[0] ?? stored.id });
		return { ...stored, references };
	});
}

function parseArchive(text: string, where: string): readonly ArchivedImage[] {
	try {
		const document = JSON.parse(text) as { readonly format?: unknown; readonly images?: readonly ArchivedImage[] };
		if (document.format === archiveFormat && Array.isArray(document.images)) return document.images;
	} catch (error) {
		throw new EngineError('corrupt', { what: 'the archive', where, why: 'it is not JSON' }, { cause: error });
	}
	throw new EngineError('corrupt', { what: 'the archive', where, why: `it is not a ${archiveFormat}` });
}

function contentOf(world: MemoryWorld, id: ImageId): ImageContent {
	const image = world.images.get(id);
	if (image === undefined) throw new EngineError('not-found', { what: 'image', id });
	return {
		layers: layerStack(world, image.topChainId)
			.flatMap((chainId) => world.layers.get(chainId) ?? [])
			.map(({ createdBy, sizeBytes }) => ({ name: createdBy, sizeBytes })),
		run: image.run,
		platform: image.platform,
		author: image.author,
		comment: image.history.at(-1)?.comment ?? '',
		createdAt: image.createdAt,
		repositoryDigests: image.repositoryDigests,
	};
}
