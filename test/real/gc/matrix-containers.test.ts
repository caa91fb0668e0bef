import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStore } from '../../../src/engine/embedded/open.ts';
import { namedPolicies } from '../../../src/gc/named-policies.ts';
import { policyAt } from '../../../src/gc/policy-definition.ts';
import { request } from '../../conformance/harness.ts';
import { everything, type MatrixWorld, openMatrixWorld } from '../../support/matrix-world.ts';

let world: MatrixWorld;
beforeEach(async () => {
	world = await openMatrixWorld();
	await world.box();
});
afterEach(() => world.close());

const create = (name: string, mounts: readonly string[] = []) =>
	world.engine().containers.create(
		request({
			image: 'box:1',
			name,
			mounts: mounts.map((target) => ({
				type: 'volume',
				source: target.startsWith(':') ? '' : (target.split(':')[0] ?? ''),
				target: target.split(':')[1] ?? '',
				readOnly: false,
			})),
		}),
	);

test('2: what runs or is paused stays under every policy, with all it needs', async () => {
	for (const name of ['runs', 'paused']) {
		await create(name, [':/anonymous', `${name}-data:/named`]);
		await world.engine().containers.start(name);
	}
	const setStatus = (status: string) => {
		const store = openStore({ root: world.root });
		store.database.write(() => store.database.run(`UPDATE container SET status = ? WHERE name = 'paused'`, status));
		store.close();
	};
	setStatus('paused');
	expect((await world.plan(everything)).removals).toEqual([]);
	const paused = (await world.engine().store.takeInventory()).resources.find(({ label }) => label === 'paused');
	expect(paused).toMatchObject({ root: 'running', detail: 'paused' });
	setStatus('running');
});

test('3: a container whose removal was cut short is finished first, then its image is garbage', async () => {
	const id = await create('wreck');
	await world.tamper((store) => {
		store.database.write(() => store.database.run('UPDATE container SET removing = 1 WHERE id = ?', id));
	});
	expect(await world.engine().containers.list()).toEqual([]);
	expect((await world.taken({ verb: 'image', all: true })).map((name) => name.split(' ')[0])).toEqual([
		'image',
		'layer',
		'tag',
	]);
});

test('4: a container that never started is a root, goes by container prune, and is spared while it is young', async () => {
	await create('new');
	expect(await world.taken({ verb: 'image', all: true })).toEqual([]);
	expect(await world.taken({ verb: 'container' })).toEqual(['container new']);
	const ci = namedPolicies.find(({ name }) => name === 'ci');
	if (ci === undefined) throw new Error('there is a policy for ci');
	expect(await world.taken(policyAt(ci, world.clock.ms))).toEqual([]);
	world.clock.ms += 2 * 3_600_000;
	expect(await world.taken(policyAt(ci, world.clock.ms))).toEqual(['container new']);
});

test('20: a container made between plan and sweep wins; one that comes too late gets a clean answer', async () => {
	const plan = await world.plan({ verb: 'image', all: true });
	await create('fast');
	const first = await world.sweep(plan);
	expect(first).toMatchObject({ failedCount: 0, freedBytes: 0 });
	await world.engine().containers.start('fast');
	await world.engine().containers.remove('fast', { force: true, volumes: true });
	await world.sweep(await world.plan({ verb: 'image', all: true }));
	await expect(create('late')).rejects.toMatchObject({ code: 'not-found', data: { what: 'image' } });
});

test('23: an anonymous volume goes with --volumes, one with a name only where that is said', async () => {
	await create('user', [':/anonymous', 'f00df00df00df00df00df00df00df00df00df00df00df00df00df00df00df00d:/named']);
	await world.engine().containers.remove('user', { force: false, volumes: false });
	const kinds = async (...wanted: Parameters<MatrixWorld['taken']>) =>
		(await world.taken(...wanted)).filter((name) => name.startsWith('volume'));
	expect(await kinds({ verb: 'system', all: true })).toEqual([]);
	// A name of 64 hex digits is a name all the same.
	expect(await kinds({ verb: 'system', volumes: true })).toHaveLength(1);
	expect((await kinds({ verb: 'system', volumes: true }))[0]).not.toContain('f00d');
	expect(await kinds({ verb: 'volume', all: true })).toHaveLength(2);
});

test('24: the volumes of a stopped container stay', async () => {
	await create('stopped', [':/anonymous', 'logbook:/named']);
	expect(await world.taken({ verb: 'volume', all: true })).toEqual([]);
});

test('25: the volumes of a container that goes fall in the same plan, where volumes were asked for', async () => {
	await create('stopped', [':/anonymous']);
	expect(await world.taken({ verb: 'system' })).toEqual(['container stopped']);
	const plan = await world.plan({ verb: 'system', volumes: true });
	expect(plan.removals.map(({ resource }) => resource.key.kind)).toEqual(['container', 'volume']);
	expect(await world.sweep(plan)).toMatchObject({ removedCount: 2, freedBytes: plan.reclaimableBytes });
});

test('36: every record in the store is a root, whoever wrote it; a store of an unknown format is not touched', async () => {
	await create('foreign');
	await world.tamper((store) => {
		store.database.write(() =>
			store.database.run(`UPDATE container SET status = 'quarantined', labels = '{"tool":"other"}'`),
		);
	});
	expect(await world.taken({ verb: 'image', all: true })).toEqual([]);
	expect(await world.engine().containers.list()).toHaveLength(1);
});
