import { join } from 'node:path';
import { EngineError } from '../errors.ts';
import type { ResourceKey, ResourceKind } from '../model.ts';
import { isLeaseLive, leaseOfName } from './lease.ts';
import type { Store } from './store.ts';
import { mountsUsing } from './system/host-mounts.ts';
import { findUnrecorded } from './unrecorded.ts';

/** Kinds that are rows of the metadata; the others are only files. */
export type RecordedKind = Exclude<ResourceKind, 'orphan' | 'trash' | 'ingest' | 'lease'>;

/** How the removal of one kind works: its table, who may refer to it, and what it has on disk. */
interface Removable {
	readonly table: string;
	readonly id: string;
	/** Has files, so its row is marked first and goes last. */
	readonly marked: boolean;
	/** Words for the live referrers of one id, each `SELECT word FROM … WHERE … = ?`. */
	readonly referrers: readonly string[];
	/** Docker's word for the event. */
	readonly action: string;
}

/** The one table that knows how each recorded kind is removed. A new kind is one more line. */
export const removables: { readonly [Kind in RecordedKind]: Removable } = {
	tag: { table: 'tag', id: 'reference', marked: false, referrers: [], action: 'untag' },
	container: { table: 'container', id: 'id', marked: true, referrers: [], action: 'destroy' },
	image: {
		table: 'image',
		id: 'id',
		marked: true,
		referrers: [
			`SELECT 'a pin' AS word FROM pin WHERE image_id = ?`,
			`SELECT 'tag ' || reference AS word FROM tag WHERE image_id = ?`,
			`SELECT 'container ' || name || ' (' || status || ')' AS word FROM container WHERE image_id = ? AND removing = 0`,
		],
		action: 'delete',
	},
	blob: {
		table: 'blob',
		id: 'digest',
		marked: true,
		referrers: [
			`SELECT 'image ' || substr(id, 8, 12) AS word FROM image WHERE id = ? AND removing = 0`,
			`SELECT 'image ' || substr(image.id, 8, 12) AS word FROM image_manifest JOIN image ON image.id = image_id
			WHERE digest = ? AND removing = 0`,
		],
		action: 'delete',
	},
	layer: {
		table: 'layer',
		id: 'chain_id',
		marked: true,
		referrers: [
			`SELECT 'layer ' || substr(chain_id, 8, 12) AS word FROM layer WHERE parent_chain_id = ? AND removing = 0`,
			`SELECT 'image ' || substr(id, 8, 12) AS word FROM image WHERE top_chain_id = ? AND removing = 0`,
		],
		action: 'delete',
	},
	volume: {
		table: 'volume',
		id: 'name',
		marked: true,
		referrers: [
			`SELECT 'container ' || name || ' (' || status || ')' AS word FROM container_volume
			JOIN container ON container.id = container_id WHERE volume_name = ? AND container.removing = 0`,
		],
		action: 'destroy',
	},
};

/** True for kinds with a row. */
export function isRecorded(key: ResourceKey): key is ResourceKey & { readonly kind: RecordedKind } {
	return key.kind in removables;
}

/** What a guard answers: fine, not there any more, or why not. */
export type Verdict =
	| { readonly type: 'free' }
	| { readonly type: 'gone' }
	| { readonly type: 'refused'; readonly error: EngineError<'in-use' | 'changed'> };

/**
 * Whether one recorded thing may go at this moment: it is still what the caller saw, and no live referrer and no
 * live lease holds it. Only inside `database.write`, so that the answer stays true until the mark is set.
 */
export function judgeRecorded(
	store: Store,
	request: { readonly key: ResourceKey & { readonly kind: RecordedKind }; readonly generation: string | undefined },
): Verdict {
	const { key } = request;
	const removable = removables[key.kind];
	const columns = `generation${removable.marked ? ', removing' : ''}${key.kind === 'container' ? ', status, name' : ''}`;
	const row = store.database.get<{ generation: number; removing?: number; status?: string; name?: string }>(
		`SELECT ${columns} FROM ${removable.table} WHERE ${removable.id} = ?`,
		key.id,
	);
	if (row === undefined || row.removing === 1) return { type: 'gone' };
	if (request.generation !== undefined && String(row.generation) !== request.generation) {
		return { type: 'refused', error: new EngineError('changed', { key }) };
	}
	const by = [
		...(row.status === 'running' || row.status === 'paused' ? [`its own process (${row.status})`] : []),
		...removable.referrers.flatMap((query) =>
			store.database.all<{ word: string }>(query, key.id).map(({ word }) => word),
		),
		...liveHolders(store, key),
		...(key.kind === 'volume' ? hostMounts(join(store.paths.volumes, key.id)) : []),
	];
	if (by.length === 0) return { type: 'free' };
	return { type: 'refused', error: new EngineError('in-use', { what: key.kind, id: shortId(key), by }) };
}

/** Whether a path of the store that no row knows may go: still there, still unknown, and no live lease's. `id` is relative to the store's root. */
export function judgeUnrecorded(store: Store, key: ResourceKey): Verdict {
	const found = findUnrecorded(store).find(({ path }) => path === key.id);
	if (found === undefined) return { type: 'gone' };
	if (!found.live) return { type: 'free' };
	return {
		type: 'refused',
		error: new EngineError('in-use', { what: key.kind, id: key.id, by: [`lease ${leaseOfName(key.id)}`] }),
	};
}

/** The host itself may use a volume: nothing in the metadata says so. */
function hostMounts(directory: string): readonly string[] {
	return mountsUsing(directory).map((point) => `a mount at ${point}`);
}

function liveHolders(store: Store, key: ResourceKey): readonly string[] {
	return store.database
		.all<{ id: string; purpose: string; pid: number }>(
			`SELECT lease.id, purpose, pid FROM lease_hold JOIN lease ON lease.id = lease_id WHERE kind = ? AND resource_id = ?`,
			key.kind,
			key.id,
		)
		.filter(({ id }) => isLeaseLive(store.paths, id))
		.map(({ purpose, pid }) => `${purpose} (pid ${pid})`);
}

function shortId(key: ResourceKey): string {
	return key.id.startsWith('sha256:') ? key.id.slice(7, 19) : key.kind === 'container' ? key.id.slice(0, 12) : key.id;
}
