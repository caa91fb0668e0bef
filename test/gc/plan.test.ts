import { describe, expect, test } from 'vitest';
import { isEngineError } from '../../src/engine/errors.ts';
import type { Plan } from '../../src/gc/model.ts';
import { planCollection } from '../../src/gc/plan.ts';
import { demoting, inventoryOf, key, letters, lettersNow, node } from '../support/letters.ts';

function planOf(text: string, policy = demoting()): Plan {
	return planCollection(letters(text), policy, lettersNow);
}

const removedIn = (plan: Plan) => plan.removals.map(({ resource }) => resource.key.id).join(' ');
const reasonFor = (plan: Plan, id: string) =>
	[...plan.kept, ...plan.removals].find(({ resource }) => resource.key.id === id)?.reason;

describe('what nothing reaches goes, referrers first', () => {
	test.each([
		['an empty store', '', ''],
		['one root alone', 'a(tag)', ''],
		['a chain below a root', 'a(tag) > b; b > c; c', ''],
		['a chain below nothing', 'c; b > c; a > b', 'a b c'],
		['a diamond below nothing', 'd; b > d; c > d; a > b c', 'a b c d'],
		['half of a shared base', 'r(tag) > base; base; dead > base', 'dead'],
		['two unrelated leftovers', 'z; y; r(tag)', 'y z'],
		['the reverse of the alphabet', 'a; b > a; c > b', 'c b a'],
	])('%s', (_, graph, expected) => {
		expect(removedIn(planOf(graph))).toBe(expected);
	});
});

describe('a policy takes roots away and never points at victims', () => {
	test.each([
		['a demoted name falls with all below it', 't(tag) > a; a > b; b', 't a b'],
		['what another root needs stays', 't(tag) > a; a > b; b; w(container) > b', 't a'],
		['a demoted root that something needs stays', 't(tag) > a; a; w(container) > t', ''],
		['two demoted names fall together', 's(tag) > a; t(tag) > a; a', 's t a'],
	])('%s', (_, graph, expected) => {
		expect(removedIn(planOf(graph, demoting('tag')))).toBe(expected);
	});

	test.each(['running', 'lease', 'pinned'] as const)('%s stands under a policy that demotes all it can', (root) => {
		const everything = demoting('container', 'tag', 'untagged', 'named-volume', 'anonymous-volume');
		expect(removedIn(planOf(`w(${root}) > a; a > b; b; t(tag) > c; c`, everything))).toBe('t c');
	});

	test('a root that this version has no word for stands', () => {
		const plan = planCollection(
			inventoryOf([node('a', { root: 'quarantined' as never })]),
			demoting('tag'),
			lettersNow,
		);
		expect(plan.removals).toEqual([]);
	});
});

describe('a follower stays with what it follows', () => {
	const containersGo = demoting('container');
	test.each([
		['a name stays while a container needs its image', 't(tag)~a > a; a; w(container) > a', ''],
		['a name does not hold its image by following it', 't(tag)~a > a; a', 't a'],
		['two names do not hold each other', 's(tag)~a > a; t(tag)~a > a; a', 's t a'],
		['a follower of a follower stays, and so does what it needs', 's(tag)~t > x; x; t(tag)~a; a; w(running) > a', ''],
		['followers in a circle do not hold themselves', 's(tag)~t; t(tag)~s', 's t'],
		['a name of another image goes', 't(tag)~a > a; u(tag)~b > b; a; b; w(container) > a', 'u b'],
	])('%s', (_, graph, expected) => {
		expect(removedIn(planOf(graph, demoting('tag')))).toBe(expected);
	});

	test('a name that stands by itself says so, although its image is needed too', () => {
		const plan = planOf('t(tag)~a > a; a; w(running) > a', containersGo);
		expect(reasonFor(plan, 't')).toEqual({ type: 'kept-with', via: key('a') });
		expect(reasonFor(planOf('t(tag)~a > a; a', containersGo), 't')).toEqual({ type: 'root', root: 'tag' });
	});
});

