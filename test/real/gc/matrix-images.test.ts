import { afterEach, beforeEach, expect, test } from 'vitest';
import { canonicalReference } from '../../../src/engine/reference.ts';
import { describePath } from '../../../src/gc/explain.ts';
import { namedPolicies } from '../../../src/gc/named-policies.ts';
import { policyAt } from '../../../src/gc/policy-definition.ts';
import { request } from '../../conformance/harness.ts';
import { archiveOf, makeImage, ociImage, ociMembers } from '../../support/image-archives.ts';
import { everything, type MatrixWorld, openMatrixWorld } from '../../support/matrix-world.ts';

let world: MatrixWorld;
beforeEach(async () => {
	world = await openMatrixWorld();
});
afterEach(() => world.close());

const day = 86_400_000;
const create = (image: string, name = 'web') => world.engine().containers.create(request({ image, name }));
const careful = () => {
	const definition = namedPolicies.find(({ name }) => name === 'careful');
	if (definition === undefined) throw new Error('there is a careful policy');
	return policyAt(definition, world.clock.ms);
};

test('1: an image of a container that does not run stays, and says for which one', async () => {
	const id = await world.load('app:1', ['base', 'app']);
	await create('app:1');
	const plan = await world.plan({ verb: 'image', all: true });
	expect(plan.removals).toEqual([]);
	expect(describePath(plan, { kind: 'image', id })).toBe('image app:1 ← container web (created 0 s ago)');
});

test('5: an image that lost its name to another goes, after the grace of a careful policy', async () => {
	await world.load('app:1', ['base', 'old']);
	await world.load('app:1', ['base', 'new']);
	const gone = [expect.stringMatching(/^image [0-9a-f]{12}$/), 'layer COPY old'];
	expect(await world.taken({ verb: 'image' })).toEqual(gone);
	expect(await world.taken(careful())).toEqual([]);
	world.clock.ms += 2 * day;
	expect(await world.taken(careful())).toEqual(gone);
});

test('6: rmi -f under a stopped container hides the image: counted, kept, usable, and gone with the container', async () => {
	const id = await world.load('app:1', ['base', 'app']);
	await create('app:1');
	await world.engine().images.remove('app:1', { force: true });
	expect(await world.engine().images.list()).toMatchObject([{ id, hidden: true, references: [] }]);
	expect((await world.engine().images.inspect(id)).layers).toHaveLength(2);
	expect(await world.taken({ verb: 'image', all: true })).toEqual([]);
	const plan = await world.plan({ verb: 'container' });
	expect((await world.sweep(plan)).freedBytes).toBe(plan.reclaimableBytes);
	expect((await world.engine().store.takeInventory()).resources).toEqual([]);
});

test('9: one of two names frees nothing, and says so', async () => {
	await world.load('app:1', ['base']);
	await world.engine().images.tag('app:1', canonicalReference('app:2'));
	const { removals, reclaimableBytes } = await world.plan({ verb: 'image', all: true });
	const alone = (kind: string) =>
		removals.filter(({ resource }) => resource.key.kind === kind).map(({ aloneBytes }) => aloneBytes);
	expect(alone('tag')).toEqual([0, 0]);
	expect(alone('image')).toEqual([reclaimableBytes]);
	expect(await world.engine().images.remove('app:1', { force: false })).toMatchObject({ freedBytes: 0, deleted: [] });
});

test('11, 12: a container holds the image it was made from, by whatever name, wherever the name has gone', async () => {
	const id = await world.load('app:1', ['base', 'first']);
	await create(id.slice(7, 19), 'by-id');
	await create('app:1', 'by-name');
	await world.load('app:1', ['base', 'second']);
	expect(await world.taken({ verb: 'image', all: true })).toEqual(['image app:1', 'layer COPY second', 'tag app:1']);
});

test('13: of an index only what is there counts; absent platforms are no damage', async () => {
	const { members, descriptor } = ociImage(makeImage([{ base: 'b' }]));
	const absent = {
		...descriptor,
		digest: `sha256:${'ab'.repeat(32)}`,
		platform: { os: 'linux', architecture: 's390x' },
	};
	const here = { ...descriptor, platform: { os: 'linux', architecture: 'amd64' } };
	const body = archiveOf(ociMembers([here, absent], members));
	const stream = (async function* () {
		yield body;
	})();
	await world.engine().images.load({ type: 'stream', stream, label: 'a layout' }, {});
	const plan = await world.plan(everything);
	expect(plan.broken).toEqual([]);
	expect((await world.sweep(plan)).freedBytes).toBe(plan.reclaimableBytes);
});

