import { describe, expect, test } from 'vitest';
import { createMemoryEngine } from '../../../src/engine/memory/open.ts';
import { sampleNow, sampleWorld } from '../../../src/engine/memory/sample.ts';
import { canonicalReference } from '../../../src/engine/reference.ts';
import { planCollection } from '../../../src/gc/plan.ts';
import { prunePolicy } from '../../../src/gc/presets.ts';
import { world, worldNow } from '../../support/world.ts';

const readAll = { follow: false, tailLines: undefined, sinceAt: undefined };

describe('a world in one line', () => {
	const engine = createMemoryEngine(
		world()
			.image('web:1', ['base 10MB', 'app 2MB'], { age: '3d', labels: { crew: 'night' } })
			.container('web', {
				image: 'web:1',
				started: '1h',
				writable: '500kB',
				logs: ['ahoy'],
				mounts: ['logbook:/log', '/srv:/srv'],
			})
			.container('old', { image: 'web:1', status: 'exited', age: '2d', ended: '1d', exitCode: 7 })
			.build(),
	);

	test('has images with their sizes and ages', async () => {
		expect(await engine.images.list()).toMatchObject([
			{
				references: [canonicalReference('web:1')],
				sizeBytes: 12e6,
				createdAt: worldNow - 3 * 86_400_000,
				labels: { crew: 'night' },
				containerCount: 2,
			},
		]);
	});

	test('has containers in the states that were asked for', async () => {
		const [web, old] = await Promise.all([engine.containers.inspect('web'), engine.containers.inspect('old')]);
		expect(web).toMatchObject({
			status: 'running',
			startedAt: worldNow - 3_600_000,
			writableBytes: 500e3,
			imageBytes: 12e6,
		});
		expect(web.mounts.map(({ type, source }) => `${type} ${source}`)).toEqual(['volume logbook', 'bind /srv']);
		expect(old).toMatchObject({ status: 'exited', exitCode: 7, finishedAt: worldNow - 86_400_000 });
		expect((await engine.containers.list()).map(({ name }) => name)).toEqual(['web', 'old']);
	});

	test('has its own clock', () => {
		expect(engine.world.now).toBe(worldNow);
	});
});