describe('every node has its reason', () => {
	test('kept things name the strongest hold and the shortest way to it', () => {
		const plan = planOf('t(tag) > a; w(running) > c; c > a; a > b; b');
		expect(reasonFor(plan, 'w')).toEqual({ type: 'root', root: 'running' });
		expect(reasonFor(plan, 'a')).toEqual({ type: 'needed', via: key('c') });
		expect(reasonFor(plan, 'b')).toEqual({ type: 'needed', via: key('a') });
	});

	test('removed things name the rule, the referrer that goes, or that there was none', () => {
		const plan = planOf('t(tag) > a; a > b; b; x', demoting('tag'));
		expect(reasonFor(plan, 't')).toEqual({ type: 'demoted', rule: 'demoted tag' });
		expect(reasonFor(plan, 'a')).toEqual({ type: 'unneeded', by: key('t') });
		expect(reasonFor(plan, 'b')).toEqual({ type: 'unneeded', by: key('a') });
		expect(reasonFor(plan, 'x')).toEqual({ type: 'unreachable' });
	});
});

describe('bytes', () => {
	const alone = (graph: string) =>
		planOf(graph, demoting('tag'))
			.removals.map(({ resource, aloneBytes }) => `${resource.key.id}${aloneBytes}`)
			.join(' ');
	test.each([
		['a chain goes with its head', 't(tag):1 > a; a:10 > b; b:100', 't111 a110 b100'],
		[
			'two heads hold their base together',
			's(tag):1 > a; t(tag):2 > b; a:10 > c; b:20 > c; c:100',
			's11 a10 t22 b20 c100',
		],
		['a diamond closes above its tip', 'a:1 > b c; b:10 > d; c:20 > d; d:100', 'a131 b10 c20 d100'],
		['a root of its own frees itself from its referrer', 't(tag):1 > u; u(tag):10 > a; a:100', 't1 u110 a100'],
		['a kept referrer takes no part', 'r(running) > c; t(tag):1 > a; a:10 > c; c:100', 't11 a10'],
	])('%s', (_, graph, expected) => {
		expect(alone(graph)).toBe(expected);
	});

	test('the total is the sum of what goes, each once', () => {
		expect(planOf('a:1 > b c; b:10 > d; c:20 > d; d:100; r(tag):500').reclaimableBytes).toBe(131);
	});
});

describe('damage is reported and fails towards keeping', () => {
	test('an edge to nothing is listed and not followed', () => {
		const plan = planOf('t(tag) > a gone; a');
		expect(plan.broken).toEqual([{ from: key('t'), to: key('gone') }]);
		expect(plan.removals).toEqual([]);
	});

	test('a circle that nothing reaches is planned once and ends', () => {
		expect(removedIn(planOf('a > b; b > c; c > a; r(tag)'))).toBe('a b c');
	});

	test('a circle below a root stays', () => {
		expect(removedIn(planOf('a > b; b > a; r(tag) > a'))).toBe('');
	});

	test('two things of one key stop the plan', () => {
		expect(() => planOf('a; b; a')).toThrow(expect.toSatisfy((error) => isEngineError(error, 'corrupt')));
	});
});

describe('grace', () => {
	const policy = { ...demoting('tag', 'container'), graceMs: 1000 };
	const plan = (resources: Parameters<typeof inventoryOf>[0]) =>
		planCollection(inventoryOf(resources), policy, lettersNow);

	test('keeps the young, what they need, and the name of what they need', () => {
		const young = node('w', { root: 'container', storedAt: lettersNow - 400, references: [key('a')] });
		const old = [
			node('a', { references: [key('b')] }),
			node('b'),
			node('t', { root: 'tag', keptWith: key('a'), references: [key('a')] }),
		];
		const made = plan([young, ...old]);
		expect(made.removals).toEqual([]);
		expect(reasonFor(made, 'w')).toEqual({ type: 'young', untilAt: lettersNow + 600 });
		expect(reasonFor(made, 't')).toEqual({ type: 'kept-with', via: key('a') });
	});

	test('counts from the last use where that is later', () => {
		expect(plan([node('a', { storedAt: 0, lastUsedAt: lettersNow - 1 })]).removals).toEqual([]);
		expect(removedIn(plan([node('a', { storedAt: 0, lastUsedAt: lettersNow - 1000 })]))).toBe('a');
	});

	test('takes a time that is yet to come for now, so that a wrong clock cannot keep things for ever', () => {
		const made = plan([node('a', { storedAt: lettersNow + 1_000_000 })]);
		expect(reasonFor(made, 'a')).toEqual({ type: 'young', untilAt: lettersNow + 1000 });
	});
});
