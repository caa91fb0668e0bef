import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Resource, ResourceKind } from '../model.ts';
import { generationFrom } from './database.ts';
import { measureTree, type TreeSize } from './layers/measure.ts';
import { isLeaseLive, leaseOfName } from './lease.ts';
import type { Store } from './store.ts';
import { isSystemError } from './system/syscalls.ts';

/** A file or directory of the store that no row knows. */
export interface Unrecorded {
	/** Relative to the store's root, e.g. `layers/3f….2`. */
	readonly path: string;
	/** `ingest` belongs to work that is under way or was cut short; `orphan` to nobody we know. */
	readonly kind: Extract<ResourceKind, 'ingest' | 'orphan' | 'trash'>;
	/** True where a live lease's name is on it: hands off. */
	readonly live: boolean;
}

/** Compares the directories with the metadata. Lists them, and walks nothing. */
export function findUnrecorded(store: Store): readonly Unrecorded[] {
	const { paths, database } = store;
	const names = (sql: string) => new Set(database.all<{ name: string }>(sql).map(({ name }) => name));
	const found: Unrecorded[] = [];
	const compare = (directory: string, known: ReadonlySet<string>) => {
		for (const name of readdirSync(join(paths.root, directory))) {
			if (known.has(name)) continue;
			const lease = leaseOfName(name);
			const live = lease !== undefined && isLeaseLive(paths, lease);
			const kind = directory === 'trash' ? 'trash' : lease === undefined ? 'orphan' : 'ingest';
			found.push({ path: `${directory}/${name}`, kind, live });
		}
	};
	compare('layers', names('SELECT directory AS name FROM layer').add(sharedWhiteout));
	compare('blobs', names('SELECT file AS name FROM blob'));
	compare('containers', names('SELECT id AS name FROM container'));
	compare('volumes', names('SELECT name FROM volume'));
	compare('ingest', new Set());
	compare('trash', new Set());
	return found;
}

/** The one whiteout device that unpacked layers link to may lie beside them. */
const sharedWhiteout = '.whiteout';

/**
 * The same as nodes of the inventory, measured: there are hardly ever any. What lies among the volumes may be the
 * only copy of something, so it stays where a volume with a name would.
 */
export function listUnrecorded(store: Store): readonly Resource[] {
	return findUnrecorded(store).flatMap(({ path, kind, live }): Resource[] => {
		const tree = measureIfThere(join(store.paths.root, path));
		if (tree === undefined) return [];
		const resource: Resource = {
			key: { kind, id: path },
			label: path,
			detail: live ? 'under way' : kind === 'orphan' ? 'unknown to the metadata' : 'left over',
			sizeBytes: tree.sizeBytes,
			diskBytes: tree.diskBytes,
			measuredAt: store.now(),
			createdAt: undefined,
			storedAt: store.now(),
			lastUsedAt: undefined,
			labels: {},
			root: live ? 'lease' : path.startsWith('volumes/') ? 'named-volume' : undefined,
			references: [],
			keptWith: undefined,
			hidden: false,
			generation: generationFrom(0),
		};
		return [resource];
	});
}

/** Another process may be unlinking it. */
function measureIfThere(path: string): TreeSize | undefined {
	try {
		return measureTree(path);
	} catch (error) {
		if (isSystemError(error, 'ENOENT')) return undefined;
		throw error;
	}
}
