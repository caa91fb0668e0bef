import type { Resource, ResourceKey } from '../engine/model.ts';
import type { KeepReason, Plan, RemoveReason } from './model.ts';
import type { Demotion, Policy, Protection } from './policy.ts';

/** The whole of `T` again: a member that is added to `T` and forgotten here does not compile. */
type Sorted<T> = { readonly [Member in keyof Required<T>]: unknown };

/**
 * A plan's canonical JSON, without its id: members in the order of their names, no spaces, what is undefined left out.
 * Spelled out for each shape, because a plan may hold many thousand things and is made at a key press.
 */
export function canonicalPlanText(plan: Omit<Plan, 'id'>): string {
	const sorted: Sorted<Omit<Plan, 'id'>> = {
		broken: plan.broken.map(({ from, to }) => ({ from: sortedKey(from), to: sortedKey(to) })),
		kept: plan.kept.map(({ reason, resource }) => ({
			reason: sortedReason(reason),
			resource: sortedResource(resource),
		})),
		policy: sortedPolicy(plan.policy),
		reclaimableBytes: plan.reclaimableBytes,
		removals: plan.removals.map(({ aloneBytes, reason, resource }) => ({
			aloneBytes,
			reason: sortedReason(reason),
			resource: sortedResource(resource),
		})),
		revision: plan.revision,
		takenAt: plan.takenAt,
	};
	return JSON.stringify(sorted);
}

function sortedKey({ id, kind }: ResourceKey): Sorted<ResourceKey> {
	return { id, kind };
}

function sortedResource(resource: Resource): Sorted<Resource> {
	return {
		createdAt: resource.createdAt,
		detail: resource.detail,
		diskBytes: resource.diskBytes,
		generation: resource.generation,
		hidden: resource.hidden,
		keptWith: resource.keptWith === undefined ? undefined : sortedKey(resource.keptWith),
		key: sortedKey(resource.key),
		label: resource.label,
		labels: sortedRecord(resource.labels),
		lastUsedAt: resource.lastUsedAt,
		measuredAt: resource.measuredAt,
		references: resource.references.map(sortedKey),
		root: resource.root,
		sizeBytes: resource.sizeBytes,
		storedAt: resource.storedAt,
	};
}

function sortedReason(reason: KeepReason | RemoveReason): unknown {
	switch (reason.type) {
		case 'root':
			return { root: reason.root, type: reason.type };
		case 'needed':
		case 'kept-with':
			return { type: reason.type, via: sortedKey(reason.via) };
		case 'young':
			return { type: reason.type, untilAt: reason.untilAt };
		case 'spared':
		case 'demoted':
			return { rule: reason.rule, type: reason.type };
		case 'unneeded':
			return { by: sortedKey(reason.by), type: reason.type };
		case 'unreachable':
			return { type: reason.type };
	}
}

function sortedPolicy(policy: Policy): Sorted<Policy> {
	return {
		demotions: policy.demotions.map(
			(demotion): Sorted<Demotion> => ({
				createdBefore: demotion.createdBefore,
				labels: demotion.labels.map(({ key, negated, value }) => ({ key, negated, value })),
				roots: demotion.roots,
				rule: demotion.rule,
				unusedBefore: demotion.unusedBefore,
			}),
		),
		graceMs: policy.graceMs,
		keepNewest: policy.keepNewest,
		name: policy.name,
		protections: policy.protections?.map(
			({ kinds, label, pattern }): Sorted<Protection> => ({
				kinds,
				label: label === undefined ? undefined : { key: label.key, value: label.value },
				pattern,
			}),
		),
	};
}

function sortedRecord(record: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
	const names = Object.keys(record);
	if (names.length < 2) return record;
	return Object.fromEntries(names.sort().map((name) => [name, record[name] ?? '']));
}
