import { describe, expect, test } from 'vitest';
import { isEngineError } from '../../src/engine/errors.ts';
import { namedPolicies } from '../../src/gc/named-policies.ts';
import { describeDuration, parseDuration, policyAt, withUnusedImages } from '../../src/gc/policy-definition.ts';
import { parsePolicyFile } from '../../src/gc/policy-file.ts';

const now = Date.UTC(2026, 10, 20);
const day = 86_400_000;

function failureOf(text: string): string {
	try {
		parsePolicyFile(text, 'gc.json');
	} catch (error) {
		if (isEngineError(error, 'invalid-policy')) return error.message;
		throw error;
	}
	return 'nothing is wrong';
}

/** A policy around one field, which stands on line 1. */
const policyWith = (fields: string) => `{"policies": {"nightly": {"collect": [], ${fields}}}}`;
const ruleWith = (rule: string) => `{"policies":{"n":{"collect":[\n${rule}\n]}}}`;

test('a whole file is read, every field', () => {
	const [nightly, bare] = parsePolicyFile(
		`{
			"$schema": "./anything.json",
			"policies": {
				"nightly": {
					"collect": [
						"dangling-images",
						{ "what": "stopped-containers", "until": "24h", "unused-for": "1w", "labels": ["crew=night", "!keep"] }
					],
					"keep-last": 3,
					"protect": { "images": ["debian:*"], "containers": ["db-*"], "volumes": ["log*"], "labels": ["keep=yes"] },
					"grace": "90m"
				},
				"bare": { "collect": ["named-volumes"] }
			}
		}`,
		'gc.json',
	);
	expect(nightly && policyAt(nightly, now)).toEqual({
		name: 'nightly',
		demotions: [
			{ roots: ['untagged'], rule: 'dangling image', createdBefore: undefined, labels: [] },
			{
				roots: ['container'],
				rule: 'stopped container, not used for 7d, created more than 1d ago',
				createdBefore: now - day,
				unusedBefore: now - 7 * day,
				labels: [
					{ key: 'crew', value: 'night', negated: false },
					{ key: 'keep', value: undefined, negated: true },
				],
			},
		],
		graceMs: 5_400_000,
		keepNewest: 3,
		protections: [
			{ kinds: ['tag', 'image'], pattern: 'debian:*' },
			{ kinds: ['container'], pattern: 'db-*' },
			{ kinds: ['volume'], pattern: 'log*' },
			{ kinds: ['tag', 'image', 'container', 'volume'], label: { key: 'keep', value: 'yes' } },
		],
	});
	expect(bare && policyAt(bare, now)).toEqual({
		name: 'bare',
		demotions: [{ roots: ['named-volume'], rule: 'unused volume', createdBefore: undefined, labels: [] }],
		graceMs: 0,
	});
});

describe('what is wrong is told with its place and in one sentence', () => {
	test.each([
		['{"policies": }', '1:14: a value must stand here.'],
		['[]', '1:1: a file of policies must be an object, not a list.'],
		['{}', '1:1: the field "policies" is missing.'],
		['{"policies": {}}', '1:14: there is no policy in it.'],
		['{"polices": {}}', '1:2: "polices" is not a field of a file of policies; $schema, policies are.'],
		[
			'{"policies": {"a b": {}}}',
			'1:15: "a b" is not a name for a policy; names are small letters, digits, ".", "_" and "-".',
		],
		[
			'{"policies": {"careful": {}}}',
			'1:15: "careful" is the name of a policy that is always there; choose another one.',
		],
		['{"policies": {"n": {}}}', '1:20: the policy "n" collects nothing: the field "collect" is missing.'],
		[
			policyWith('"graze": "1h"'),
			'1:42: "graze" is not a field of the policy "nightly"; collect, keep-last, protect, grace are.',
		],
		[policyWith('"grace": "soon"'), '1:51: "soon" is not a length of time such as "90m", "24h" or "7d".'],
		[policyWith('"grace": 60'), '1:51: 60 is not a length of time such as "90m", "24h" or "7d".'],
		[policyWith('"keep-last": -1'), '1:55: -1 is not a whole number from 0.'],
		[policyWith('"keep-last": 1.5'), '1:55: 1.5 is not a whole number from 0.'],
		[policyWith('"protect": {"images": "debian"}'), '1:64: "images" must be a list, not "debian".'],
		[policyWith('"protect": {"images": [""]}'), '1:65: an empty pattern fits nothing.'],
		[policyWith('"protect": {"labels": ["=x"]}'), '1:65: a label needs a key, as in "key" or "key=value".'],
		[
			ruleWith('{"what": "images"}'),
			'2:10: "images" is nothing that can be collected; stopped-containers, dangling-images, unused-images, anonymous-volumes, named-volumes are.',
		],
		[ruleWith('{"until": "1h"}'), '2:1: the field "what" of this rule is missing.'],
		[ruleWith('7'), '2:1: a rule must be an object, not 7.'],
		[
			ruleWith('{"what": "named-volumes", "until": "1h"}'),
			'2:27: volumes have no build time that "until" could ask for; use "unused-for".',
		],
		[ruleWith('{"what": "unused-images", "labels": [null]}'), '2:38: a label must be a text, not null.'],
	])('%s', (text, message) => {
		expect(failureOf(text)).toBe(`gc.json:${message}`);
	});
});

test('the policies that are always there can be told apart, and none takes a named volume', () => {
	expect(namedPolicies.map(({ name }) => name)).toEqual(['docker-compatible', 'careful', 'ci', 'last-resort']);
	for (const { rules } of namedPolicies) expect(rules.map(({ what }) => what)).not.toContain('named-volumes');
});

test('--all adds unused images to a policy and changes nothing else', () => {
	const [docker] = namedPolicies;
	if (docker === undefined) throw new Error('there are policies');
	const all = policyAt(withUnusedImages(docker), now);
	expect(all.demotions.map(({ roots }) => roots[0])).toEqual(['container', 'untagged', 'tag']);
	expect(all.name).toBe('docker-compatible --all');
});

test.each([
	['0s', 0],
	['90m', 5_400_000],
	['1d12h', 129_600_000],
	['2w', 14 * day],
	['1500ms', 1500],
])('%s is %d ms, and back', (text, ms) => {
	expect(parseDuration(text)).toBe(ms);
	expect(parseDuration(describeDuration(ms))).toBe(ms);
});

test.each(['', '7', 'd', '-1h', '1y', '1 h'])('"%s" is no length of time', (text) => {
	expect(parseDuration(text)).toBeUndefined();
});
