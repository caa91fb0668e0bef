import {
	chmodSync,
	closeSync,
	fchmodSync,
	fchownSync,
	lstatSync,
	mkdirSync,
	openSync,
	readdirSync,
	renameSync,
} from 'node:fs';
import { join } from 'node:path';
import { EngineError } from '../../errors.ts';
import { flushTree, measureTreeBudgeted, type TreeSize } from '../layers/measure.ts';
import { unlinkTree } from '../layers/unlink-tree.ts';
import type { StorePaths } from '../paths.ts';
import { finishRemoval } from '../removal.ts';
import type { Store } from '../store.ts';
import { pathBytes } from '../system/byte-path.ts';
import { isSystemError, lockExclusive } from '../system/syscalls.ts';
import { copyTree } from './copy-tree.ts';

/** How long the end of a container may take to weigh one of its volumes. */
const measureBudgetMs = 10_000;

/** A volume's contents: what is mounted. */
export function volumeDataPath(paths: StorePaths, name: string): string {
	return join(paths.volumes, name, '_data');
}

/** Completes the removal of a volume of that name, so that a new one can be made. Not inside `database.write`. */
export function clearVolumeName(store: Store, name: string): void {
	const row = store.database.get('SELECT name FROM volume WHERE name = ? AND removing = 1', name);
	if (row !== undefined) finishRemoval(store, { kind: 'volume', id: name });
}

/** Makes sure of a volume, with its directory; only inside `database.write`. True where it is new. @throws EngineError locked while it is being removed */
export function ensureVolume(
	store: Store,
	volume: { readonly name: string; readonly anonymous: boolean; readonly labels: Readonly<Record<string, string>> },
): boolean {
	const row = store.database.get<{ removing: number }>('SELECT removing FROM volume WHERE name = ?', volume.name);
	if (row?.removing === 0) return false;
	const path = join(store.paths.volumes, volume.name);
	if (row !== undefined) throw new EngineError('locked', { path, holderPid: undefined });
	mkdirSync(volumeDataPath(store.paths, volume.name), { recursive: true });
	// Whatever the caller's umask says, users in a container may enter.
	chmodSync(volumeDataPath(store.paths, volume.name), 0o755);
	const now = store.now();
	const disk = [path, volumeDataPath(store.paths, volume.name)].reduce(
		(sum, each) => sum + lstatSync(each).blocks * 512,
		0,
	);
	store.database.run(
		`INSERT INTO volume (name, anonymous, labels, created_at, size_bytes, disk_bytes, measured_at, generation)
		VALUES (?, ?, ?, ?, 0, ?, ?, ?)`,
		volume.name,
		volume.anonymous ? 1 : 0,
		JSON.stringify(volume.labels),
		now,
		disk,
		now,
		store.database.nextGeneration(),
	);
	store.database.recordEvent('create', { kind: 'volume', id: volume.name }, { name: volume.name });
	return true;
}

/**
 * Copies what the image has at the mount point into a volume that is still empty, with the directory's own owner and
 * mode, as Docker does. `source` must be safe to read below and at rest. What a crash cut short is done again.
 */
export function populateVolume(store: Store, name: string, source: string): void {
	const data = volumeDataPath(store.paths, name);
	const staging = join(store.paths.volumes, name, '_staging');
	const lock = openSync(join(store.paths.volumes, name), 'r');
	try {
		lockExclusive(lock);
		const isUnfinished = lstatSync(staging, { throwIfNoEntry: false }) !== undefined;
		if (!isUnfinished && readdirSync(data).length > 0) return;
		unlinkTree(staging);
		mkdirSync(staging, 0o700);
		copyTree(source, staging);
		publishStaged(staging, data);
	} finally {
		closeSync(lock);
	}
}

/** Entry by entry: a container may be writing into the volume, and whatever it makes there is never followed. */
function publishStaged(staging: string, data: string): void {
	const { mode, uid, gid } = lstatSync(staging);
	const directory = openSync(data, 'r');
	try {
		for (const entry of readdirSync(staging, 'latin1')) {
			const to = pathBytes(`/proc/self/fd/${directory}/${entry}`);
			if (lstatSync(to, { throwIfNoEntry: false }) !== undefined) continue;
			renameSync(Buffer.concat([Buffer.from(`${staging}/`), pathBytes(entry)]), to);
		}
		fchownSync(directory, uid, gid);
		fchmodSync(directory, mode & 0o7777);
	} finally {
		closeSync(directory);
	}
	unlinkTree(staging);
}

/** Weighs volumes that a container has let go of and that no other one writes to. */
export function measureVolumes(store: Store, names: readonly string[]): void {
	for (const name of names) {
		const inUse = store.database.get(
			`SELECT 1 AS found FROM container_volume JOIN container ON container.id = container_id
			WHERE volume_name = ? AND status IN ('running', 'paused', 'restarting') AND removing = 0`,
			name,
		);
		if (inUse !== undefined) continue;
		const size = weighVolume(join(store.paths.volumes, name));
		if (size === undefined) continue;
		const now = store.now();
		store.database.writeVolatile(() =>
			store.database.run(
				'UPDATE volume SET size_bytes = ?, disk_bytes = ?, measured_at = ?, last_used_at = ? WHERE name = ?',
				size.sizeBytes,
				size.diskBytes,
				now,
				now,
				name,
			),
		);
	}
}

/** undefined where it takes too long, or the volume has been removed meanwhile. */
function weighVolume(path: string): TreeSize | undefined {
	try {
		flushTree(path);
		return measureTreeBudgeted(path, { deadline: Date.now() + measureBudgetMs });
	} catch (error) {
		if (isSystemError(error, 'ENOENT')) return undefined;
		throw error;
	}
}
