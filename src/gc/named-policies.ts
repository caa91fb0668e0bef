import type { PolicyDefinition } from './policy-definition.ts';

const hour = 3_600_000;
const day = 24 * hour;

/** The policies that every tonnage knows by name. None of them takes a volume that somebody gave a name to. */
export const namedPolicies: readonly PolicyDefinition[] = [
	{
		name: 'docker-compatible',
		rules: [{ what: 'stopped-containers' }, { what: 'dangling-images' }],
		graceMs: 0,
		keepNewest: 0,
		protections: [],
	},
	{
		name: 'careful',
		rules: [
			{ what: 'stopped-containers', unusedForMs: 7 * day },
			{ what: 'dangling-images' },
			{ what: 'unused-images', unusedForMs: 30 * day },
		],
		graceMs: day,
		keepNewest: 2,
		protections: [],
	},
	{
		name: 'ci',
		rules: [
			{ what: 'stopped-containers', unusedForMs: hour },
			{ what: 'dangling-images' },
			{ what: 'unused-images', unusedForMs: day },
			{ what: 'anonymous-volumes', unusedForMs: hour },
		],
		graceMs: hour,
		keepNewest: 1,
		protections: [],
	},
	{
		name: 'last-resort',
		rules: [
			{ what: 'stopped-containers' },
			{ what: 'dangling-images' },
			{ what: 'unused-images' },
			{ what: 'anonymous-volumes' },
		],
		graceMs: 0,
		keepNewest: 0,
		protections: [],
	},
];

/** What `gc run` and its kin use unless told. */
export const defaultPolicyName = 'careful';
