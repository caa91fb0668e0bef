import { describe, expect, test } from 'vitest';
import { takeInventory } from '../../src/engine/memory/inventory.ts';
import { sampleNow, sampleWorld } from '../../src/engine/memory/sample.ts';
import type { ResourceKey, ResourceKind } from '../../src/engine/model.ts';
import { describePath, describeReason, findFate, pathTo } from '../../src/gc/explain.ts';
import { planCollection } from '../../src/gc/plan.ts';
import { prunePolicy } from '../../src/gc/presets.ts';
import { world, worldNow } from '../support/world.ts';

const builder = world()
	.image('app:2', ['base 10MB', 'runtime 5MB', 'app 2MB'])
	.container('web', { image: 'app:2', status: 'exited', age: '5d', started: '4d', ended: '3d' })
	.image('live:1', ['base 10MB', 'live 1MB'])
	.container('pilot', { image: 'live:1' })
	.image('old:1', ['old 4MB'])
	.leftover('orphan', 'layers/x', '1MB');
const inventory = takeInventory(builder.build());
const plan = planCollection(inventory, prunePolicy({ verb: 'image', all: true }), worldNow);

function keyOf(kind: ResourceKind, label: string): ResourceKey {
	const found = inventory.resources.find((resource) => resource.key.kind === kind && resource.label === label);
	if (found === undefined) throw new Error(`no ${kind} ${label}`);
	return found.key;
}

describe('paths', () => {
	test.each([
		['layer', 'app', 'layer ← image app:2 ← container web (exited 3 d ago)'],
		['layer', 'runtime', 'layer ← image app:2 ← container web (exited 3 d ago)'],
		['layer', 'base', 'layer ← image live:1 ← container pilot (running)'],
		['image', 'app:2', 'image app:2 ← container web (exited 3 d ago)'],
		['tag', 'app:2', 'tag app:2 ← image app:2 ← container web (exited 3 d ago)'],
		['container', 'web', 'container web (exited 3 d ago)'],
		['layer', 'old', 'layer ← image old:1 ← tag old:1'],
		['orphan', 'layers/x', 'orphan layers/x'],
	] as const)('of %s %s', (kind, label, words) => {
		expect(describePath(plan, keyOf(kind, label))).toBe(words);
	});

	test('name every step, layers too', () => {
		expect(pathTo(plan, keyOf('layer', 'base'))).toEqual([
			keyOf('layer', 'base'),
			keyOf('layer', 'live'),
			keyOf('image', 'live:1'),
			keyOf('container', 'pilot'),
		]);
	});

	test('are empty for what the plan does not know', () => {
		expect(pathTo(plan, { kind: 'image', id: 'sha256:0' })).toEqual([]);
		expect(describePath(plan, { kind: 'image', id: 'sha256:0' })).toBe('');
		expect(describeReason(plan, { kind: 'image', id: 'sha256:0' })).toBe('');
	});
});

describe('reasons', () => {
	test.each([
		['container', 'web', 'a container, in whatever state'],
		['container', 'pilot', 'it runs'],
		['image', 'app:2', 'needed by container web (exited 3 d ago)'],
		['tag', 'app:2', 'named, and image app:2 stays'],
		['tag', 'old:1', 'unused image'],
		['image', 'old:1', 'needed only by tag old:1, which goes'],
		['orphan', 'layers/x', 'unknown to the metadata'],
	] as const)('of %s %s', (kind, label, words) => {
		expect(describeReason(plan, keyOf(kind, label))).toBe(words);
	});

	test('of the young say when they are old enough', () => {
		const careful = { ...prunePolicy({ verb: 'image' }), graceMs: 3_600_000 };
		const young = takeInventory(world().image(undefined, ['new 1MB'], { age: '20m' }).build());
		const image = young.resources.find(({ key }) => key.kind === 'image');
		const made = planCollection(young, careful, worldNow);
		expect(describeReason(made, image?.key ?? { kind: 'image', id: '' })).toBe(
			'stored or used too recently; old enough in 40 min',
		);
	});
});

test('every node of the sample world is explained on its side of the plan', () => {
	const sample = takeInventory(sampleWorld());
	const made = planCollection(sample, prunePolicy({ verb: 'system', all: true }), sampleNow);
	for (const { key } of sample.resources) {
		expect(describeReason(made, key)).not.toBe('');
		expect(describePath(made, key)).not.toBe('');
		expect(findFate(made, key)?.type).toMatch(/^(kept|removed)$/);
	}
});
