import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MetadataDatabase } from '../../../src/engine/embedded/database.ts';
import { migrations } from '../../../src/engine/embedded/schema.ts';
import { isEngineError } from '../../../src/engine/errors.ts';

let directory: string;
beforeEach(() => {
	directory = mkdtempSync(join(tmpdir(), 'tonnage-db-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const open = () =>
	new MetadataDatabase({
		path: join(directory, 'metadata.db'),
		changedFile: join(directory, 'changed'),
		now: () => 1000,
	});

function errorOf(act: () => unknown): unknown {
	try {
		act();
	} catch (error) {
		return error;
	}
	return undefined;
}

describe('the metadata', () => {
	it('rolls a failed transaction back whole, events too', () => {
		const database = open();
		expect(() =>
			database.write(() => {
				database.recordEvent('load', { kind: 'image', id: 'a' });
				throw new Error('cut');
			}),
		).toThrow('cut');
		expect(database.lastEventSequence()).toBe(0);
		database.write(() => database.recordEvent('load', { kind: 'image', id: 'b' }, { name: 'x' }));
		expect(database.eventsSince(0)).toEqual([
			{ sequence: 1, action: 'load', key: { kind: 'image', id: 'b' }, at: 1000, attributes: { name: 'x' } },
		]);
		database.close();
	});

	it('joins nested transactions into the outer one', () => {
		const database = open();
		expect(() =>
			database.write(() => {
				database.write(() => database.recordEvent('load', { kind: 'image', id: 'a' }));
				throw new Error('cut');
			}),
		).toThrow('cut');
		expect(database.lastEventSequence()).toBe(0);
		database.close();
	});

	it('of format 1 is brought to the newest format with everything that is in it', () => {
		const raw = new DatabaseSync(join(directory, 'metadata.db'));
		raw.exec(`${migrations[0]}; PRAGMA user_version = 1;
			INSERT INTO store VALUES (1, 41, 7);
			INSERT INTO volume (name, anonymous, labels, created_at, generation) VALUES ('logbook', 0, '{}', 5, 41);`);
		raw.close();
		const database = open();
		expect(database.get('PRAGMA user_version')).toEqual({ user_version: migrations.length });
		expect(database.revision()).toBe(41);
		expect(database.get('SELECT name FROM volume')).toEqual({ name: 'logbook' });
		for (const table of ['pin', 'plan', 'sweep']) expect(database.all(`SELECT * FROM ${table}`)).toEqual([]);
		database.close();
	});

	it('refuses a write outside of a transaction', () => {
		const database = open();
		expect(() => database.run('DELETE FROM event')).toThrow('outside of a transaction');
		database.close();
	});

	it('shows one connection what another has committed', () => {
		const [one, other] = [open(), open()];
		const before = other.dataVersion();
		one.write(() => one.nextGeneration());
		expect(other.dataVersion()).not.toBe(before);
		expect(other.revision()).toBe(1);
		one.close();
		other.close();
	});

	it('of a newer format is left as it is, with both numbers in the sentence', () => {
		open().close();
		const raw = new DatabaseSync(join(directory, 'metadata.db'));
		raw.exec('PRAGMA user_version = 99');
		raw.close();
		const error = errorOf(open);
		expect(isEngineError(error, 'store-version') && error.message).toContain(
			`has format 99, but this tonnage knows formats up to ${migrations.length}`,
		);
	});

	it('that is no database at all is called corrupt', () => {
		writeFileSync(
			join(directory, 'metadata.db'),
			'not a database, but long enough to be looked at as one. '.repeat(40),
		);
		expect(isEngineError(errorOf(open), 'corrupt')).toBe(true);
	});
});
