import type { Images } from '../../port.ts';
import { readBlob } from '../content/blob-store.ts';
import type { Store } from '../store.ts';
import { importImage } from './import.ts';
import { inspectImage } from './inspect-image.ts';
import { listImages } from './list-images.ts';
import { loadImages } from './load.ts';
import { removeImage } from './remove-image.ts';
import { resolveImage } from './resolve-image.ts';
import { saveImages } from './save.ts';
import { tagImage } from './tags.ts';

/** The port's images over one store. */
export function createImages(store: Store): Images {
	return {
		list: async () => listImages(store),
		inspect: async (name) => inspectImage(store, resolveImage(store, name)),
		config: async (name) => new TextDecoder().decode(readBlob(store, resolveImage(store, name))),
		tag: async (name, reference) => tagImage(store, name, reference),
		remove: (name, options) => removeImage(store, name, options),
		load: (source, options) => loadImages(store, source, options),
		save: (names, options) => saveImages(store, names, options),
		import: (source, options) => importImage(store, source, options),
	};
}
