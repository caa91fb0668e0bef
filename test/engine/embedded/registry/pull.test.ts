import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { removeResources } from '../../../../src/engine/embedded/removal.ts';
import type { ChainId } from '../../../../src/engine/model.ts';
import { hostPlatform } from '../../../../src/engine/oci/platform.ts';
import { makeImage, sha256 } from '../../../support/image-archives.ts';
import { type LyingRegistry, type ServedImage, startLyingRegistry } from '../../../support/lying-registry.ts';
import { expectNothingLeft, failureOf, type RegistryWorld, registryWorld } from '../../../support/registry-world.ts';

/** Does not compress, so that its blob is as long as it looks. */
const noise = Array.from({ length: 40_000 }, (_, index) => sha256(Buffer.from(String(index)))).join('');
const image = makeImage([{ 'bin/sh': '#!\n' }, { 'srv/data': noise }, { 'srv/app': 'app\n' }]);
const other = makeImage([{ 'bin/sh': '#!\n' }, { 'srv/other': 'other\n' }], { architecture: 'riscv64' });
const indexType = 'application/vnd.oci.image.index.v1+json';

let registry: LyingRegistry;
let served: ServedImage;
let world: RegistryWorld;

beforeEach(async () => {
	registry = await startLyingRegistry();
	served = registry.serve(image, 'fleet/app', '1');
	world = registryWorld();
});

afterEach(async () => {
	await registry.stop();
	world.remove();
});

const layerRequests = () =>
	registry.seen.filter(({ path }) => served.layers.some(({ digest }) => path.endsWith(digest)));
const bigLayer = () => served.layers[1] ?? { digest: '', bytes: Buffer.alloc(0) };
const pull = (name: string, more: object = {}) =>
	world.registry.pull(`${registry.host}/${name}`, { ...world.pullOptions, ...more });

