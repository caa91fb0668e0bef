import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Inventory, Resource, ResourceKey, RootReason } from '../../src/engine/model.ts';
import { pathTo } from '../../src/gc/explain.ts';
import { planCollection } from '../../src/gc/plan.ts';
import { canonicalPlanText } from '../../src/gc/plan-text.ts';
import type { DemotableRoot, Policy } from '../../src/gc/policy.ts';
import { inventoryOf, key, lettersNow, node } from '../support/letters.ts';

const demotable: readonly DemotableRoot[] = ['container', 'tag', 'untagged', 'named-volume', 'anonymous-volume'];
const roots: readonly (RootReason | undefined)[] = [
	undefined,
	undefined,
	undefined,
	...demotable,
	'running',
	'lease',
	'pinned',
];
const kinds = ['tag', 'container', 'image', 'blob', 'layer', 'volume', 'orphan'] as const;

/** References lead to higher numbers only, as in a store; followers may follow anything; some edges lead nowhere. */
const inventories = fc.integer({ min: 0, max: 24 }).chain((count) =>
	fc
		.array(
			fc.record({
				targets: fc.array(fc.nat(30), { maxLength: 4 }),
				root: fc.constantFrom(...roots),
				keptWith: fc.option(fc.nat(30), { freq: 3 }),
				diskBytes: fc.nat(1000),
				age: fc.nat(40),
				createdAt: fc.constantFrom(undefined, 0, lettersNow - 5, lettersNow - 50),
				labelled: fc.boolean(),
			}),
			{ minLength: count, maxLength: count },
		)
		.map((plans): Inventory => {
			const keys = plans.map(
				(_, index): ResourceKey => ({ kind: kinds[index % kinds.length] ?? 'layer', id: `n${index}` }),
			);
			const keyAt = (index: number) => keys[index] ?? key(`missing${index}`);
			return inventoryOf(
				plans.map((plan, index) =>
					node(`n${index}`, {
						key: keyAt(index),
						root: plan.root,
						diskBytes: plan.diskBytes,
						storedAt: lettersNow - plan.age,
						createdAt: plan.createdAt,
						labels: plan.labelled ? { crew: 'night' } : {},
						keptWith: plan.keptWith === null ? undefined : keyAt(plan.keptWith),
						references: [...new Set(plan.targets.map((target) => index + 1 + target))].map(keyAt),
					}),
				),
			);
		}),
);

const policies: fc.Arbitrary<Policy> = fc.record({
	name: fc.constant('random'),
	graceMs: fc.constantFrom(0, 10, 25),
	demotions: fc.array(
		fc.record({
			roots: fc.subarray([...demotable]),
			rule: fc.constantFrom('one rule', 'another rule'),
			createdBefore: fc.constantFrom(undefined, lettersNow - 20),
			labels: fc.constantFrom(
				[],
				[{ key: 'crew', value: undefined, negated: false }],
				[{ key: 'crew', value: 'night', negated: true }],
			),
		}),
		{ maxLength: 3 },
	),
});

const text = ({ kind, id }: ResourceKey) => `${kind} ${id}`;

/** The same decision as sets and loops to a fixed point, written from the rules alone. */
function survivors(inventory: Inventory, policy: Policy): ReadonlySet<string> {
	const byKey = new Map(inventory.resources.map((resource) => [text(resource.key), resource]));
	const isDemoted = ({ root, createdAt, labels }: Resource) =>
		policy.demotions.some(
			(demotion) =>
				(demotion.roots as readonly unknown[]).includes(root) &&
				(demotion.createdBefore === undefined ||
					(createdAt !== undefined && createdAt > 0 && createdAt < demotion.createdBefore)) &&
				demotion.labels.every(({ key: name, negated }) => negated !== name in labels),
		);
	const standing = new Set<string>();
	for (const resource of inventory.resources) {
		const young = policy.graceMs > 0 && resource.storedAt + policy.graceMs > lettersNow;
		if (young || (resource.root !== undefined && !isDemoted(resource))) standing.add(text(resource.key));
	}
	for (let before = -1; before !== standing.size; ) {
		before = standing.size;
		for (const [name, resource] of byKey) {
			const followed = resource.keptWith === undefined ? undefined : text(resource.keptWith);
			if (followed !== undefined && byKey.has(followed) && standing.has(followed)) standing.add(name);
			if (!standing.has(name)) continue;
			for (const target of resource.references) if (byKey.has(text(target))) standing.add(text(target));
		}
	}
	return standing;
}

const check = (property: (inventory: Inventory, policy: Policy) => void) =>
	fc.assert(fc.property(inventories, policies, property), { numRuns: 400 });
const plan = (inventory: Inventory, policy: Policy) => planCollection(inventory, policy, lettersNow);
const removedKeys = (inventory: Inventory, policy: Policy) =>
	plan(inventory, policy).removals.map(({ resource }) => text(resource.key));

test('closed: nothing that stays refers to anything that goes', () => {
	check((inventory, policy) => {
		const removed = new Set(removedKeys(inventory, policy));
		for (const { resource } of plan(inventory, policy).kept) {
			for (const target of resource.references) expect(removed).not.toContain(text(target));
		}
	});
});

