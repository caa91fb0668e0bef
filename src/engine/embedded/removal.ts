import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, openSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { EngineError, isEngineError } from '../errors.ts';
import type { ResourceKey } from '../model.ts';
import type { RemovalOutcome, RemovalRequest } from '../port.ts';
import { type ContainerLock, tryLockContainer } from './containers/container-lock.ts';
import { containerDirectory } from './containers/container-paths.ts';
import { releaseContainer } from './containers/release.ts';
import { unlinkTree } from './layers/unlink-tree.ts';
import { isRecorded, judgeRecorded, judgeUnrecorded, type RecordedKind, removables } from './removal-guards.ts';
import type { Store } from './store.ts';
import { lockShared } from './system/syscalls.ts';

/** How many things one hold of the write lock may judge, so that others never wait long. */
const batchSize = 64;

/** One thing on its way out, and where its files wait to be unlinked. */
interface Victim {
	readonly index: number;
	readonly key: ResourceKey;
	/** Keeps verbs off a container from its mark until its files are in trash. */
	readonly lock: ContainerLock | undefined;
	trashPath: string | undefined;
	error: EngineError | undefined;
}

/** How to remove. */
export interface RemovalOptions {
	readonly signal?: AbortSignal;
	/** Containers whose lock the caller itself holds. */
	readonly lockedContainers?: ReadonlySet<string>;
}

/** As a request of the port, but without a generation where the caller itself holds the transaction's truth. */
export type AnyRemovalRequest = Omit<RemovalRequest, 'generation'> & { readonly generation: string | undefined };

/**
 * The one way in which anything leaves a store. Three steps, each of which a crash may follow: the rows are marked
 * (from here on it is gone for everybody), the files are renamed into trash and the rows deleted, the trash is unlinked.
 * `finishRemovals` completes what a crash left. Outcomes come in the order of the requests.
 */
export async function removeResources(
	store: Store,
	requests: readonly AnyRemovalRequest[],
	options: RemovalOptions = {},
): Promise<readonly RemovalOutcome[]> {
	const outcomes: RemovalOutcome[] = [];
	const victims: Victim[] = [];
	const trash = openSync(store.paths.trash, 'r');
	try {
		// Recovery in another process leaves the trash alone meanwhile: whoever put it there counts it.
		lockShared(trash);
		for (let start = 0; start < requests.length; start += batchSize) {
			options.signal?.throwIfAborted();
			const batch = requests.slice(start, start + batchSize);
			const chosen = markBatch(store, { batch, start, outcomes, options });
			retire(store, chosen);
			victims.push(...chosen);
		}
		for (const victim of victims) {
			// Unlinking is the long part: others on this thread get their turn in between.
			await nextTurn();
			outcomes[victim.index] = unlinkVictim(victim);
		}
	} finally {
		closeSync(trash);
	}
	return outcomes;
}

/** Completes the removal of one marked thing, for somebody who wants to store the same thing again. */
export function finishRemoval(store: Store, key: ResourceKey): void {
	const victim: Victim = { index: 0, key, lock: undefined, trashPath: undefined, error: undefined };
	retire(store, [victim]);
	if (victim.error !== undefined) throw victim.error;
	if (victim.trashPath !== undefined) unlinkTree(victim.trashPath);
}

/** Completes every removal that a crash cut short, referrers first. What cannot be completed stays marked. */
export function finishRemovals(store: Store): void {
	for (const kind of ['container', 'image', 'blob', 'layer', 'volume'] as const) {
		const { table, id } = removables[kind];
		// Children were stored after their parents, so the youngest go first.
		const rows = store.database.all<{ id: string }>(
			`SELECT ${id} AS id FROM ${table} WHERE removing = 1 ORDER BY rowid DESC`,
		);
		if (rows.length === 0) continue;
		const victims = rows.map(
			(row): Victim => ({
				index: 0,
				key: { kind, id: row.id },
				lock: undefined,
				trashPath: undefined,
				error: undefined,
			}),
		);
		retire(store, victims);
		for (const victim of victims) if (victim.trashPath !== undefined) unlinkTree(victim.trashPath);
	}
}

interface Batch {
	readonly batch: readonly AnyRemovalRequest[];
	/** Index of the batch's first request among all. */
	readonly start: number;
	readonly outcomes: RemovalOutcome[];
	readonly options: RemovalOptions;
}

/** Judges and marks a batch in one transaction; refusals and what is gone already go into `outcomes`. */
function markBatch(store: Store, { batch, start, outcomes, options }: Batch): readonly Victim[] {
	const victims: Victim[] = [];
	try {
		store.database.write(() => {
			for (const [offset, { key, generation }] of batch.entries()) {
				const index = start + offset;
				const verdict = isRecorded(key) ? judgeRecorded(store, { key, generation }) : judgeUnrecorded(store, key);
				if (verdict.type === 'gone') outcomes[index] = { type: 'already-gone', key };
				else if (verdict.type === 'refused') outcomes[index] = { type: 'refused', key, error: verdict.error };
				else {
					const lock =
						key.kind === 'container' && !options.lockedContainers?.has(key.id) ? lockVictim(store, key) : undefined;
					if (lock instanceof EngineError) outcomes[index] = { type: 'refused', key, error: lock };
					else {
						const victim: Victim = { index, key, lock, trashPath: undefined, error: undefined };
						victims.push(victim);
						if (isRecorded(key)) markRow(store, key);
						else attempt(victim, () => moveToTrash(store, victim));
					}
				}
			}
		});
	} catch (error) {
		for (const { lock } of victims) lock?.release();
		throw error;
	}
	return victims;
}

