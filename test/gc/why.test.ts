import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Inventory, RootReason } from '../../src/engine/model.ts';
import type { Policy } from '../../src/gc/policy.ts';
import { describeRelease } from '../../src/gc/release-step.ts';
import { type Explanation, explainThing } from '../../src/gc/why.ts';
import { demoting, inventoryOf, key, letters, lettersNow, node } from '../support/letters.ts';

function why(inventory: Inventory, id: string, policy: Policy = demoting()): Explanation {
	const explanation = explainThing(inventory, { key: key(id), policy, now: lettersNow });
	if (explanation === undefined) throw new Error(`nothing is known of ${id}`);
	return explanation;
}

const holdersOf = ({ holders }: Explanation) => holders.map(({ resource }) => resource.key.id).join(' ');

describe('what would have to go for a thing to be free', () => {
	test.each([
		['its only root', 't(tag) > a; a > b; b', 'b', 't'],
		['every root that reaches it, strongest first', 't(tag) > a; w(running) > a; a > b; b; x(tag) > c; c', 'b', 'w t'],
		['itself where it stands on its own', 'v(named-volume)', 'v', 'v'],
		['itself and what needs it', 'v(named-volume); w(container) > v', 'v', 'w v'],
		['what a name follows, not the name', 't(tag)~a > a; a; w(container) > a', 't', 't w'],
		['a root behind another thing that stands', 'p(pinned) > t; t(tag) > a; a', 'a', 'p t'],
		['a lease', 'l(lease) > b; b; a > b', 'b', 'l'],
	])('%s', (_, graph, id, expected) => {
		expect(
			holdersOf(why(letters(graph), id))
				.split(' ')
				.sort(),
		).toEqual(expected.split(' ').sort());
	});

	test('a name that the policy does not protect is held by the container of its image alone', () => {
		const graph = letters('t(tag)~a > a; a; w(container) > a');
		expect(holdersOf(why(graph, 't', demoting('tag')))).toBe('w');
		expect(holdersOf(why(graph, 'a', demoting('tag')))).toBe('w');
	});

	test('says what the disk would have back, beyond what goes anyway', () => {
		const graph = letters('t(tag) > a; a:10 > b; b:5; w(container):3 > b; dead:100 > b');
		expect(why(graph, 'a').freedBytes).toBe(11);
		expect(why(graph, 'b').freedBytes).toBe(19);
	});

	test('what goes is explained by its rule and frees what hangs on it alone', () => {
		const explanation = why(letters('t(tag):1 > a; a:10 > b; b:5; w(container) > b'), 't', demoting('tag'));
		expect(explanation).toMatchObject({ fate: { type: 'removed' }, holders: [], freedBytes: 11 });
	});

	test('youth is a hold of its own that only time ends', () => {
		const policy = { ...demoting('tag'), graceMs: 7_200_000 };
		const explanation = why(letters('t(tag) > a; a'), 'a', policy);
		expect(holdersOf(explanation).split(' ').sort()).toEqual(['a', 't']);
		const [holder] = explanation.holders;
		expect(holder && describeRelease(holder, lettersNow)).toMatch(/^wait 2 h: /);
		// What it refers to is as young, and as old then.
		expect(why(letters('t(tag) > a; a:10 > b; b:5'), 'a', policy).freedBytes).toBe(16);
	});

	test('nothing is said of what is not there', () => {
		expect(explainThing(letters('a'), { key: key('b'), policy: demoting(), now: lettersNow })).toBeUndefined();
	});
});

test.each([
	['running', 'stop and remove it: tonnage rm -f web'],
	['container', 'remove it: tonnage rm web'],
	['tag', 'take the name away: tonnage rmi web'],
	['pinned', 'unpin it: tonnage image unpin web'],
	['lease', 'wait for that work to end (pid 7)'],
	['named-volume', 'choose a policy that takes such volumes'],
] as const)('a hold of the kind %s ends so: %s', (root, words) => {
	const resource = node('x', { root, label: 'web', detail: 'pid 7' });
	expect(describeRelease({ resource, reason: { type: 'root', root } }, lettersNow)).toBe(words);
});

const roots: readonly (RootReason | undefined)[] = [undefined, undefined, 'tag', 'container', 'running'];
const graphs = fc
	.array(fc.record({ root: fc.constantFrom(...roots), targets: fc.array(fc.nat(9), { maxLength: 3 }) }), {
		minLength: 1,
		maxLength: 12,
	})
	.map((plans) =>
		inventoryOf(
			plans.map(({ root, targets }, index) =>
				node(`n${index}`, {
					root,
					diskBytes: index + 1,
					references: [...new Set(targets.map((target) => index + 1 + target))]
						.filter((target) => target < plans.length)
						.map((target) => key(`n${target}`)),
				}),
			),
		),
	);

test('the set is the smallest: without all of it the thing goes, with any one of it the thing stays', () => {
	fc.assert(
		fc.property(graphs, fc.nat(), (inventory, pick) => {
			const { resources } = inventory;
			const chosen = resources[pick % resources.length]?.key.id ?? '';
			const { fate, holders, freedBytes, plan } = why(inventory, chosen);
			if (fate.type === 'removed') return;
			const ids = holders.map(({ resource }) => resource.key.id);
			const without = (gone: readonly string[]) => ({
				...inventory,
				resources: resources.map((each) => (gone.includes(each.key.id) ? { ...each, root: undefined } : each)),
			});
			const after = why(without(ids), chosen);
			expect(after.fate.type).toBe('removed');
			expect(after.plan.reclaimableBytes - plan.reclaimableBytes).toBe(freedBytes);
			for (const spared of ids) {
				expect(why(without(ids.filter((id) => id !== spared)), chosen).fate.type).toBe('kept');
			}
		}),
		{ numRuns: 500 },
	);
});