describe('a pull', () => {
	test('takes the image in with its ID, its layers and the digest the registry knows it by', async () => {
		const pulled = await pull('fleet/app:1');
		expect(pulled).toMatchObject({
			id: image.id,
			digest: served.manifestDigest,
			newLayers: 3,
			reusedLayers: 0,
			changed: true,
		});
		const detail = await world.images.inspect(pulled.reference);
		expect(detail.layers.map(({ diffId }) => diffId)).toEqual(image.diffIds);
		expect(detail.repositoryDigests).toEqual([`${registry.host}/fleet/app@${served.manifestDigest}`]);
		expect(detail.manifestDigests).toEqual([served.manifestDigest]);
	});

	test('again asks for no layer, and says that nothing has changed', async () => {
		await pull('fleet/app:1');
		registry.seen.length = 0;
		expect(await pull('fleet/app:1')).toMatchObject({ changed: false, newLayers: 0 });
		expect(layerRequests()).toEqual([]);
	});

	test('of an image on a base that is here fetches only the rest', async () => {
		const base = makeImage([{ 'bin/sh': '#!\n' }]);
		registry.serve(base, 'fleet/base', '1');
		await pull('fleet/base:1');
		registry.seen.length = 0;
		expect(await pull('fleet/app:1')).toMatchObject({ reusedLayers: 1, newLayers: 2 });
		expect(layerRequests().map(({ path }) => path.slice(path.indexOf('sha256:')))).toEqual(
			served.layers.slice(1).map(({ digest }) => digest),
		);
	});

	test('by digest gives the image no name, but leads to it', async () => {
		const name = `${registry.host}/fleet/app@${served.manifestDigest}`;
		await pull(`fleet/app@${served.manifestDigest}`);
		expect(await world.images.inspect(name)).toMatchObject({ id: image.id, references: [], repositoryDigests: [name] });
	});

	test('goes on by Range where the connection was cut', async () => {
		const { digest, bytes } = bigLayer();
		let cuts = 0;
		registry.lie = ({ path, headers }, response) => {
			if (!path.endsWith(digest) || cuts === 2) return false;
			const from = Number(/\d+/.exec(headers.range ?? '')?.[0] ?? 0);
			cuts++;
			response.writeHead(from === 0 ? 200 : 206, {
				'content-length': bytes.length - from,
				...(from === 0 ? {} : { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` }),
			});
			response.write(bytes.subarray(from, from + 300_000), () => setTimeout(() => response.destroy(), 20));
			return true;
		};
		expect(await pull('fleet/app:1')).toMatchObject({ id: image.id });
		const ranges = registry.seen.filter(({ path }) => path.endsWith(digest)).map(({ headers }) => headers.range);
		expect(ranges).toEqual([undefined, 'bytes=300000-', 'bytes=600000-']);
	});

	test('goes on also where a registry knows no ranges and begins anew', async () => {
		const { digest, bytes } = bigLayer();
		let asked = 0;
		registry.lie = ({ path }, response) => {
			if (!path.endsWith(digest)) return false;
			response.writeHead(200, { 'content-length': bytes.length });
			if (asked++ > 0) response.end(bytes);
			else response.write(bytes.subarray(0, 300_000), () => setTimeout(() => response.destroy(), 20));
			return true;
		};
		expect(await pull('fleet/app:1')).toMatchObject({ id: image.id });
	});

	test('waits as long as a 429 says, and tries again after a 503', async () => {
		const statuses = [429, 503];
		registry.lie = (_, response) => {
			const status = statuses.shift();
			if (status === undefined) return false;
			response.writeHead(status, { 'retry-after': '0' }).end();
			return true;
		};
		expect(await pull('fleet/app:1')).toMatchObject({ id: image.id });
		expect(statuses).toEqual([]);
	});

	test('moves no more layers at a time than it was told', async () => {
		let now = 0;
		let most = 0;
		registry.lie = ({ path }, response) => {
			const layer = served.layers.find(({ digest }) => path.endsWith(digest));
			if (layer === undefined) return false;
			most = Math.max(most, ++now);
			setTimeout(() => {
				now--;
				response.writeHead(200, { 'content-length': layer.bytes.length }).end(layer.bytes);
			}, 40);
			return true;
		};
		await pull('fleet/app:1', { parallel: 2 });
		expect(most).toBe(2);
	});

	test('that is interrupted leaves nothing', async () => {
		const stop = new AbortController();
		registry.lie = ({ path }, response) => {
			if (!path.endsWith(bigLayer().digest)) return false;
			response.write(bigLayer().bytes.subarray(0, 1000));
			setTimeout(() => stop.abort(new Error('enough')), 20);
			return true;
		};
		await expect(pull('fleet/app:1', { signal: stop.signal })).rejects.toThrow('enough');
		expectNothingLeft(world);
	});

	test('holds what it has so far: no prune takes it away', async () => {
		const arrived = Promise.withResolvers<void>();
		const goOn = Promise.withResolvers<void>();
		registry.lie = ({ path }, response) => {
			if (!path.endsWith(bigLayer().digest)) return false;
			arrived.resolve();
			goOn.promise.then(() => response.end(bigLayer().bytes));
			return true;
		};
		const pulling = pull('fleet/app:1');
		await arrived.promise;
		const layers = () => world.store.database.all<{ id: ChainId }>('SELECT chain_id AS id FROM layer');
		await expect.poll(layers).toHaveLength(1);
		const requests = layers().map(({ id }) => ({ key: { kind: 'layer', id } as const, generation: undefined }));
		expect((await removeResources(world.store, requests)).map(({ type }) => type)).toEqual(['refused']);
		goOn.resolve();
		expect(await pulling).toMatchObject({ id: image.id, newLayers: 3 });
	});

	test('twice at once finishes twice', async () => {
		const both = await Promise.all([pull('fleet/app:1'), pull('fleet/app:1')]);
		expect(both.map(({ id }) => id)).toEqual([image.id, image.id]);
		expect(await world.images.list()).toHaveLength(1);
	});

	test('of what is not there says so', async () => {
		const error = await failureOf(pull('fleet/app:2'));
		expect([error.code, error.message]).toEqual(['not-found', `No image is called "${registry.host}/fleet/app:2".`]);
	});

	test('from where nobody listens says so', async () => {
		const error = await failureOf(world.registry.pull('127.0.0.1:1/app', world.pullOptions));
		expect([error.code, error.message]).toEqual(['unavailable', '127.0.0.1:1 cannot be used: nothing listens there.']);
	});
});

test('a name without a registry comes from Docker Hub, an official one from library/', async () => {
	const hub = registryWorld({ hubHost: registry.host });
	try {
		registry.serve(image, 'library/alpine', 'latest');
		const pulled = await hub.registry.pull('alpine', hub.pullOptions);
		expect(pulled.reference).toBe('docker.io/library/alpine:latest');
		expect((await hub.images.inspect('alpine')).repositoryDigests).toEqual([
			`docker.io/library/alpine@${served.manifestDigest}`,
		]);
	} finally {
		hub.remove();
	}
});

describe('an index of several platforms', () => {
	const host = hostPlatform(process.arch);
	let indexDigest: string;
	beforeEach(() => {
		const manifests = [
			{ served: registry.serve(other, 'fleet/app', 'r'), platform: { os: 'linux', architecture: 'riscv64' } },
			{ served, platform: host },
		].map(({ served: { manifestDigest, manifestBytes }, platform }) => ({
			mediaType: 'application/vnd.oci.image.manifest.v1+json',
			digest: manifestDigest,
			size: manifestBytes.length,
			platform,
		}));
		indexDigest = registry.serveManifest(
			'fleet/app',
			'all',
			{ schemaVersion: 2, mediaType: indexType, manifests },
			indexType,
		);
	});

	test('gives the image for this host, known by the digest of the index', async () => {
		expect(await pull('fleet/app:all')).toMatchObject({ id: image.id, digest: indexDigest });
		expect((await world.images.inspect(`${registry.host}/fleet/app:all`)).repositoryDigests).toEqual([
			`${registry.host}/fleet/app@${indexDigest}`,
		]);
	});

	test('gives the one for the platform that was asked for', async () => {
		const platform = { os: 'linux', architecture: 'riscv64' };
		expect(await pull('fleet/app:all', { platform })).toMatchObject({ id: other.id });
	});

	test('says what there is where there is none', async () => {
		const error = await failureOf(pull('fleet/app:all', { platform: { os: 'linux', architecture: 's390x' } }));
		expect(`${error.code}: ${error.message}`).toMatch(
			/^unsupported: .*no image for linux\/s390x, only for linux\/riscv64, /,
		);
		expectNothingLeft(world);
	});

	test('and a single image for another platform than was asked for is refused', async () => {
		const error = await failureOf(pull('fleet/app:1', { platform: { os: 'linux', architecture: 's390x' } }));
		expect(`${error.code}: ${error.message}`).toMatch(/^unsupported: .* for linux\/s390x .*it is for linux\/amd64/);
		expectNothingLeft(world);
	});

	test('is what its manifest is inspected as, byte for byte', async () => {
		const found = await world.registry.manifest(`${registry.host}/fleet/app:all`, world.access);
		expect([found.digest, found.mediaType, sha256(Buffer.from(found.text))]).toEqual([
			indexDigest,
			indexType,
			indexDigest,
		]);
	});
});
