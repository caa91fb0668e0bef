import type { Instant } from '../engine/model.ts';
import type { DemotableRoot, LabelFilter, Policy, Protection } from './policy.ts';

/** A policy as people write it down: with lengths of time instead of instants. */
export interface PolicyDefinition {
	readonly name: string;
	readonly rules: readonly RuleDefinition[];
	readonly graceMs: number;
	readonly keepNewest: number;
	readonly protections: readonly Protection[];
}

/** One thing that a policy collects, narrowed by conditions that must all hold. */
export interface RuleDefinition {
	readonly what: CollectableName;
	/** Created longer ago than this: Docker's meaning of `until`. */
	readonly createdBeforeMs?: number | undefined;
	/** Last used, or else stored, longer ago than this. */
	readonly unusedForMs?: number | undefined;
	readonly labels?: readonly LabelFilter[] | undefined;
}

/** What a rule may collect, by the word that files use. */
export const collectables = {
	'stopped-containers': { root: 'container', rule: 'stopped container' },
	'dangling-images': { root: 'untagged', rule: 'dangling image' },
	'unused-images': { root: 'tag', rule: 'unused image' },
	'anonymous-volumes': { root: 'anonymous-volume', rule: 'unused anonymous volume' },
	'named-volumes': { root: 'named-volume', rule: 'unused volume' },
} as const satisfies Readonly<Record<string, { readonly root: DemotableRoot; readonly rule: string }>>;

export type CollectableName = keyof typeof collectables;

/** A written policy as it is at one instant. Pure. */
export function policyAt(definition: PolicyDefinition, now: Instant): Policy {
	const { name, rules, graceMs, keepNewest, protections } = definition;
	return {
		name,
		demotions: rules.map(({ what, createdBeforeMs, unusedForMs, labels = [] }) => ({
			roots: [collectables[what].root],
			rule: ruleWords(collectables[what].rule, { createdBeforeMs, unusedForMs }),
			createdBefore: createdBeforeMs === undefined ? undefined : now - createdBeforeMs,
			...(unusedForMs === undefined ? {} : { unusedBefore: now - unusedForMs }),
			labels,
		})),
		graceMs,
		...(keepNewest === 0 ? {} : { keepNewest }),
		...(protections.length === 0 ? {} : { protections }),
	};
}

/** The same policy, which also takes images with a name that no container uses, however young they are but for its grace. */
export function withUnusedImages(definition: PolicyDefinition): PolicyDefinition {
	return { ...definition, name: `${definition.name} --all`, rules: [...definition.rules, { what: 'unused-images' }] };
}

function ruleWords(
	words: string,
	{ createdBeforeMs, unusedForMs }: Pick<RuleDefinition, 'createdBeforeMs' | 'unusedForMs'>,
): string {
	return [
		words,
		...(unusedForMs === undefined ? [] : [`not used for ${describeDuration(unusedForMs)}`]),
		...(createdBeforeMs === undefined ? [] : [`created more than ${describeDuration(createdBeforeMs)} ago`]),
	].join(', ');
}

const units = [
	['d', 86_400_000],
	['h', 3_600_000],
	['m', 60_000],
	['s', 1000],
	['ms', 1],
] as const;

/** A length of time in the form that policies take: `7d`, `1h30m`. */
export function describeDuration(ms: number): string {
	let left = Math.round(ms);
	const parts = units.flatMap(([unit, size]) => {
		const count = Math.floor(left / size);
		left -= count * size;
		return count === 0 ? [] : `${count}${unit}`;
	});
	return parts.length === 0 ? '0s' : parts.join('');
}

const durationUnits: Readonly<Record<string, number>> = { w: 604_800_000, ...Object.fromEntries(units) };

/** `30d`, `1h30m`, `0s` in ms; undefined for anything else. Units: ms, s, m, h, d, w. */
export function parseDuration(text: string): number | undefined {
	if (!/^(\d+(\.\d+)?(ms|s|m|h|d|w))+$/.test(text)) return undefined;
	let ms = 0;
	for (const [, amount, unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d|w)/g)) {
		ms += Number(amount) * (durationUnits[unit] ?? 0);
	}
	return Number.isFinite(ms) ? ms : undefined;
}
