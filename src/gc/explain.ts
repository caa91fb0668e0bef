import type { Instant, Resource, ResourceKey, RootReason } from '../engine/model.ts';
import type { KeepReason, Plan, RemoveReason } from './model.ts';

/** One entry of a plan, whichever side it is on. */
export type Fate =
	| { readonly type: 'kept'; readonly resource: Resource; readonly reason: KeepReason }
	| { readonly type: 'removed'; readonly resource: Resource; readonly reason: RemoveReason };

/** What a plan says of a thing; undefined where it knows nothing of it. The first question to a plan indexes it. */
export function findFate(plan: Plan, key: ResourceKey): Fate | undefined {
	let fates = indexed.get(plan);
	if (fates === undefined) {
		fates = new Map();
		for (const kept of plan.kept) fates.set(textOf(kept.resource.key), { type: 'kept', ...kept });
		for (const removal of plan.removals) {
			fates.set(textOf(removal.resource.key), { type: 'removed', resource: removal.resource, reason: removal.reason });
		}
		indexed.set(plan, fates);
	}
	return fates.get(textOf(key));
}

/**
 * The way from a thing up to what decides its fate, both included: for a kept one the root that holds it, for a
 * removed one the referrer whose own root was demoted. Empty where the plan does not know the thing.
 */
export function pathTo(plan: Plan, key: ResourceKey): readonly ResourceKey[] {
	return fatesTo(plan, key).map(({ resource }) => resource.key);
}

/** `pathTo` in words: `layer ← image app:2 ← container web (exited 3 d ago)`. Steps from layer to layer are left out. */
export function describePath(plan: Plan, key: ResourceKey): string {
	const fates = fatesTo(plan, key);
	return fates
		.filter(({ resource }, index) => index === 0 || !isLayerStep(resource, fates[index - 1]?.resource))
		.map(({ resource }, index) =>
			index === 0 && fates.length > 1 && resource.key.kind === 'layer' ? 'layer' : nameOf(resource, plan.takenAt),
		)
		.join(' ← ');
}

/** Why a thing stays or goes, as half a sentence; empty where the plan does not know it. */
export function describeReason(plan: Plan, key: ResourceKey): string {
	const fate = findFate(plan, key);
	if (fate === undefined) return '';
	const { reason } = fate;
	switch (reason.type) {
		case 'root':
			return rootWords[reason.root];
		case 'needed':
			return `needed by ${nameAt(plan, reason.via)}`;
		case 'kept-with':
			return `named, and ${nameAt(plan, reason.via)} stays`;
		case 'spared':
			return reason.rule;
		case 'young':
			return `stored or used too recently; old enough in ${describeAge(reason.untilAt - plan.takenAt)}`;
		case 'demoted':
			return reason.rule;
		case 'unneeded':
			return `needed only by ${nameAt(plan, reason.by)}, which goes`;
		case 'unreachable':
			return unreachableWords[fate.resource.key.kind] ?? 'nothing refers to it';
	}
}

/** What a person calls a thing, with the fact that helps to recognise it: `container web (exited 3 d ago)`. */
export function nameOf(resource: Resource, now: Instant): string {
	const { key, label } = resource;
	const fact = key.kind === 'container' ? containerFact(resource, now) : resource.hidden ? 'hidden' : '';
	return `${key.kind} ${label}${fact === '' ? '' : ` (${fact})`}`;
}

const indexed = new WeakMap<Plan, Map<string, Fate>>();

const rootWords: Readonly<Record<RootReason, string>> = {
	running: 'it runs',
	lease: 'work under way holds it',
	container: 'a container, in whatever state',
	tag: 'it is a name',
	untagged: 'an image without a name that this policy keeps',
	'named-volume': 'a volume with a name',
	'anonymous-volume': 'a volume that this policy keeps',
	pinned: 'it is pinned',
};

const unreachableWords: Readonly<Record<string, string>> = {
	orphan: 'unknown to the metadata',
	ingest: 'left by work that was cut short',
	trash: 'removed already, not yet unlinked',
};

function fatesTo(plan: Plan, key: ResourceKey): readonly Fate[] {
	const path: Fate[] = [];
	const seen = new Set<string>();
	let at: ResourceKey | undefined = key;
	while (at !== undefined && !seen.has(textOf(at))) {
		seen.add(textOf(at));
		const fate = findFate(plan, at);
		if (fate === undefined) break;
		path.push(fate);
		at = nextOf(fate.reason);
	}
	return path;
}

function nextOf(reason: KeepReason | RemoveReason): ResourceKey | undefined {
	if (reason.type === 'needed' || reason.type === 'kept-with') return reason.via;
	return reason.type === 'unneeded' ? reason.by : undefined;
}

function nameAt(plan: Plan, key: ResourceKey): string {
	const fate = findFate(plan, key);
	return fate === undefined ? textOf(key) : nameOf(fate.resource, plan.takenAt);
}

function isLayerStep(resource: Resource, previous: Resource | undefined): boolean {
	return resource.key.kind === 'layer' && previous?.key.kind === 'layer';
}

function containerFact(resource: Resource, now: Instant): string {
	if (resource.root === 'running') return resource.detail;
	// The engine's fact may carry an exit code, `exited (0)`; here the age says more.
	const status = resource.detail.replace(/ \(.*\)$/, '');
	return `${status} ${describeAge(now - (resource.lastUsedAt ?? resource.storedAt))} ago`.trim();
}

function describeAge(ms: number): string {
	const seconds = Math.max(0, Math.floor(ms / 1000));
	if (seconds < 60) return `${seconds} s`;
	if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
	if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
	return `${Math.floor(seconds / 86_400)} d`;
}

function textOf(key: ResourceKey): string {
	return `${key.kind} ${key.id}`;
}
