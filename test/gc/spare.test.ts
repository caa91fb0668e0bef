import { describe, expect, test } from 'vitest';
import { takeInventory } from '../../src/engine/memory/inventory.ts';
import { createMemoryEngine } from '../../src/engine/memory/open.ts';
import type { WorldBuilder } from '../../src/engine/memory/world-builder.ts';
import { canonicalReference } from '../../src/engine/reference.ts';
import { describeReason } from '../../src/gc/explain.ts';
import type { Plan } from '../../src/gc/model.ts';
import { planCollection } from '../../src/gc/plan.ts';
import type { Policy } from '../../src/gc/policy.ts';
import { prunePolicy } from '../../src/gc/presets.ts';
import { world, worldNow } from '../support/world.ts';

const everything = {
	...prunePolicy({ verb: 'system', all: true, volumes: true }),
	demotions: [
		...prunePolicy({ verb: 'system', all: true, volumes: true }).demotions,
		...prunePolicy({ verb: 'volume', all: true }).demotions,
	],
};
const day = 86_400_000;

function planOf(builder: WorldBuilder, policy: Partial<Policy>): Plan {
	return planCollection(takeInventory(builder.build()), { ...everything, ...policy }, worldNow);
}

const named = (plan: Plan, kind: string) =>
	plan.removals
		.filter(({ resource }) => resource.key.kind === kind)
		.map(({ resource }) => resource.label)
		.sort();

function pilots(): WorldBuilder {
	return world()
		.image('pilot:1', ['base 1MB', 'one 1MB'], { age: '4d' })
		.image('pilot:2', ['base 1MB', 'two 1MB'], { age: '3d' })
		.image('pilot:3', ['base 1MB', 'three 1MB'], { age: '2d' })
		.image('tides:1', ['base 1MB', 'tide 1MB'], { age: '9d' });
}

async function tagged(builder: WorldBuilder, source: string, target: string): Promise<WorldBuilder> {
	await createMemoryEngine(builder.build()).images.tag(source, canonicalReference(target));
	return builder;
}

describe('33, 35: protection weighs more than any rule', () => {
	test.each([
		['pilot:*', ['tides:1']],
		['pilot', ['tides:1']],
		['docker.io/library/pilot:2', ['pilot:1', 'pilot:3', 'tides:1']],
		['?ides:1', ['pilot:1', 'pilot:2', 'pilot:3']],
		['ilot', ['pilot:1', 'pilot:2', 'pilot:3', 'tides:1']],
	])('the pattern %s', (pattern, gone) => {
		const plan = planOf(pilots(), { protections: [{ kinds: ['tag', 'image'], pattern }] });
		expect(named(plan, 'tag')).toEqual(gone);
	});

	test('keeps what the protected thing needs, and says by which rule', () => {
		const builder = pilots().container('db', { image: 'pilot:1', status: 'exited', mounts: ['log:/l'] });
		const plan = planOf(builder, { protections: [{ kinds: ['container'], pattern: 'db*' }] });
		expect(named(plan, 'volume')).toEqual([]);
		expect(named(plan, 'tag')).toEqual(['pilot:2', 'pilot:3', 'tides:1']);
		const container = plan.kept.find(({ resource }) => resource.key.kind === 'container');
		expect(container?.reason).toEqual({ type: 'spared', rule: 'protected by the pattern db*' });
	});

	test('by label, for everything that has labels', () => {
		const builder = world()
			.image('a:1', ['a 1MB'], { labels: { keep: 'yes' } })
			.image(undefined, ['b 1MB'], { labels: { keep: 'no' } })
			.image(undefined, ['c 1MB'], { labels: { keep: 'yes' } });
		const label = (value: string | undefined) => [
			{ kinds: ['tag', 'image', 'container', 'volume'] as const, label: { key: 'keep', value } },
		];
		expect(named(planOf(builder, { protections: label('yes') }), 'layer')).toEqual(['b']);
		expect(named(planOf(builder, { protections: label(undefined) }), 'layer')).toEqual([]);
	});

	test('a hidden image that is protected outlives its container', () => {
		const hidden = () =>
			world()
				.image('a:1', ['a 1MB'], { labels: { keep: '' } })
				.container('wreck', { image: 'a:1', status: 'exited' })
				.hide('a:1');
		const label = [{ kinds: ['image'] as const, label: { key: 'keep', value: undefined } }];
		expect(named(planOf(hidden(), {}), 'layer')).toEqual(['a']);
		expect(named(planOf(hidden(), { protections: label }), 'layer')).toEqual([]);
	});

	test('what would stay anyway is not said to be protected', () => {
		const plan = planOf(world().image('a:1', ['a 1MB']), {
			demotions: [],
			protections: [{ kinds: ['tag'], pattern: '*' }],
		});
		expect(plan.kept.map(({ reason }) => reason.type)).not.toContain('spared');
	});
});

describe('34: keep the last N of each repository', () => {
	test('by the time the name moved, and before any age', () => {
		const old = [{ roots: ['tag' as const], rule: 'old', createdBefore: worldNow, unusedBefore: worldNow, labels: [] }];
		const plan = planOf(pilots(), { demotions: old, keepNewest: 2 });
		expect(named(plan, 'tag')).toEqual(['pilot:1']);
		const kept = plan.kept.find(({ resource }) => resource.key.id.endsWith('pilot:3'));
		expect(kept && describeReason(plan, kept.resource.key)).toBe('among the 2 newest of pilot');
	});

	test('counts images, not names', async () => {
		const builder = await tagged(pilots(), 'pilot:3', 'pilot:latest');
		expect(named(planOf(builder, { keepNewest: 2 }), 'tag')).toEqual(['pilot:1']);
	});

	test('a name that moved back to an old image makes it new', async () => {
		const builder = await tagged(pilots(), 'pilot:1', 'pilot:stable');
		expect(named(planOf(builder, { keepNewest: 1 }), 'tag')).toEqual(['pilot:2', 'pilot:3']);
	});

	test('a registry with a port is not taken for a tag', () => {
		const builder = world()
			.image('localhost:5000/a:1', ['a 1MB'], { age: '2d' })
			.image('localhost:5000/b:1', ['b 1MB'], { age: '1d' });
		expect(named(planOf(builder, { keepNewest: 1 }), 'tag')).toEqual([]);
	});
});

describe('28: unused-for counts from the last use, and from storing where there was none', () => {
	const unusedFor = (ms: number) => ({
		demotions: [
			{ roots: ['tag' as const], rule: 'old', createdBefore: undefined, unusedBefore: worldNow - ms, labels: [] },
		],
	});

	test('an old image that a container used yesterday is not old', () => {
		const builder = world().image('a:1', ['a 1MB'], { age: '40d' }).image('b:1', ['b 1MB'], { age: '40d' });
		builder.container('wreck', { image: 'a:1', status: 'exited', age: '1d' });
		for (const id of builder.build().containers.keys()) builder.build().containers.delete(id);
		expect(named(planOf(builder, unusedFor(7 * day)), 'tag')).toEqual(['b:1']);
	});

	test('an image that was built long ago and stored just now is not old', () => {
		const builder = world().image('a:1', ['a 1MB'], { age: '1h', built: '400d' });
		expect(named(planOf(builder, unusedFor(day)), 'tag')).toEqual([]);
	});

	test('30: a use in the future counts as use', () => {
		const builder = world().image('a:1', ['a 1MB'], { age: '40d' });
		const built = builder.build();
		for (const id of built.images.keys()) built.updateImage(id, { lastUsedAt: worldNow + 400 * day });
		expect(named(planOf(builder, unusedFor(day)), 'tag')).toEqual([]);
	});
});
