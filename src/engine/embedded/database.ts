import { chmodSync, closeSync, openSync, utimesSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { EngineError } from '../errors.ts';
import type { EngineEvent, Generation, Instant, ResourceKey } from '../model.ts';
import { migrations } from './schema.ts';
import { exhaustedResource } from './space.ts';

/** How many event rows are kept for readers that were away. */
const retainedEvents = 10_000;
/** Longer than any transaction of ours; past it the store counts as held by something that hangs. */
const busyTimeoutMs = 10_000;

/** What a row looks like as it comes from SQLite. */
export type Row = Readonly<Record<string, SQLInputValue>>;

/**
 * The metadata of one store. All writes go through `write`, which is one BEGIN IMMEDIATE transaction, so that two
 * processes never interleave. Synchronous and short: nothing inside a transaction may wait for anything else.
 */
export class MetadataDatabase {
	readonly #database: DatabaseSync;
	readonly #statements = new Map<string, StatementSync>();
	readonly #changedFile: string;
	readonly #now: () => Instant;
	readonly path: string;
	#depth = 0;
	#eventsWritten = false;

	/** @throws EngineError store-version, corrupt, permission-denied, locked, out-of-space */
	constructor(options: { readonly path: string; readonly changedFile: string; readonly now: () => Instant }) {
		this.path = options.path;
		this.#changedFile = options.changedFile;
		this.#now = options.now;
		try {
			this.#database = new DatabaseSync(options.path, { timeout: busyTimeoutMs, enableForeignKeyConstraints: true });
		} catch (error) {
			throw translated(error, options.path);
		}
		try {
			this.#prepareStore();
		} catch (error) {
			this.#database.close();
			throw error instanceof EngineError ? error : translated(error, options.path);
		}
	}

	/** Rows of a query. Statements are prepared once and kept. */
	all<T = Row>(sql: string, ...values: readonly SQLInputValue[]): readonly T[] {
		return this.#guarded(() => this.#statement(sql).all(...values) as T[]);
	}

	/** The first row, if any. */
	get<T = Row>(sql: string, ...values: readonly SQLInputValue[]): T | undefined {
		return this.#guarded(() => this.#statement(sql).get(...values) as T | undefined);
	}

	/** Runs one statement; only inside `write`. Gives the number of changed rows. */
	run(sql: string, ...values: readonly SQLInputValue[]): number {
		if (this.#depth === 0) throw new Error(`a write outside of a transaction: ${sql}`);
		return this.#guarded(() => Number(this.#statement(sql).run(...values).changes));
	}

	/**
	 * One transaction under the store's write lock; nested calls join the outer one. All or nothing.
	 * Must be short and synchronous. Readers in other processes are not held up.
	 * @throws EngineError locked where another process holds the lock for too long, out-of-space
	 */
	write<T>(change: () => T): T {
		if (this.#depth > 0) return change();
		this.#guarded(() => this.#database.exec('BEGIN IMMEDIATE'));
		this.#depth = 1;
		this.#eventsWritten = false;
		try {
			const result = change();
			this.#guarded(() => this.#database.exec('COMMIT'));
			this.#depth = 0;
			if (this.#eventsWritten) this.#announce();
			return result;
		} catch (error) {
			this.#depth = 0;
			if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
			throw error;
		}
	}

	/**
	 * As `write`, but a power failure shortly after may undo it, as if it had never been; a killed process never does.
	 * For what a restart of the host makes void anyway: leases, and what runs. Saves the wait for the disk.
	 */
	writeVolatile<T>(change: () => T): T {
		if (this.#depth > 0) return change();
		this.#database.exec('PRAGMA synchronous = NORMAL');
		try {
			return this.write(change);
		} finally {
			this.#database.exec('PRAGMA synchronous = FULL');
		}
	}

	/** Several reads that see one state of the store. Must be short and synchronous. */
	read<T>(look: () => T): T {
		if (this.#depth > 0 || this.#database.isTransaction) return look();
		this.#guarded(() => this.#database.exec('BEGIN'));
		try {
			return look();
		} finally {
			this.#database.exec('COMMIT');
		}
	}

	/** A new generation for a row that is being changed; only inside `write`. Also the store's revision. */
	nextGeneration(): number {
		this.run('UPDATE store SET revision = revision + 1');
		return this.revision();
	}

	/** Grows with every change. */
	revision(): number {
		return this.get<{ revision: number }>('SELECT revision FROM store')?.revision ?? 0;
	}

	/** Adds an event to the transaction that makes it true; only inside `write`. */
	recordEvent(action: string, key: ResourceKey, attributes: Readonly<Record<string, string>> = {}): void {
		this.run(
			'INSERT INTO event (action, kind, resource_id, at, attributes) VALUES (?, ?, ?, ?, ?)',
			action,
			key.kind,
			key.id,
			this.#now(),
			JSON.stringify(attributes),
		);
		const last = this.lastEventSequence();
		if (last % 100 === 0) this.run('DELETE FROM event WHERE sequence <= ?', last - retainedEvents);
		this.#eventsWritten = true;
	}

	/** Sequence of the newest event, 0 before the first. */
	lastEventSequence(): number {
		return this.get<{ last: number | null }>('SELECT MAX(sequence) AS last FROM event')?.last ?? 0;
	}

	/** Events after `sequence`, oldest first. */
	eventsSince(sequence: number): readonly EngineEvent[] {
		return this.all<EventRow>('SELECT * FROM event WHERE sequence > ? ORDER BY sequence LIMIT 1000', sequence).map(
			(row) => ({
				sequence: row.sequence,
				action: row.action,
				key: { kind: row.kind, id: row.resource_id },
				at: row.at,
				attributes: JSON.parse(row.attributes) as Record<string, string>,
			}),
		);
	}

	/** Changes when another connection has committed. Costs no disk read to speak of. */
	dataVersion(): number {
		return this.get<{ data_version: number }>('PRAGMA data_version')?.data_version ?? 0;
	}

	close(): void {
		if (this.#database.isOpen) this.#database.close();
	}

	#prepareStore(): void {
		const version = this.#userVersion();
		if (version > migrations.length) {
			throw new EngineError('store-version', { path: this.path, found: version, supported: migrations.length });
		}
		if (version === 0) chmodSync(this.path, 0o600);
		this.#database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;');
		if (version < migrations.length) this.#migrate();
	}

	/** Two processes may open a fresh store at once: the version is read again under the lock. */
	#migrate(): void {
		this.write(() => {
			for (let version = this.#userVersion(); version < migrations.length; version++) {
				this.#database.exec(migrations[version] ?? '');
				this.#database.exec(`PRAGMA user_version = ${version + 1}`);
			}
			this.run('INSERT OR IGNORE INTO store (singleton, revision, created_at) VALUES (1, 0, ?)', this.#now());
		});
	}

	#userVersion(): number {
		return this.get<{ user_version: number }>('PRAGMA user_version')?.user_version ?? 0;
	}

	#statement(sql: string): StatementSync {
		let statement = this.#statements.get(sql);
		if (statement === undefined) {
			statement = this.#database.prepare(sql);
			this.#statements.set(sql, statement);
		}
		return statement;
	}

	/** Watchers wait for this file; a failure to touch it only delays them until they poll. */
	#announce(): void {
		const at = this.#now() / 1000;
		try {
			utimesSync(this.#changedFile, at, at);
		} catch {
			try {
				closeSync(openSync(this.#changedFile, 'a', 0o600));
			} catch {}
		}
	}

	#guarded<T>(act: () => T): T {
		try {
			return act();
		} catch (error) {
			throw translated(error, this.path);
		}
	}
}

/** A generation as the port hands it out. */
export function generationFrom(value: number): Generation {
	return String(value) as Generation;
}

interface EventRow {
	readonly sequence: number;
	readonly action: string;
	readonly kind: ResourceKey['kind'];
	readonly resource_id: string;
	readonly at: number;
	readonly attributes: string;
}

/** SQLite's result codes that are about the world, not about our SQL. Spec: sqlite.org/rescode.html */
function translated(error: unknown, path: string): unknown {
	if (!(error instanceof Error) || !('errcode' in error)) return error;
	const code = Number(error.errcode) & 0xff;
	const options = { cause: error };
	// Without room for a journal, SQLite speaks of other things.
	const resource = code === 10 || code === 14 ? exhaustedResource(dirname(path)) : undefined;
	if (resource !== undefined) return new EngineError('out-of-space', { path, resource }, options);
	switch (code) {
		case 5:
		case 6:
			return new EngineError('locked', { path, holderPid: undefined }, options);
		case 13:
			return new EngineError('out-of-space', { path, resource: 'bytes' }, options);
		case 3:
		case 8:
		case 14:
		case 23:
			return new EngineError('permission-denied', { operation: 'open', path }, options);
		case 10:
			return new EngineError('io-failed', { operation: 'use', path, code: error.message }, options);
		case 11:
		case 26:
			return new EngineError('corrupt', { what: 'the store’s database', where: path, why: error.message }, options);
		default:
			return error;
	}
}
