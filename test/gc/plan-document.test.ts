import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { takeInventory } from '../../src/engine/memory/inventory.ts';
import { sampleNow, sampleWorld } from '../../src/engine/memory/sample.ts';
import { namedPolicies } from '../../src/gc/named-policies.ts';
import { planCollection } from '../../src/gc/plan.ts';
import { parsePlanDocument, planDocument } from '../../src/gc/plan-document.ts';
import type { Policy } from '../../src/gc/policy.ts';
import { policyAt, withUnusedImages } from '../../src/gc/policy-definition.ts';
import { prunePolicy } from '../../src/gc/presets.ts';
import { violations } from '../support/json-schema.ts';
import { demoting, letters, lettersNow } from '../support/letters.ts';

const schema = JSON.parse(readFileSync(new URL('../../docs/plan.schema.json', import.meta.url), 'utf8'));
const label = { key: 'crew', value: 'night', negated: true };
const policies: readonly Policy[] = [
	...namedPolicies.map((definition) => policyAt(definition, sampleNow)),
	...namedPolicies.map((definition) => policyAt(withUnusedImages(definition), sampleNow)),
	prunePolicy({ verb: 'system', all: true, until: sampleNow - 1000, labels: [label, { ...label, value: undefined }] }),
	{
		...prunePolicy({ verb: 'volume', all: true }),
		protections: [
			{ kinds: ['volume'], pattern: 'log*' },
			{ kinds: ['tag', 'image'], label: { key: 'keep', value: undefined } },
		],
		keepNewest: 3,
	},
];
const sample = takeInventory(sampleWorld());

describe.each(policies.map((policy) => ({ name: policy.name, policy })))('a plan of "$name"', ({ policy }) => {
	const plan = planCollection(sample, policy, sampleNow);

	test('fits the published schema', () => {
		expect(violations(schema, JSON.parse(planDocument(plan)))).toEqual([]);
	});

	test('is the same plan when it is read back', () => {
		const read = parsePlanDocument(planDocument(plan), 'here');
		expect(read).toEqual(plan);
		expect(planDocument(read)).toBe(planDocument(plan));
	});
});

test('damage is part of the document', () => {
	const plan = planCollection(letters('a(tag) > gone; b'), demoting(), lettersNow);
	expect(plan.broken).toHaveLength(1);
	expect(violations(schema, JSON.parse(planDocument(plan)))).toEqual([]);
});

test.each([
	['an unknown member', { extra: 1 }, '/: has the unknown member extra'],
	['a missing one', { takenAt: undefined }, '/: lacks takenAt'],
	['a negative count', { reclaimableBytes: -1 }, '/reclaimableBytes: is below 0'],
	['an id of another form', { id: 'sha256:0' }, '/id: does not fit the pattern'],
	[
		'a reason that there is not',
		{ kept: [{ reason: { type: 'liked' }, resource: {} }] },
		'/kept/0/reason: fits 0 of the alternatives',
	],
])('the schema refuses %s', (_, change, message) => {
	const plan = JSON.parse(planDocument(planCollection(letters(''), demoting(), lettersNow)));
	expect(violations(schema, JSON.parse(JSON.stringify({ ...plan, ...change })))).toContain(message);
});

describe('what is not what was written is not read', () => {
	const text = planDocument(planCollection(sample, prunePolicy({ verb: 'system' }), sampleNow));
	test.each([
		['one byte changed', text.replace('"graceMs":0', '"graceMs":1'), 'its id is not the digest of its text'],
		['a removal added', text.replace('"removals":[', '"removals":[{},'), 'it lacks parts of a plan'],
		['cut short', text.slice(0, -5), 'it is not JSON'],
		['something else', '[]', 'it has no id'],
		['nothing but an id', '{"id":"x"}', 'it lacks parts of a plan'],
	])('%s', (_, changed, why) => {
		expect(() => parsePlanDocument(changed, 'here')).toThrow(why);
	});
});
