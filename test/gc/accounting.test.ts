import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { takeInventory } from '../../src/engine/memory/inventory.ts';
import { createMemoryEngine } from '../../src/engine/memory/open.ts';
import { sampleNow, sampleWorld } from '../../src/engine/memory/sample.ts';
import type { Inventory, Resource } from '../../src/engine/model.ts';
import { type Account, accountBytes, summarizeUsage } from '../../src/gc/accounting.ts';
import { planCollection } from '../../src/gc/plan.ts';
import { garbagePolicy, type PruneRequest, prunePolicy } from '../../src/gc/presets.ts';
import { world, worldNow } from '../support/world.ts';

const requests: readonly PruneRequest[] = [
	{ verb: 'image' },
	{ verb: 'image', all: true },
	{ verb: 'container' },
	{ verb: 'system' },
	{ verb: 'system', all: true, volumes: true },
];

function placesOf({ totalBytes: _, ...places }: Account): number {
	return Object.values(places).reduce((sum, bytes) => sum + bytes, 0);
}

const bytesOf = (inventory: Inventory, chosen: (resource: Resource) => boolean) =>
	inventory.resources.filter(chosen).reduce((sum, { diskBytes }) => sum + diskBytes, 0);

describe('the account', () => {
	test.each(requests)('has every byte of the sample in one place, under %j', (request) => {
		const inventory = takeInventory(sampleWorld());
		const policy = prunePolicy(request);
		const account = accountBytes(inventory, policy, sampleNow);
		expect(placesOf(account)).toBe(account.totalBytes);
		expect(account.totalBytes).toBe(bytesOf(inventory, () => true) + inventory.metadataBytes);
		const { reclaimableBytes } = planCollection(inventory, policy, sampleNow);
		expect(account.reclaimableBytes + account.orphanBytes + account.trashBytes).toBe(reclaimableBytes);
	});

	test('has every byte in one place for any world', () => {
		const letter = fc.constantFrom('a', 'b', 'c', 'd');
		const images = fc.array(
			fc.record({
				layers: fc.array(letter, { minLength: 1, maxLength: 3 }),
				tagged: fc.boolean(),
				status: fc.constantFrom('running', 'exited', 'none'),
			}),
			{ maxLength: 6 },
		);
		fc.assert(
			fc.property(images, fc.boolean(), fc.constantFrom(...requests), (wishes, hides, request) => {
				const builder = world().leftover('trash', 'trash/1', '5kB');
				for (const [index, { layers, tagged, status }] of wishes.entries()) {
					const id = builder.storeImage(
						tagged ? `i${index}:1` : undefined,
						layers.map((name) => `${name} 1MB`),
					);
					if (status === 'none') continue;
					builder.container(`c${index}`, { image: id, status: status as 'running' | 'exited' });
					if (hides && tagged && builder.build().tags.has(`docker.io/library/i${index}:1` as never))
						builder.hide(`i${index}:1`);
				}
				const inventory = takeInventory(builder.build());
				const account = accountBytes(inventory, prunePolicy(request), worldNow);
				expect(placesOf(account)).toBe(account.totalBytes);
				expect(Object.values(account).every((bytes) => bytes >= 0)).toBe(true);
			}),
		);
	});

	test('says what only a lease holds, what is hidden, what crashes left and what waits in trash', () => {
		const builder = world()
			.image('app:1', ['base 10MB', 'app 2MB'])
			.container('web', { image: 'app:1', status: 'exited' })
			.hide('app:1')
			.image('new:1', ['base 10MB'])
			.image(undefined, ['base 10MB', 'pulled 3MB'])
			.leftover('orphan', 'layers/x', '1MB')
			.leftover('ingest', 'ingest/y', '2MB')
			.leftover('trash', 'trash/z', '4MB');
		const pulled = takeInventory(builder.build()).resources.find(({ label }) => label === 'pulled');
		const inventory = takeInventory(builder.lease('pull', pulled === undefined ? [] : [pulled.key]).build());
		const account = accountBytes(inventory, prunePolicy({ verb: 'image' }), worldNow);
		expect(account.leasedBytes).toBe(bytesOf(inventory, ({ label }) => label === 'pulled'));
		const hiddenImage = inventory.resources.find(({ hidden }) => hidden);
		const needed = new Set(hiddenImage?.references.filter(({ kind }) => kind === 'blob').map(({ id }) => id));
		expect(account.hiddenBytes).toBe(bytesOf(inventory, ({ label, key }) => label === 'app' || needed.has(key.id)));
		expect(account.orphanBytes).toBe(bytesOf(inventory, ({ key }) => key.kind === 'orphan' || key.kind === 'ingest'));
		expect(account.trashBytes).toBe(bytesOf(inventory, ({ key }) => key.kind === 'trash'));
		expect(accountBytes(inventory, garbagePolicy, worldNow).reclaimableBytes).toBe(0);
	});
});

