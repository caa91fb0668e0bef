import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStore } from '../../../src/engine/embedded/open.ts';
import { request } from '../../conformance/harness.ts';
import { everything, type MatrixWorld, openMatrixWorld } from '../../support/matrix-world.ts';

let world: MatrixWorld;
beforeEach(async () => {
	world = await openMatrixWorld();
});
afterEach(() => world.close());

const all = { verb: 'image', all: true } as const;
const below = (directory: string) => readdirSync(join(world.root, directory)).filter((name) => name !== '.whiteout');

test('17: what a live lease holds stays with all it needs, and goes when the lease ends', async () => {
	const id = await world.load(undefined, ['base', 'app']);
	const store = openStore({ root: world.root });
	try {
		const lease = store.acquireLease('pull');
		store.database.write(() => lease.hold({ kind: 'image', id }));
		const plan = await world.plan(everything);
		expect(plan.removals).toEqual([]);
		expect(plan.kept.find(({ resource }) => resource.key.kind === 'image')?.reason).toMatchObject({ type: 'needed' });
		lease.release();
	} finally {
		store.close();
	}
	expect(await world.taken({ verb: 'image' })).toHaveLength(3);
});

test('19: a lease whose owner is gone holds nothing', async () => {
	const id = await world.load(undefined, ['base']);
	await world.tamper((store) => {
		store.database.write(() => {
			store.database.run(`INSERT INTO lease (id, purpose, pid, created_at) VALUES ('0123456789', 'pull', 1, 1)`);
			store.database.run(`INSERT INTO lease_hold VALUES ('0123456789', 'image', ?)`, id);
		});
		// As the kernel leaves it when the owner is killed: a file that nobody has locked.
		writeFileSync(join(world.root, 'leases/0123456789'), '{}');
	});
	expect((await world.engine().store.takeInventory()).resources.filter(({ key }) => key.kind === 'lease')).toEqual([]);
	expect(await world.taken({ verb: 'image' })).toHaveLength(2);
});

test('21, 22: a sweep and a pull that were cut short are finished and cleared at the next opening', async () => {
	const id = await world.load('app:1', ['base', 'app']);
	await world.tamper((store) => {
		store.database.write(() => {
			store.database.run('DELETE FROM tag');
			store.database.run('UPDATE image SET removing = 1 WHERE id = ?', id);
			store.database.run('UPDATE blob SET removing = 1');
			store.database.run('UPDATE layer SET removing = 1');
		});
		mkdirSync(join(world.root, 'ingest/fedcba9876.0/fs'), { recursive: true });
		mkdirSync(join(world.root, 'trash/layer-0011'), { recursive: true });
	});
	expect((await world.engine().store.takeInventory()).resources).toEqual([]);
	for (const directory of ['layers', 'blobs', 'ingest', 'trash']) expect(below(directory)).toEqual([]);
	// What was half gone can be stored again.
	await world.load('app:1', ['base', 'app']);
	expect((await world.engine().images.inspect('app:1')).layers).toHaveLength(2);
});

test.each([-365, 365])('30: a clock that jumps by %d days takes nothing that is young', async (days) => {
	const graceful = { ...everything, graceMs: 3_600_000 };
	if (days < 0) {
		await world.load('app:1', ['base']);
		world.clock.ms += days * 86_400_000;
	} else {
		world.clock.ms += days * 86_400_000;
		await world.load('app:1', ['base']);
		world.clock.ms -= days * 86_400_000;
	}
	expect(await world.taken(graceful)).toEqual([]);
	const unused = everything.demotions.map((each) => ({ ...each, unusedBefore: world.clock.ms - 1000 }));
	expect(await world.taken({ ...everything, demotions: unused })).toEqual([]);
});

test('38: where one thing cannot be unlinked the others go, the leftover is listed, and a later sweep takes it', async () => {
	await world.load('a:1', ['stuck']);
	await world.load('b:1', ['free']);
	// Somebody's mount inside the layer's directory: busy, and not ours to empty.
	const layer =
		below('layers').find((name) => readdirSync(join(world.root, 'layers', name, 'fs')).includes('stuck')) ?? '';
	const point = join(world.root, 'layers', layer, 'fs/mounted');
	mkdirSync(point);
	execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', point]);
	const plan = await world.plan(all);
	let mounted = point;
	try {
		const result = await world.sweep(plan);
		expect(result).toMatchObject({ failedCount: 1, refusedCount: 0, removedCount: plan.removals.length - 1 });
		expect(result.freedBytes).toBeGreaterThan(0);
		const left = (await world.engine().store.takeInventory()).resources;
		expect(left.map(({ key }) => key.kind)).toEqual(['trash']);
		mounted = join(world.root, left[0]?.key.id ?? '', 'fs/mounted');
	} finally {
		execFileSync('umount', [mounted]);
	}
	expect(await world.sweep(await world.plan(all))).toMatchObject({ removedCount: 1, failedCount: 0 });
	expect((await world.engine().store.takeInventory()).resources).toEqual([]);
});

