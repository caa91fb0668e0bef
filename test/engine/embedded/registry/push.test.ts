import { afterEach, beforeEach, expect, test } from 'vitest';
import { rememberLayerBlob } from '../../../../src/engine/embedded/registry/layer-blobs.ts';
import type { DiffId, ReferenceText } from '../../../../src/engine/model.ts';
import { makeImage } from '../../../support/image-archives.ts';
import { type LyingRegistry, startLyingRegistry } from '../../../support/lying-registry.ts';
import { failureOf, type RegistryWorld, registryWorld } from '../../../support/registry-world.ts';

const image = makeImage([{ 'bin/sh': '#!\n' }, { 'srv/app': 'app\n' }]);

let registry: LyingRegistry;
let world: RegistryWorld;
let copy: string;

beforeEach(async () => {
	registry = await startLyingRegistry();
	registry.serve(image, 'app', '1');
	world = registryWorld();
	await world.registry.pull(`${registry.host}/app:1`, world.pullOptions);
	// A name at another registry, as it were: what is known of the layers is of no use there.
	copy = `localhost:${registry.host.split(':')[1]}/copy:1`;
	await world.images.tag(`${registry.host}/app:1`, copy as ReferenceText);
	registry.seen.length = 0;
});

afterEach(async () => {
	await registry.stop();
	world.remove();
});

const refuseBlobs = ({ method, path }: { readonly method: string; readonly path: string }) =>
	method === 'HEAD' && path.includes('/blobs/');
const expectAtRest = () => {
	expect(world.store.database.all('SELECT * FROM lease')).toEqual([]);
	expect(world.store.database.all('SELECT * FROM lease_hold')).toEqual([]);
};

test('an upload that fails is begun anew, and each blob gets there whole', async () => {
	let failures = 2;
	registry.lie = (request, response) => {
		if (refuseBlobs(request)) response.writeHead(404).end();
		else if (request.method === 'PUT' && request.path.startsWith('/v2/upload') && failures-- > 0) {
			response.writeHead(500).end();
		} else return false;
		return true;
	};
	const pushed = await world.registry.push(copy, world.access);
	expect(pushed.sentLayers).toBe(2);
	registry.lie = () => false;
	const again = registryWorld();
	try {
		expect(await again.registry.pull(copy, again.pullOptions)).toMatchObject({ id: image.id, digest: pushed.digest });
	} finally {
		again.remove();
	}
	expectAtRest();
});

test.each([
	['that always fails', 'unavailable', 'status 500', 500, {}],
	['that is over a quota', 'denied', 'quota', 403, { errors: [{ code: 'DENIED', message: 'quota exceeded' }] }],
	['that has no room', 'registry-refused', 'status 413', 413, {}],
	['that says nothing of where to send it', 'bad-answer', 'where to go on', 202, {}],
])('an upload %s is one clear sentence, and leaves nothing held', async (_, code, words, status, body) => {
	registry.lie = (request, response) => {
		if (refuseBlobs(request)) response.writeHead(404).end();
		else if (request.method === 'POST') response.writeHead(status).end(JSON.stringify(body));
		else return false;
		return true;
	};
	const error = await failureOf(world.registry.push(copy, world.access));
	expect(`${error.code}: ${error.message}`).toContain(`${code}: `);
	expect(error.message).toContain(words);
	expectAtRest();
});

test('a registry that claims to keep another manifest than it was sent is found out', async () => {
	registry.lie = ({ method, path }, response) => {
		if (method !== 'PUT' || !path.includes('/manifests/')) return false;
		response.writeHead(201, { 'docker-content-digest': image.id }).end();
		return true;
	};
	expect((await failureOf(world.registry.push(copy, world.access))).code).toBe('digest-mismatch');
	expectAtRest();
});

test('an image in the specification’s words stays so', async () => {
	await world.registry.push(copy, world.access);
	const { text, mediaType } = await world.registry.manifest(copy, world.access);
	expect(mediaType).toBe('application/vnd.oci.image.manifest.v1+json');
	expect(text).not.toContain('docker');
});

test('what is known of layers that have gone is forgotten', async () => {
	const rows = () => world.store.database.all('SELECT * FROM layer_blob').length;
	const before = rows();
	await world.images.remove(image.id, { force: true });
	const descriptor = { mediaType: 'x', digest: image.id as never, size: 1 };
	rememberLayerBlob(world.store, `sha256:${'0'.repeat(64)}` as DiffId, { registry: 'a', repository: 'b', descriptor });
	expect([before, rows()]).toEqual([2, 1]);
});

test('a store of format 1 is taken over with all that is in it', async () => {
	const { DatabaseSync } = await import('node:sqlite');
	const { migrations } = await import('../../../../src/engine/embedded/schema.ts');
	const { openStore } = await import('../../../../src/engine/embedded/open.ts');
	const { mkdirSync } = await import('node:fs');
	const root = `${world.directory}/old`;
	mkdirSync(root);
	const old = new DatabaseSync(`${root}/metadata.db`);
	old.exec(migrations[0] ?? '');
	old.exec(
		"PRAGMA user_version = 1; INSERT INTO store VALUES (1, 7, 0); INSERT INTO volume (name, anonymous, labels, created_at, generation) VALUES ('hold', 0, '{}', 0, 1)",
	);
	old.close();
	const store = openStore({ root });
	try {
		expect(store.database.all('SELECT name FROM volume')).toEqual([{ name: 'hold' }]);
		expect(store.database.all('SELECT * FROM repository_digest')).toEqual([]);
		expect(store.database.revision()).toBeGreaterThanOrEqual(7);
	} finally {
		store.close();
	}
});
