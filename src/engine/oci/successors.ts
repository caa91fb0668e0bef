import type { Descriptor } from '../model.ts';
import type { ImageIndex, Manifest } from './documents.ts';

/** What a document points to, in its own order: the edges of the graph of content. */
export function successors(document: Manifest | ImageIndex): readonly Descriptor[] {
	return 'manifests' in document ? document.manifests : [document.config, ...document.layers];
}
