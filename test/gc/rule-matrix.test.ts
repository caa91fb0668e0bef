import { describe, expect, test } from 'vitest';
import { digestOf } from '../../src/engine/digest.ts';
import { takeInventory } from '../../src/engine/memory/inventory.ts';
import { createMemoryEngine } from '../../src/engine/memory/open.ts';
import type { WorldBuilder } from '../../src/engine/memory/world-builder.ts';
import type { Resource } from '../../src/engine/model.ts';
import { canonicalReference } from '../../src/engine/reference.ts';
import { describePath } from '../../src/gc/explain.ts';
import type { Plan } from '../../src/gc/model.ts';
import { planCollection } from '../../src/gc/plan.ts';
import { type PruneRequest, prunePolicy } from '../../src/gc/presets.ts';
import { world, worldNow } from '../support/world.ts';

const base = 'base 10MB';
const app = 'app 2MB';
const everything: PruneRequest = { verb: 'system', all: true, volumes: true };

function planFor(
	builder: WorldBuilder,
	request: PruneRequest,
	edit: (resource: Resource) => Resource = (same) => same,
): Plan {
	const inventory = takeInventory(builder.build());
	return planCollection({ ...inventory, resources: inventory.resources.map(edit) }, prunePolicy(request), worldNow);
}

/** Labels of what goes, without the documents beside images. */
function removedBy(plan: Plan): readonly string[] {
	return plan.removals
		.filter(({ resource }) => resource.key.kind !== 'blob')
		.map(({ resource }) => `${resource.key.kind} ${resource.label}`);
}

