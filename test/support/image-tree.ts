import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lowerDirectories } from '../../src/engine/embedded/layers/layer-store.ts';
import { mountOverlay, unmountOverlay } from '../../src/engine/embedded/layers/overlay.ts';
import { unlinkTree } from '../../src/engine/embedded/layers/unlink-tree.ts';
import type { Store } from '../../src/engine/embedded/store.ts';
import type { ChainId } from '../../src/engine/model.ts';

/** Mounts an image's root as a container would see it, for the time of `look`. */
export function withImageTree<T>(store: Store, imageId: string, look: (root: string) => T): T {
	const row = store.database.get<{ top: ChainId | null }>(
		'SELECT top_chain_id AS top FROM image WHERE id = ?',
		imageId,
	);
	const directory = mkdtempSync(join(tmpdir(), 'tonnage-tree-'));
	const [upper = '', work = '', target = ''] = ['upper', 'work', 'root'].map((name) => join(directory, name));
	for (const path of [upper, work, target]) mkdirSync(path);
	try {
		mountOverlay({ lowers: lowerDirectories(store, row?.top), upper, work, target });
		return look(target);
	} finally {
		unmountOverlay(target);
		unlinkTree(directory);
	}
}