/** A container that another command is starting or stopping right now is in use, whatever its row says yet. */
function lockVictim(store: Store, key: ResourceKey): ContainerLock | EngineError<'in-use'> | undefined {
	if (!existsSync(containerDirectory(store, key.id))) return undefined;
	return (
		tryLockContainer(store, key.id) ??
		new EngineError('in-use', { what: 'container', id: key.id.slice(0, 12), by: ['another command'] })
	);
}

function markRow(store: Store, key: ResourceKey & { readonly kind: RecordedKind }): void {
	const { table, id, marked, action } = removables[key.kind];
	store.database.recordEvent(action, key, nameOf(store, key));
	const generation = store.database.nextGeneration();
	if (marked)
		store.database.run(`UPDATE ${table} SET removing = 1, generation = ? WHERE ${id} = ?`, generation, key.id);
	else store.database.run(`DELETE FROM ${table} WHERE ${id} = ?`, key.id);
}

/**
 * Files to trash and rows away, in order and under one write lock: whoever stores the same thing again completes its
 * removal first, so what has a row without a mark by then is new and not ours. One that fails stays marked and is
 * tried again at the next opening.
 */
function retire(store: Store, victims: readonly Victim[]): void {
	try {
		for (const victim of victims) {
			if (victim.key.kind === 'container') attempt(victim, () => releaseContainer(store, victim.key.id));
		}
		store.database.write(() => {
			for (const victim of victims) {
				const { key } = victim;
				if (!isRecorded(key) || victim.error !== undefined) continue;
				if (!removables[key.kind].marked || !isMarked(store, key)) continue;
				attempt(victim, () => moveToTrash(store, victim));
				if (victim.error === undefined) deleteRow(store, key);
			}
		});
	} finally {
		for (const { lock } of victims) lock?.release();
	}
}

function attempt(victim: Victim, act: () => void): void {
	try {
		act();
	} catch (error) {
		victim.error = asEngineError(error, victim.key);
	}
}

function isMarked(store: Store, key: ResourceKey & { readonly kind: RecordedKind }): boolean {
	const { table, id } = removables[key.kind];
	return store.database.get(`SELECT 1 FROM ${table} WHERE ${id} = ? AND removing = 1`, key.id) !== undefined;
}

function deleteRow(store: Store, key: ResourceKey & { readonly kind: RecordedKind }): void {
	const { table, id } = removables[key.kind];
	try {
		store.database.run(`DELETE FROM ${table} WHERE ${id} = ? AND removing = 1`, key.id);
	} catch (error) {
		// A referrer that could not be retired still has its row; this one stays marked and goes with it.
		if (!(error instanceof Error) || !('errcode' in error) || (Number(error.errcode) & 0xff) !== constraintFailed)
			throw error;
	}
}

/** Spec: sqlite.org/rescode.html#constraint */
const constraintFailed = 19;

/** Only inside `database.write`, in the transaction that has made sure that the files are still the victim's. */
function moveToTrash(store: Store, victim: Victim): void {
	const { key } = victim;
	const source = filesOf(store, key);
	if (source === undefined || !existsSync(source)) return;
	const target =
		key.kind === 'trash' ? source : join(store.paths.trash, `${key.kind}-${randomBytes(6).toString('hex')}`);
	if (target !== source) renameSync(source, target);
	victim.trashPath = target;
}

function filesOf(store: Store, key: ResourceKey): string | undefined {
	const column = (sql: string) => store.database.get<{ file: string }>(sql, key.id)?.file;
	switch (key.kind) {
		case 'tag':
		case 'image':
		case 'lease':
			return undefined;
		case 'container':
			return join(store.paths.containers, key.id);
		case 'volume':
			return join(store.paths.volumes, key.id);
		case 'blob': {
			const file = column('SELECT file FROM blob WHERE digest = ?');
			return file === undefined ? undefined : join(store.paths.blobs, file);
		}
		case 'layer': {
			const file = column('SELECT directory AS file FROM layer WHERE chain_id = ?');
			return file === undefined ? undefined : join(store.paths.layers, file);
		}
		case 'orphan':
		case 'ingest':
		case 'trash':
			return join(store.paths.root, key.id);
	}
}

function nameOf(store: Store, key: ResourceKey): Readonly<Record<string, string>> {
	if (key.kind !== 'container') return { name: key.id };
	const row = store.database.get<{ name: string; image_reference: string }>(
		'SELECT name, image_reference FROM container WHERE id = ?',
		key.id,
	);
	return row === undefined ? {} : { name: row.name, image: row.image_reference };
}

function unlinkVictim(victim: Victim): RemovalOutcome {
	const { key, error } = victim;
	if (error !== undefined) return { type: 'failed', key, freedBytes: 0, error };
	if (victim.trashPath === undefined) return { type: 'removed', key, freedBytes: 0 };
	const { freedBytes, failures } = unlinkTree(victim.trashPath);
	const first = failures[0];
	return first === undefined
		? { type: 'removed', key, freedBytes }
		: { type: 'failed', key, freedBytes, error: asEngineError(first, key) };
}

function asEngineError(error: unknown, key: ResourceKey): EngineError {
	if (isEngineError(error)) return error;
	const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
	const path = error instanceof Error && 'path' in error ? String(error.path) : `${key.kind} ${key.id}`;
	return new EngineError('io-failed', { operation: 'remove', path, code }, { cause: error });
}
