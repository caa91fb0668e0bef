import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findImage } from '../../../../src/engine/embedded/images/resolve-image.ts';
import { temporaryStore } from '../../../support/store.ts';

let opened: ReturnType<typeof temporaryStore>;
const ids = ['aaa111', 'aaa222', 'bbb333'].map((start) => `sha256:${start.padEnd(64, '0')}`);

beforeEach(() => {
	opened = temporaryStore();
	const { database } = opened.store;
	database.write(() => {
		for (const id of ids) {
			database.run("INSERT INTO blob VALUES (?, 'x', ?, 1, 1, 1, 0, 1)", id, id);
			database.run(
				"INSERT INTO image (id, layer_count, size_bytes, os, architecture, variant, labels, stored_at, generation) VALUES (?, 0, 0, 'linux', 'amd64', '', '{}', 1, 1)",
				id,
			);
		}
		// A name that looks like the beginning of another image's ID.
		for (const reference of ['docker.io/library/app:latest', 'docker.io/library/aaa111:latest']) {
			database.run('INSERT INTO tag VALUES (?, ?, 1, 1)', reference, ids[2] ?? '');
		}
	});
});

afterEach(() => opened.remove());

describe('an image is found', () => {
	test.each([
		['app', 2, 'docker.io/library/app:latest'],
		['app:latest', 2, 'docker.io/library/app:latest'],
		['docker.io/library/app', 2, 'docker.io/library/app:latest'],
		['aaa111', 2, 'docker.io/library/aaa111:latest'],
		['aaa2', 1, undefined],
		['sha256:aaa1', 0, undefined],
		['b', 2, undefined],
		[ids[0] ?? '', 0, undefined],
		[(ids[1] ?? '').slice(7), 1, undefined],
		[`anything@${ids[1]}`, 1, undefined],
	])('by %s', (name, index, reference) => {
		expect(findImage(opened.store, name)).toEqual({ id: ids[index], reference });
	});
});

describe('an image is not found', () => {
	test.each([
		['nothing', 'No image is called "nothing"'],
		['app:2', 'No image is called "app:2"'],
		['ccc', 'No image'],
		['f'.repeat(64), 'No image'],
		['aaa', 'fits 2 images: aaa111000000, aaa222000000'],
		['APP', 'must be lowercase'],
		['', 'it is empty'],
		['sha256:xyz', 'No image'],
		[`app@sha256:${'f'.repeat(64)}`, 'No image'],
	])('by %j', (name, words) => {
		expect(() => findImage(opened.store, name)).toThrow(words);
	});

	test('while it is being removed', () => {
		opened.store.database.write(() =>
			opened.store.database.run('UPDATE image SET removing = 1 WHERE id = ?', ids[1] ?? ''),
		);
		expect(() => findImage(opened.store, ids[1] ?? '')).toThrow('No image');
		expect(findImage(opened.store, 'aaa').id).toBe(ids[0]);
	});
});