test('15: one layer packed with gzip and with zstd is stored once, and stays while either image does', async () => {
	for (const [packing, name] of [
		['gzip', 'app:gz'],
		['zstd', 'app:zst'],
	] as const) {
		const made = makeImage([{ base: 'b'.repeat(9000) }], { config: { Labels: { packing } } });
		const { members, descriptor } = ociImage(made, packing);
		const annotations = {
			'org.opencontainers.image.ref.name': name,
			'io.containerd.image.name': canonicalReference(name),
		};
		const body = archiveOf(ociMembers([{ ...descriptor, annotations }], members));
		const stream = (async function* () {
			yield body;
		})();
		await world.engine().images.load({ type: 'stream', stream, label: 'a layout' }, {});
	}
	const layers = () =>
		world
			.engine()
			.store.takeInventory()
			.then(({ resources }) => resources.filter(({ key }) => key.kind === 'layer').length);
	expect(await layers()).toBe(1);
	for (const left of [1, 0]) {
		const [first] = await world.engine().images.list();
		await world.engine().images.remove(first?.id ?? '', { force: true });
		expect(await layers()).toBe(left);
	}
});

test('16: one diffID on two parents is two layers, each with its own bytes', async () => {
	await world.load('a:1', ['x', 'app']);
	await world.load('b:1', ['y', 'app']);
	const twins = (await world.plan({ verb: 'image', all: true })).removals.filter(
		({ resource }) => resource.key.kind === 'layer' && resource.label === 'COPY app',
	);
	expect(twins).toHaveLength(2);
	expect(new Set(twins.map(({ resource }) => resource.diskBytes)).size).toBe(1);
});

test('28: until asks for the build, unused-for for the last use', async () => {
	await world.load('old:1', ['old'], { created: '2020-01-01T00:00:00Z' });
	expect(await world.taken({ verb: 'image', all: true, until: world.clock.ms - day })).toContain('tag old:1');
	const unused = {
		...everything,
		demotions: everything.demotions.map((each) => ({ ...each, unusedBefore: world.clock.ms - day })),
	};
	expect(await world.taken(unused)).toEqual([]);
	world.clock.ms += 2 * day;
	expect(
		await world.taken({
			...unused,
			demotions: unused.demotions.map((each) => ({ ...each, unusedBefore: world.clock.ms - day })),
		}),
	).toContain('tag old:1');
});

test.each([['1970-01-01T00:00:00Z'], ['0001-01-01T00:00:00Z'], [undefined]])(
	'29: a build time of %s is not old age',
	async (created) => {
		await world.load('app:1', ['base'], { created });
		expect(await world.taken({ verb: 'image', all: true, until: world.clock.ms - 1000 })).toEqual([]);
	},
);

test('31, 32: label= demands, label!= spares, and an image without labels fits no label=', async () => {
	await world.load('night:1', ['n'], { config: { Labels: { crew: 'night' } } });
	await world.load('none:1', ['o'], { config: {} });
	const tags = async (negated: boolean) =>
		(await world.taken({ verb: 'image', all: true, labels: [{ key: 'crew', value: undefined, negated }] })).filter(
			(name) => name.startsWith('tag'),
		);
	expect(await tags(false)).toEqual(['tag night:1']);
	expect(await tags(true)).toEqual(['tag none:1']);
});

test('33, 34, 35: patterns protect, the newest stay, and a pin stands under everything', async () => {
	for (const name of ['app:1', 'app:2', 'app:3', 'base:1']) {
		world.clock.ms += 1000;
		await world.load(name, [name]);
	}
	const tags = async (more: object) =>
		(await world.taken({ ...everything, ...more })).filter((name) => name.startsWith('tag'));
	expect(await tags({ protections: [{ kinds: ['tag', 'image'], pattern: 'base' }] })).toEqual([
		'tag app:1',
		'tag app:2',
		'tag app:3',
	]);
	expect(await tags({ keepNewest: 1 })).toEqual(['tag app:1', 'tag app:2']);
	world.clock.ms += 1000;
	await world.engine().images.tag('app:1', canonicalReference('app:stable'));
	expect(await tags({ keepNewest: 1 })).toEqual(['tag app:2', 'tag app:3']);
	await world.engine().pins?.pin('app:2');
	expect(await tags({})).not.toContain('tag app:2');
});