test('42: a layer whose directory has vanished keeps nobody from the rest', async () => {
	await world.load('a:1', ['vanished']);
	await world.load('b:1', ['there']);
	const layer =
		below('layers').find((name) => readdirSync(join(world.root, 'layers', name, 'fs')).includes('vanished')) ?? '';
	renameSync(join(world.root, 'layers', layer), join(world.root, '..', 'vanished'));
	const plan = await world.plan(all);
	expect(plan.broken).toEqual([]);
	const result = await world.sweep(plan);
	expect(result).toMatchObject({ removedCount: plan.removals.length, failedCount: 0 });
	expect(result.freedBytes).toBeLessThan(plan.reclaimableBytes);
	expect((await world.engine().store.takeInventory()).resources).toEqual([]);
});

test('44: hard links and holes count as the disk counts them', async () => {
	await world.box();
	const id = await world.engine().containers.create(
		request({
			image: 'box:1',
			command: [
				'sh',
				'-c',
				'dd if=/dev/zero of=/a bs=1000 count=500; ln /a /b; dd if=/dev/zero of=/s bs=1 count=1 seek=50000000',
			],
		}),
	);
	await world.engine().containers.start(id);
	await world.engine().containers.wait(id, {});
	const plan = await world.plan({ verb: 'container' });
	expect(plan.reclaimableBytes).toBeLessThan(1_000_000);
	const disk = Number(
		execFileSync('du', ['-s', '-B1', join(world.root, 'containers', id)], { encoding: 'utf8' }).split('\t')[0],
	);
	expect(plan.reclaimableBytes).toBe(disk);
	expect((await world.sweep(plan)).freedBytes).toBe(disk);
});

test('45: two sweeps of one plan at once free everything once', async () => {
	for (const name of ['a', 'b', 'c', 'd']) await world.load(`${name}:1`, ['base', name]);
	const plan = await world.plan(all);
	const both = await Promise.all([world.sweep(plan), world.sweep(plan)]);
	expect(both[0].freedBytes + both[1].freedBytes).toBe(plan.reclaimableBytes);
	for (const { failedCount, refusedCount } of both)
		expect({ failedCount, refusedCount }).toEqual({ failedCount: 0, refusedCount: 0 });
	expect((await world.engine().store.takeInventory()).resources).toEqual([]);
});

test('46: an inventory is taken while somebody else holds the write lock', async () => {
	await world.load('a:1', ['base']);
	const store = openStore({ root: world.root });
	const before = (await world.engine().store.takeInventory()).resources.length;
	const seen: Promise<number>[] = [];
	try {
		store.database.write(() => {
			store.database.run('DELETE FROM tag');
			seen.push(
				world
					.engine()
					.store.takeInventory()
					.then(({ resources }) => resources.length),
			);
		});
		expect(await seen[0]).toBe(before);
	} finally {
		store.close();
	}
});

test('47: an image whose config is missing is damaged, told so, and never taken for that', async () => {
	const id = await world.load('a:1', ['base']);
	for (const name of below('blobs')) unlinkSync(join(world.root, 'blobs', name));
	await expect(world.engine().images.config(id)).rejects.toMatchObject({
		code: 'corrupt',
		data: { where: id },
	});
	expect(await world.taken({ verb: 'image' })).toEqual([]);
	expect(await world.engine().images.list()).toHaveLength(1);
	// What the sentence advises helps.
	await world.engine().images.remove(id, { force: false });
	await world.load('a:1', ['base']);
	expect(await world.engine().images.config(id)).toContain('rootfs');
});

test('27: a volume that the host has mounted somewhere, or mounted something into, is refused by name', async () => {
	await world.box();
	for (const name of ['source', 'target', 'free']) {
		const mounts = [{ type: 'volume', source: name, target: '/v', readOnly: false }] as const;
		const id = await world.engine().containers.create(request({ image: 'box:1', mounts }));
		await world.engine().containers.remove(id, { force: false, volumes: false });
	}
	const data = (name: string) => join(world.root, 'volumes', name, '_data');
	const elsewhere = join(world.root, '../else where');
	mkdirSync(elsewhere);
	execFileSync('mount', ['--bind', data('source'), elsewhere]);
	execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', data('target')]);
	try {
		const { events } = await world.sweep(await world.plan({ verb: 'volume', all: true }));
		const refused = events.flatMap((event) =>
			event.type === 'refused' ? [`${event.key.id}: ${event.error.message}`] : [],
		);
		expect(refused.sort()).toEqual([
			`source: Volume source is in use by a mount at ${elsewhere}.`,
			`target: Volume target is in use by a mount at ${data('target')}.`,
		]);
	} finally {
		execFileSync('umount', [elsewhere, data('target')]);
	}
	expect(await world.taken({ verb: 'volume', all: true })).toEqual(['volume source', 'volume target']);
	expect(await world.sweep(await world.plan({ verb: 'volume', all: true }))).toMatchObject({ removedCount: 2 });
});

test('48: what the metadata does not know is shown with its bytes; volumes among it stay', async () => {
	await world.tamper(() => {
		for (const path of ['layers/somebody', 'volumes/lost/_data']) {
			mkdirSync(join(world.root, path), { recursive: true });
			writeFileSync(join(world.root, path, 'file'), 'x'.repeat(30_000));
		}
	});
	const orphans = (await world.engine().store.takeInventory()).resources.filter(({ key }) => key.kind === 'orphan');
	expect(orphans.map(({ key }) => key.id).sort()).toEqual(['layers/somebody', 'volumes/lost']);
	for (const { diskBytes } of orphans) expect(diskBytes).toBeGreaterThan(30_000);
	expect(await world.taken({ verb: 'image' })).toEqual(['orphan layers/somebody']);
});
