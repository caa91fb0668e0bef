import type { Instant, Resource, RootReason } from '../engine/model.ts';
import type { Demotion, LabelFilter, Policy } from './policy.ts';

/** Holds from the strongest to the weakest: what several hold is explained by the strongest. */
const strengths: readonly RootReason[] = [
	'running',
	'lease',
	'pinned',
	'container',
	'tag',
	'named-volume',
	'untagged',
	'anonymous-volume',
];

/** A root's place in the order of holds; 0 is the strongest, and what a word that nobody knows here counts as. */
export function rankOfRoot(root: RootReason): number {
	return Math.max(0, strengths.indexOf(root));
}

/** How many ranks there are. */
export const rootRankCount: number = strengths.length;

/** The first demotion of the policy that takes a thing's own root away; undefined where its root stands or it has none. */
export function findDemotion(resource: Resource, policy: Policy): Demotion | undefined {
	return policy.demotions.find((demotion) => isDemoted(resource, demotion));
}

/** Until when a thing is too young for the policy; undefined where it is old enough. A time that is yet to come counts as now. */
export function youngUntil(resource: Resource, graceMs: number, now: Instant): Instant | undefined {
	if (graceMs <= 0) return undefined;
	const touchedAt = Math.min(lastTouchedAt(resource), now);
	return touchedAt + graceMs > now ? touchedAt + graceMs : undefined;
}

function lastTouchedAt({ storedAt, lastUsedAt }: Resource): Instant {
	return Math.max(storedAt, lastUsedAt ?? 0);
}

function isDemoted(resource: Resource, demotion: Demotion): boolean {
	const { root, createdAt, labels } = resource;
	if (root === undefined || !(demotion.roots as readonly RootReason[]).includes(root)) return false;
	if (demotion.createdBefore !== undefined) {
		// The epoch and what lies before it come from reproducible builds and say nothing of age.
		if (createdAt === undefined || createdAt <= 0 || createdAt >= demotion.createdBefore) return false;
	}
	if (demotion.unusedBefore !== undefined && lastTouchedAt(resource) >= demotion.unusedBefore) return false;
	return matchesLabels(labels, demotion.labels);
}

/**
 * Docker's rule: every `label=` must match; a thing is spared by `label!=` where all of those match.
 * Spec: docker/cli docs/reference/commandline/image_prune.md#filter
 */
export function matchesLabels(labels: Readonly<Record<string, string>>, filters: readonly LabelFilter[]): boolean {
	const matches = ({ key, value }: LabelFilter) =>
		Object.hasOwn(labels, key) && (value === undefined || labels[key] === value);
	const excluding = filters.filter(({ negated }) => negated);
	const demanded = filters.filter(({ negated }) => !negated);
	return demanded.every(matches) && (excluding.length === 0 || !excluding.every(matches));
}
