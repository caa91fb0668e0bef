import type { Resource, ResourceKey } from '../engine/model.ts';
import { matchesLabels } from './demotion.ts';
import { matchesPattern } from './pattern.ts';
import type { Policy, Protection } from './policy.ts';

/** For each resource the rule by which a policy spares it; undefined where none does. Protection goes before newness. */
export function findSpared(resources: readonly Resource[], policy: Policy): readonly (string | undefined)[] {
	const { protections = [], keepNewest = 0 } = policy;
	const newest = keepNewest > 0 ? findNewest(resources, keepNewest) : undefined;
	return resources.map((resource) => {
		const protection = protections.find((each) => isProtected(resource, each));
		return protection === undefined ? newest?.get(resource) : describeProtection(protection);
	});
}

/** A name's repository: what stands before its tag. */
export function repositoryOf(reference: string): string {
	const colon = reference.lastIndexOf(':');
	return colon > reference.lastIndexOf('/') ? reference.slice(0, colon) : reference;
}

function isProtected(resource: Resource, { kinds, pattern, label }: Protection): boolean {
	const { key, root, hidden, labels } = resource;
	if (!kinds.includes(key.kind) || (root === undefined && !hidden)) return false;
	if (label !== undefined && matchesLabels(labels, [{ ...label, negated: false }])) return true;
	return pattern !== undefined && namesOf(resource).some((name) => matchesPattern(pattern, name));
}

function namesOf({ key, label }: Resource): readonly string[] {
	return key.kind === 'tag' ? [label, repositoryOf(label), key.id, repositoryOf(key.id)] : [label, key.id];
}

function describeProtection({ pattern, label }: Protection): string {
	if (label === undefined) return `protected by the pattern ${pattern ?? ''}`;
	return `protected by the label ${label.key}${label.value === undefined ? '' : `=${label.value}`}`;
}

/** Names of the `count` images of each repository that got one of its names last. Several names of one image count once. */
function findNewest(resources: readonly Resource[], count: number): ReadonlyMap<Resource, string> {
	const tags = resources.filter(({ key }) => key.kind === 'tag');
	const newest = new Map<Resource, string>();
	for (const ofRepository of Map.groupBy(tags, ({ key }) => repositoryOf(key.id)).values()) {
		const images = [...Map.groupBy(ofRepository, imageIdOf)].map(([id, names]) => ({
			id,
			names,
			movedAt: Math.max(...names.map(({ storedAt }) => storedAt)),
		}));
		images.sort((a, b) => b.movedAt - a.movedAt || (a.id < b.id ? -1 : 1));
		for (const { names } of images.slice(0, count)) {
			for (const tag of names) {
				newest.set(tag, `${count === 1 ? 'the newest' : `among the ${count} newest`} of ${repositoryOf(tag.label)}`);
			}
		}
	}
	return newest;
}

function imageIdOf({ references }: Resource): string {
	return references.find((key: ResourceKey) => key.kind === 'image')?.id ?? '';
}