describe('what tests do to it from outside', () => {
	const fresh = () => createMemoryEngine(world().image('a:1', ['base 1MB']).container('web', { image: 'a:1' }).build());

	test('time passes only when it is told to, and CPU time with it', async () => {
		const engine = fresh();
		engine.setLoad('web', { cpus: 0.5 });
		engine.advance(2000);
		expect(await engine.containers.stats()).toMatchObject([{ cpuNs: 1e9, takenAt: worldNow + 2000 }]);
	});

	test('a process ends by itself', async () => {
		const engine = fresh();
		const waiting = engine.containers.wait('web', {});
		engine.exit('web', 9);
		expect(await waiting).toBe(9);
		expect((await engine.containers.inspect('web')).status).toBe('exited');
	});

	test('a log grows while it is followed', async () => {
		const engine = fresh();
		const lines = engine.containers.logs('web', { ...readAll, follow: true })[Symbol.asyncIterator]();
		const first = lines.next();
		engine.writeLog('web', 'land ho');
		expect(await first).toMatchObject({ value: { text: 'land ho', timestamp: '2026-11-20T12:00:00.000000000Z' } });
		engine.exit('web', 0);
		expect(await lines.next()).toMatchObject({ done: true });
	});

	test('a writable layer grows unmeasured until somebody measures it', async () => {
		const engine = fresh();
		engine.write('web', 1_000_000);
		expect((await engine.containers.inspect('web')).writableBytes).toBe(0);
		engine.advance(5000);
		await engine.containers.measure({ budgetMs: 10 });
		expect(await engine.containers.inspect('web')).toMatchObject({
			writableBytes: 1_000_000,
			measuredAt: worldNow + 5000,
		});
	});

	test('a lease holds a thing until it is released', async () => {
		const engine = createMemoryEngine(world().image(undefined, ['lost 1MB']).build());
		const plan = async () =>
			planCollection(await engine.store.takeInventory(), prunePolicy({ verb: 'image' }), worldNow);
		const key = (await plan()).removals[0]?.resource.key;
		const release = engine.hold('commit', key === undefined ? [] : [key]);
		expect((await plan()).removals).toEqual([]);
		release();
		expect((await plan()).removals.length).toBeGreaterThan(0);
	});

	test('what a crash left is in the inventory and goes with a sweep', async () => {
		const engine = fresh();
		engine.leave({ key: { kind: 'orphan', id: 'layers/x' }, sizeBytes: 5000, live: false });
		const plan = planCollection(await engine.store.takeInventory(), prunePolicy({ verb: 'image' }), worldNow);
		expect(plan.reclaimableBytes).toBe(8192);
	});

	test('an import adds one layer, with the changes that were asked for', async () => {
		const engine = fresh();
		const source = { type: 'stream', stream: bytes('a root filesystem'), label: 'standard input' } as const;
		await engine.images.import(source, {
			reference: canonicalReference('made:1'),
			message: 'by hand',
			changes: [
				'CMD ["sh"]',
				'ENV A=b',
				'LABEL crew=night',
				'WORKDIR /srv',
				'USER sailor',
				'EXPOSE 80/tcp',
				'VOLUME /data',
				'ENTRYPOINT run',
			],
		});
		expect(await engine.images.inspect('made:1')).toMatchObject({
			layerCount: 1,
			run: {
				command: ['sh'],
				entrypoint: ['/bin/sh', '-c', 'run'],
				environment: ['A=b'],
				labels: { crew: 'night' },
				workingDirectory: '/srv',
				user: 'sailor',
				exposedPorts: ['80/tcp'],
				volumes: ['/data'],
			},
		});
		const wrong = { reference: undefined, message: '', changes: ['RUN true'] };
		await expect(engine.images.import({ ...source, stream: bytes('') }, wrong)).rejects.toMatchObject({
			code: 'invalid-argument',
		});
	});

	test('an archive is found by the path that it was put under', async () => {
		const engine = fresh();
		const chunks: Uint8Array[] = [];
		for await (const chunk of engine.images.save(['a:1'], {})) chunks.push(chunk);
		const other = createMemoryEngine(world().build());
		other.world.archives.set('/tmp/a.tar', new TextDecoder().decode(chunks[0]));
		expect(await other.images.load({ type: 'path', path: '/tmp/a.tar' }, {})).toMatchObject([
			{ newLayers: 1, reusedLayers: 0 },
		]);
		expect((await other.images.inspect('a:1')).id).toBe((await engine.images.inspect('a:1')).id);
	});
});

describe('the sample world', () => {
	test('is the same each time', () => {
		const [one, two] = [sampleWorld(), sampleWorld()];
		expect([...one.images.keys()]).toEqual([...two.images.keys()]);
		expect([...one.containers.values()]).toEqual([...two.containers.values()]);
		expect(one.now).toBe(sampleNow);
	});

	test('has a bit of everything that a screen must show', async () => {
		const engine = createMemoryEngine(sampleWorld());
		const images = await engine.images.list();
		const containers = await engine.containers.list();
		expect(images.length).toBeGreaterThanOrEqual(12);
		expect(containers).toHaveLength(15);
		expect(new Set(containers.map(({ status }) => status))).toEqual(
			new Set(['running', 'paused', 'exited', 'created', 'dead']),
		);
		expect(images.some(({ hidden }) => hidden)).toBe(true);
		expect(images.some(({ references, hidden }) => references.length === 0 && !hidden)).toBe(true);
		expect(images.some(({ references }) => references.length > 1)).toBe(true);
		expect(images.some(({ references, containerCount }) => references.length > 0 && containerCount === 0)).toBe(true);
		const { resources } = await engine.store.takeInventory();
		expect(new Set(resources.map(({ key }) => key.kind))).toEqual(
			new Set(['tag', 'image', 'blob', 'layer', 'container', 'volume', 'orphan', 'ingest']),
		);
	});
});

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
	yield new TextEncoder().encode(text);
}