test('an ingest that is under way is leased, not left over', async () => {
	const engine = createMemoryEngine(world().build());
	engine.leave({ key: { kind: 'ingest', id: 'ingest/1' }, sizeBytes: 5000, live: true });
	const account = accountBytes(await engine.store.takeInventory(), prunePolicy({ verb: 'image' }), worldNow);
	expect(account).toMatchObject({ leasedBytes: 8192, liveBytes: 0, orphanBytes: 0 });
});

describe('system df', () => {
	const inventory = takeInventory(
		world()
			.image('used:1', ['base 10MB', 'used 1MB'])
			.image('idle:1', ['base 10MB', 'idle 2MB'])
			.image(undefined, ['lost 3MB'])
			.container('web', { image: 'used:1', writable: '500kB' })
			.container('done', { image: 'used:1', status: 'exited', writable: '700kB' })
			.volume('logbook', '30MB')
			.leftover('orphan', 'layers/x', '1MB')
			.build(),
	);
	const rows = new Map(summarizeUsage(inventory, worldNow).map((row) => [row.type, row]));

	test('counts layers once and calls reclaimable what a prune would remove', () => {
		expect(rows.get('images')).toMatchObject({
			totalCount: 3,
			activeCount: 1,
			sizeBytes: 16e6,
			reclaimableSizeBytes: 5e6,
		});
		expect(rows.get('containers')).toMatchObject({
			totalCount: 2,
			activeCount: 1,
			sizeBytes: 1.2e6,
			reclaimableSizeBytes: 700e3,
		});
		expect(rows.get('volumes')).toMatchObject({
			totalCount: 1,
			activeCount: 0,
			sizeBytes: 30e6,
			reclaimableSizeBytes: 30e6,
		});
		expect(rows.get('leftovers')).toMatchObject({
			totalCount: 1,
			activeCount: 0,
			sizeBytes: 1e6,
			reclaimableSizeBytes: 1e6,
		});
	});

	test('says two active images on one base reclaim nothing, where sums over images say the base', () => {
		const shared = takeInventory(
			world()
				.image('a:1', ['base 100MB', 'a 1MB'])
				.image('b:1', ['base 100MB', 'b 1MB'])
				.container('one', { image: 'a:1' })
				.container('two', { image: 'b:1' })
				.build(),
		);
		expect(summarizeUsage(shared, worldNow)[0]).toMatchObject({
			activeCount: 2,
			reclaimableBytes: 0,
			reclaimableSizeBytes: 0,
		});
	});

	test('counts a base that only unused images share, once', () => {
		const idle = takeInventory(
			world().image('a:1', ['base 100MB', 'a 1MB']).image('b:1', ['base 100MB', 'b 1MB']).build(),
		);
		expect(summarizeUsage(idle, worldNow)[0]).toMatchObject({ reclaimableSizeBytes: 102e6 });
	});

	test('has every allocated byte of the sample in one row', () => {
		const sample = takeInventory(sampleWorld());
		const sum = summarizeUsage(sample, sampleNow).reduce((total, { diskBytes }) => total + diskBytes, 0);
		expect(sum).toBe(bytesOf(sample, () => true));
	});
});