test('ordered: everything goes before what it refers to', () => {
	check((inventory, policy) => {
		const gone = new Set<string>();
		for (const { resource } of plan(inventory, policy).removals) {
			for (const target of resource.references) expect(gone).not.toContain(text(target));
			gone.add(text(resource.key));
		}
	});
});

test('a partition: everything either stays or goes, once', () => {
	check((inventory, policy) => {
		const { kept, removals } = plan(inventory, policy);
		const all = [...kept, ...removals].map(({ resource }) => text(resource.key)).sort();
		expect(all).toEqual(inventory.resources.map((resource) => text(resource.key)).sort());
	});
});

test('idempotent: after a sweep there is nothing left to plan', () => {
	check((inventory, policy) => {
		const removed = new Set(removedKeys(inventory, policy));
		const rest = inventoryOf(inventory.resources.filter((resource) => !removed.has(text(resource.key))));
		expect(removedKeys(rest, policy)).toEqual([]);
	});
});

test('any half of a sweep leaves a store in which the rest is planned as before', () => {
	check((inventory, policy) => {
		const removed = removedKeys(inventory, policy);
		const half = new Set(removed.slice(0, removed.length >> 1));
		const rest = inventoryOf(inventory.resources.filter((resource) => !half.has(text(resource.key))));
		expect(new Set(removedKeys(rest, policy))).toEqual(new Set(removed.slice(half.size)));
	});
});

test('agrees with a decision made of sets', () => {
	check((inventory, policy) => {
		const kept = plan(inventory, policy).kept.map(({ resource }) => text(resource.key));
		expect(new Set(kept)).toEqual(survivors(inventory, policy));
	});
});

test('never takes what runs, what work under way holds, or what they need', () => {
	check((inventory, policy) => {
		const hard = survivors(
			inventoryOf(
				inventory.resources.map((resource) => (isHard(resource) ? resource : { ...resource, root: undefined })),
			),
			{ ...policy, graceMs: 0 },
		);
		for (const removed of removedKeys(inventory, policy)) expect(hard).not.toContain(removed);
	});
});

test('bytes alone are what marking again without that one thing would not reach', () => {
	check((inventory, policy) => {
		const { removals } = plan(inventory, policy);
		for (const { resource, aloneBytes } of removals) {
			const without = reachedWithout(removals, text(resource.key));
			const freed = removals
				.map((removal) => removal.resource)
				.filter(({ key: other }) => !without.has(text(other)))
				.reduce((sum, { diskBytes }) => sum + diskBytes, 0);
			expect(aloneBytes).toBe(freed);
		}
	});
});

test('every path leads edge by edge to something that stands or goes by itself', () => {
	check((inventory, policy) => {
		const made = plan(inventory, policy);
		const entries = new Map([...made.kept, ...made.removals].map((entry) => [text(entry.resource.key), entry]));
		for (const { resource } of entries.values()) {
			const path = pathTo(made, resource.key).map((step) => entries.get(text(step)));
			for (const [index, step] of path.entries()) {
				const next = path[index + 1];
				if (step === undefined) throw new Error('a path leads out of the plan');
				const refers = next?.resource.references.some((target) => text(target) === text(step.resource.key));
				const follows =
					next !== undefined &&
					step.resource.keptWith !== undefined &&
					text(step.resource.keptWith) === text(next.resource.key);
				if (next === undefined) expect(['root', 'young', 'demoted', 'unreachable']).toContain(step.reason.type);
				else expect(refers === true || follows).toBe(true);
			}
		}
	});
});

test('the id is the digest of canonical JSON, whatever the order of members', () => {
	check((inventory, policy) => {
		const { id, ...document } = plan(inventory, policy);
		expect(canonicalPlanText(document)).toBe(canonical(document));
		const turned: Inventory = { ...inventory, resources: inventory.resources.map(reversedMembers) };
		expect(plan(turned, policy).id).toBe(id);
		expect(plan({ ...inventory, revision: inventory.revision + 1 }, policy).id).not.toBe(id);
	});
});

function isHard({ root }: Resource): boolean {
	return root === 'running' || root === 'lease' || root === 'pinned';
}

/** What the doomed things that stand by themselves reach among each other, when one of them is not there. */
function reachedWithout(removals: ReturnType<typeof plan>['removals'], missing: string): ReadonlySet<string> {
	const doomed = new Map(removals.map((removal) => [text(removal.resource.key), removal]));
	const referred = new Set(removals.flatMap(({ resource }) => resource.references.map(text)));
	const found = new Set<string>();
	const visit = (name: string) => {
		const removal = doomed.get(name);
		if (removal === undefined || name === missing || found.has(name)) return;
		found.add(name);
		for (const target of removal.resource.references) visit(text(target));
	};
	for (const [name, { reason }] of doomed) if (reason.type === 'demoted' || !referred.has(name)) visit(name);
	return found;
}

function reversedMembers<T extends object>(value: T): T {
	return Object.fromEntries(Object.entries(value).reverse()) as T;
}

function canonical(value: unknown): string {
	if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
	if (value === null || typeof value !== 'object') return JSON.stringify(value);
	const members = Object.entries(value)
		.filter(([, member]) => member !== undefined)
		.sort(([a], [b]) => (a < b ? -1 : 1));
	return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(',')}}`;
}
