import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Generation, Inventory, Resource, RootReason } from '../../src/engine/model.ts';
import type { Plan } from '../../src/gc/model.ts';
import { narrowPlan } from '../../src/gc/narrow.ts';
import { planCollection } from '../../src/gc/plan.ts';
import { demoting, inventoryOf, key, letters, lettersNow, node } from '../support/letters.ts';

const planOf = (text: string, policy = demoting('tag', 'container')) =>
	planCollection(letters(text), policy, lettersNow);
const narrowed = (plan: Plan, later: Inventory | string, now = lettersNow) => {
	const result = narrowPlan(plan, typeof later === 'string' ? letters(later) : later, now);
	return {
		goes: result.plan.removals.map(({ resource }) => resource.key.id).join(' '),
		skipped: Object.fromEntries(result.skipped.map(({ resource, why }) => [resource.key.id, why])),
		bytes: result.plan.reclaimableBytes,
		id: result.plan.id,
	};
};

describe('a plan that is executed later is exactly its list', () => {
	const made = 't(tag) > a; a:10 > b; b:5';

	test('where nothing has happened', () => {
		const plan = planOf(made);
		expect(narrowed(plan, made)).toEqual({ goes: 't a b', skipped: {}, bytes: 16, id: plan.id });
	});

	test('minus what has gone', () => {
		expect(narrowed(planOf(made), 'a:10 > b; b:5')).toMatchObject({
			goes: 'a b',
			skipped: { t: 'it has gone already' },
			bytes: 15,
		});
	});

	test('minus what something new needs, with all that it needs', () => {
		expect(narrowed(planOf(made), `${made}; w(running) > a`)).toMatchObject({
			goes: 't',
			skipped: { a: expect.stringContaining('it is needed: '), b: expect.stringContaining('it is needed: ') },
		});
	});

	test('minus what has changed, with all that it needs', () => {
		const { resources } = letters(made);
		const changed = resources.map((each) => (each.key.id === 'a' ? { ...each, generation: '2' as Generation } : each));
		expect(narrowed(planOf(made), inventoryOf(changed))).toMatchObject({
			goes: 't',
			skipped: { a: 'it has changed since the plan was made', b: 'layer a needs it' },
		});
	});

	test('never plus: what is garbage by now and not listed stays, and so does what it needs', () => {
		expect(narrowed(planOf(made), `${made}; new(tag) > b`)).toMatchObject({
			goes: 't a',
			skipped: { b: 'layer new needs it' },
		});
	});

	test('minus what its policy would keep by now', () => {
		const used = letters(made).resources.map((each) => ({ ...each, lastUsedAt: lettersNow }));
		const policy = { ...demoting('tag'), graceMs: 500 };
		expect(narrowed(planOf(made, policy), inventoryOf(used))).toMatchObject({ goes: '' });
	});
});

const roots: readonly (RootReason | undefined)[] = [undefined, undefined, 'tag', 'container', 'running'];
const edges = fc.record({
	root: fc.constantFrom(...roots),
	targets: fc.array(fc.nat(9), { maxLength: 3 }),
	generation: fc.nat(1),
	there: fc.integer({ min: 0, max: 5 }),
});

test('whatever happened in between: never more than the list, never what anything that stays needs', () => {
	fc.assert(
		fc.property(
			fc.array(edges, { minLength: 1, maxLength: 12 }),
			fc.array(edges, { minLength: 12, maxLength: 12 }),
			(before, after) => {
				const build = (plans: typeof before, isThere: (index: number) => boolean) =>
					inventoryOf(
						plans.flatMap(({ root, targets, generation }, index): readonly Resource[] => {
							if (!isThere(index)) return [];
							const references = [...new Set(targets.map((target) => index + 1 + target))].map((to) => key(`n${to}`));
							return [node(`n${index}`, { root, generation: String(generation) as Generation, references })];
						}),
					);
				const plan = planCollection(
					build(before, () => true),
					demoting('tag', 'container'),
					lettersNow,
				);
				const later = build(after, (index) => (after[index]?.there ?? 0) > 0);
				const { plan: rest, skipped } = narrowPlan(plan, later, lettersNow);
				const goes = new Set(rest.removals.map(({ resource }) => resource.key.id));
				const listed = new Map(plan.removals.map(({ resource }) => [resource.key.id, resource]));
				for (const { resource } of rest.removals) {
					expect(listed.get(resource.key.id)?.generation).toBe(resource.generation);
					expect(resource.root).not.toBe('running');
				}
				for (const {
					key: { id },
					references,
				} of later.resources) {
					if (!goes.has(id)) for (const to of references) expect(goes.has(to.id)).toBe(false);
				}
				expect(rest.removals.length + skipped.length).toBe(plan.removals.length);
				expect(rest.reclaimableBytes).toBe(rest.removals.length);
			},
		),
		{ numRuns: 1000 },
	);
});