describe('rows of the rule matrix', () => {
	test.each(['exited', 'created', 'dead'] as const)(
		'1: an image of a container that is %s is not removed by image prune, and says who needs it',
		(status) => {
			const plan = planFor(
				world().image('app:1', [base, app]).container('web', { image: 'app:1', status, age: '4d', ended: '3d' }),
				{ verb: 'image', all: true },
			);
			expect(plan.removals).toEqual([]);
			const image = plan.kept.find(({ resource }) => resource.key.kind === 'image');
			expect(describePath(plan, image?.resource.key ?? { kind: 'image', id: '' })).toMatch(
				/^image app:1 ← container web \((exited 3 d|created 4 d|dead 3 d) ago\)$/,
			);
		},
	);

	test('1: what removing that container would free is in the plan that removes it', () => {
		const builder = world().image(undefined, [base]);
		const builtImage = builder.storeImage('old:1', [base, app]);
		builder.container('web', { image: 'old:1', status: 'exited' }).hide('old:1').image('new:1', [base]);
		const plan = planFor(builder, { verb: 'container' });
		const container = plan.removals.find(({ resource }) => resource.key.kind === 'container');
		expect(container?.aloneBytes).toBe(plan.reclaimableBytes);
		expect(plan.removals.map(({ resource }) => resource.key.id)).toContain(builtImage);
	});

	test.each(['running', 'paused', 'restarting'] as const)(
		'2: a container that is %s stays under every policy',
		(status) => {
			const builder = world()
				.image('app:1', [base, app])
				.container('web', { image: 'app:1', status, mounts: [':/data'] });
			expect(planFor(builder, everything).removals).toEqual([]);
		},
	);

	test('3: a dead container holds its image until it has gone itself, and container prune takes it', () => {
		const builder = world().image('app:1', [base]).container('wreck', { image: 'app:1', status: 'dead' });
		expect(planFor(builder, { verb: 'image', all: true }).removals).toEqual([]);
		expect(removedBy(planFor(builder, { verb: 'container' }))).toEqual(['container wreck']);
	});

	test('4: a container that never started is a root, falls to container prune, and grace protects it', () => {
		const builder = world().image('app:1', [base]).container('new', { image: 'app:1', status: 'created', age: '5m' });
		expect(removedBy(planFor(builder, { verb: 'image', all: true }))).toEqual([]);
		expect(removedBy(planFor(builder, { verb: 'container' }))).toEqual(['container new']);
		const careful = { ...prunePolicy({ verb: 'container' }), graceMs: 600_000 };
		expect(planCollection(takeInventory(builder.build()), careful, worldNow).removals).toEqual([]);
	});

	test('5: an image that lost its name to a rebuild goes, unless a container or a lease has it', () => {
		const rebuilt = () => world().image('app:1', [base, app]).image('app:1', [base, 'app, rebuilt 2MB']);
		expect(removedBy(planFor(rebuilt(), { verb: 'image' }))).toEqual([
			expect.stringMatching(/^image [0-9a-f]{12}$/),
			'layer app',
		]);
		const used = world()
			.image('app:1', [base, app])
			.container('web', { image: 'app:1', status: 'exited' })
			.image('app:1', [base, 'b 2MB']);
		expect(planFor(used, { verb: 'image' }).removals).toEqual([]);
		const leased = rebuilt();
		const dangling = takeInventory(leased.build()).resources.find(({ root }) => root === 'untagged');
		expect(
			planFor(leased.lease('commit', dangling === undefined ? [] : [dangling.key]), { verb: 'image' }).removals,
		).toEqual([]);
	});

	test('6: rmi -f under a stopped container hides the image; it is listed, kept, and goes with the container', async () => {
		const engine = createMemoryEngine(
			world().image('app:1', [base, app]).container('web', { image: 'app:1', status: 'exited' }).build(),
		);
		await engine.images.remove('app:1', { force: true });
		expect((await engine.images.list())[0]).toMatchObject({ references: [], hidden: true });
		const inventory = await engine.store.takeInventory();
		expect(planCollection(inventory, prunePolicy({ verb: 'image', all: true }), worldNow).removals).toEqual([]);
		expect(removedBy(planCollection(inventory, prunePolicy({ verb: 'container' }), worldNow))).toEqual([
			'container web',
			expect.stringMatching(/^image /),
			'layer app',
			'layer base',
		]);
	});

	test('9: two names hold one image; one alone frees nothing, both free all', () => {
		const plan = planFor(world().image('app:1', [base]).image('app:2', [base]), { verb: 'image', all: true });
		const bytes = new Map(
			plan.removals.map(({ resource, aloneBytes }) => [`${resource.key.kind} ${resource.label}`, aloneBytes]),
		);
		expect([bytes.get('tag app:1'), bytes.get('tag app:2')]).toEqual([0, 0]);
		expect(bytes.get('image app:1')).toBe(plan.reclaimableBytes);
	});

	test('11: a container that was made from an id holds the image as one made from a name does', () => {
		const builder = world();
		const id = builder.storeImage('app:1', [base]);
		builder.container('web', { image: id.slice(7, 19), status: 'exited' });
		expect(planFor(builder, { verb: 'image', all: true }).removals).toEqual([]);
	});

	test('12: a container holds the image that it was made from, although the name has moved on', () => {
		const builder = world()
			.image('app:1', [base, app])
			.container('web', { image: 'app:1', status: 'exited' })
			.image('app:1', [base, 'app, newer 2MB']);
		expect(removedBy(planFor(builder, { verb: 'image', all: true }))).toEqual([
			'tag app:1',
			'image app:1',
			'layer app, newer',
		]);
	});

	test('16: one diffID on two parents is two layers, each with its own bytes', () => {
		const plan = planFor(world().image('a:1', ['x 1MB', app]).image('b:1', ['y 1MB', app]), {
			verb: 'image',
			all: true,
		});
		const twins = plan.removals.filter(({ resource }) => resource.label === 'app');
		expect(new Set(twins.map(({ resource }) => resource.key.id)).size).toBe(2);
		expect(twins.map(({ resource }) => resource.sizeBytes)).toEqual([2e6, 2e6]);
	});

	test('17: what a live lease holds stays, with what it needs; when the lease ends it goes', () => {
		const builder = world().image(undefined, [base, app]);
		const layer = takeInventory(builder.build()).resources.find(({ label }) => label === 'app');
		const holds = layer === undefined ? [] : [layer.key];
		expect(removedBy(planFor(builder.lease('pull', holds), everything))).toEqual([expect.stringMatching(/^image /)]);
		expect(removedBy(planFor(world().image(undefined, [base, app]), everything))).toHaveLength(3);
	});

	test('23: an anonymous volume that nothing uses goes with --volumes, a named one only with volume prune -a', () => {
		const volumes = () => world().volume('logbook', '1MB').volume('f00d', '1MB', { anonymous: true });
		expect(removedBy(planFor(volumes(), { verb: 'system', all: true }))).toEqual([]);
		expect(removedBy(planFor(volumes(), everything))).toEqual(['volume f00d']);
		expect(removedBy(planFor(volumes(), { verb: 'volume' }))).toEqual(['volume f00d']);
		expect(removedBy(planFor(volumes(), { verb: 'volume', all: true }))).toEqual(['volume f00d', 'volume logbook']);
	});

	test('24: a volume of a stopped container stays', () => {
		const builder = world()
			.image('app:1', [base])
			.container('web', { image: 'app:1', status: 'exited', mounts: ['logbook:/a', ':/b'] });
		expect(planFor(builder, { verb: 'volume', all: true }).removals).toEqual([]);
	});

	test('25: a container that goes takes its volumes only where volumes were asked for, in the same plan', () => {
		const builder = world()
			.image('app:1', [base])
			.container('web', { image: 'app:1', status: 'exited', mounts: [':/b'] });
		expect(removedBy(planFor(builder, { verb: 'system' }))).toEqual(['container web']);
		expect(removedBy(planFor(builder, { verb: 'system', volumes: true }))).toEqual([
			'container web',
			expect.stringMatching(/^volume /),
		]);
	});

	test.each([
		['unknown', undefined],
		['the epoch', 0],
		['year one', Date.UTC(1, 0, 1) - 62_135_596_800_000],
	])('29: a build time that is %s does not count as old', (_, createdAt) => {
		const plan = planFor(
			world().image(undefined, [base], { built: 'unknown', age: '400d' }),
			{ verb: 'image', until: worldNow - 86_400_000 },
			(resource) => ({ ...resource, createdAt }),
		);
		expect(plan.removals).toEqual([]);
	});

	test('31: label filters demand all of label= and exclude what has all of label!=', () => {
		const labelled = world()
			.image(undefined, ['a 1MB'], { labels: { crew: 'night', ship: 'x' } })
			.image(undefined, ['b 1MB'], { labels: { crew: 'day' } });
		const prune = (...labels: { key: string; value: string | undefined; negated: boolean }[]) =>
			removedBy(planFor(labelled, { verb: 'image', labels })).filter((name) => name.startsWith('layer'));
		expect(prune({ key: 'crew', value: 'night', negated: false })).toEqual(['layer a']);
		expect(
			prune({ key: 'crew', value: undefined, negated: false }, { key: 'ship', value: 'x', negated: false }),
		).toEqual(['layer a']);
		expect(prune({ key: 'ship', value: undefined, negated: true })).toEqual(['layer b']);
	});

	test('32: an image without labels does not match label=', () => {
		const plan = planFor(world().image(undefined, [base]), {
			verb: 'image',
			labels: [{ key: 'crew', value: undefined, negated: false }],
		});
		expect(plan.removals).toEqual([]);
	});

	test('42: one record that refers to nothing is reported, and everything else is planned as ever', () => {
		const builder = world().image('app:1', [base]).image(undefined, [base, app]);
		const missing = { kind: 'layer', id: digestOf('not there') } as const;
		const plan = planFor(builder, { verb: 'image' }, (resource) =>
			resource.key.kind === 'tag' ? { ...resource, references: [...resource.references, missing] } : resource,
		);
		expect(plan.broken).toEqual([{ from: { kind: 'tag', id: canonicalReference('app:1') }, to: missing }]);
		expect(removedBy(plan)).toEqual([expect.stringMatching(/^image /), 'layer app']);
	});
});

test('every prune verb takes what nothing reaches, whatever its filters', () => {
	for (const verb of ['image', 'container', 'system'] as const) {
		const plan = planFor(world().leftover('orphan', 'layers/x', '1MB').leftover('ingest', 'ingest/y', '1MB'), {
			verb,
			until: 1,
		});
		expect(removedBy(plan)).toEqual(['ingest ingest/y', 'orphan layers/x']);
	}
});

test('until takes what was created before, and the image with it', () => {
	const builder = world().image(undefined, ['a 1MB'], { age: '3d' }).image(undefined, ['b 1MB'], { age: '1h' });
	const plan = planFor(builder, { verb: 'image', until: worldNow - 86_400_000 });
	expect(removedBy(plan)).toEqual([expect.stringMatching(/^image /), 'layer a']);
});

test('until and volumes do not go together, as in Docker', () => {
	expect(() => prunePolicy({ verb: 'system', volumes: true, until: 1 })).toThrow('cannot be used with volumes');
});
