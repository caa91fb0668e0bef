import type { EngineError } from '../engine/errors.ts';
import type { Inventory, Resource, ResourceKey, RootReason } from '../engine/model.ts';
import type { ResourceStore } from '../engine/port.ts';
import type { Policy } from './policy.ts';

/** Why a thing stays. */
export type KeepReason =
	| { readonly type: 'root'; readonly root: RootReason }
	/** Needed by `via`, the referrer nearest to a root. Follow `via` to get the whole path. */
	| { readonly type: 'needed'; readonly via: ResourceKey }
	/** A name that stays because its image stays. */
	| { readonly type: 'kept-with'; readonly via: ResourceKey }
	/** The policy would take its root, and protects it or keeps it among the newest; `rule` says which. */
	| { readonly type: 'spared'; readonly rule: string }
	/** Stored or used too short a time ago for this policy. */
	| { readonly type: 'young'; readonly untilAt: number };

/** Why a thing goes. */
export type RemoveReason =
	/** Its own root was demoted; `rule` is the policy's word. */
	| { readonly type: 'demoted'; readonly rule: string }
	/** Only things that go in this plan refer to it; `by` is one of them. */
	| { readonly type: 'unneeded'; readonly by: ResourceKey }
	/** Nothing refers to it at all. */
	| { readonly type: 'unreachable' };

export interface PlannedRemoval {
	readonly resource: Resource;
	readonly reason: RemoveReason;
	/** Allocated bytes that removing this, and what then nothing needs, would free (its dominator subtree). */
	readonly aloneBytes: number;
}

export interface PlannedKeep {
	readonly resource: Resource;
	readonly reason: KeepReason;
}

/** An edge whose target is missing: damage to report, never followed. */
export interface BrokenEdge {
	readonly from: ResourceKey;
	readonly to: ResourceKey;
}

/** An immutable document: exactly what would go and why, and what stays and why. */
export interface Plan {
	/** `sha256:…` of the plan's canonical JSON without this field. */
	readonly id: string;
	readonly policy: Policy;
	readonly takenAt: number;
	readonly revision: number;
	/** Referrers before what they refer to, so that stopping anywhere leaves a sound store. */
	readonly removals: readonly PlannedRemoval[];
	readonly kept: readonly PlannedKeep[];
	readonly broken: readonly BrokenEdge[];
	/** Allocated bytes of all removals. */
	readonly reclaimableBytes: number;
}

/** Pure. @see plan.ts */
export type PlanCollection = (inventory: Inventory, policy: Policy, now: number) => Plan;

export type SweepEvent =
	| { readonly type: 'removed'; readonly key: ResourceKey; readonly freedBytes: number }
	| { readonly type: 'already-gone'; readonly key: ResourceKey }
	| { readonly type: 'refused'; readonly key: ResourceKey; readonly error: EngineError }
	| { readonly type: 'failed'; readonly key: ResourceKey; readonly freedBytes: number; readonly error: EngineError }
	/** Always the last one. */
	| {
			readonly type: 'finished';
			readonly plannedBytes: number;
			readonly freedBytes: number;
			readonly removedCount: number;
			readonly refusedCount: number;
			readonly failedCount: number;
	  };

/** The only effect in gc/: hands the plan's list to the store in batches. @see sweep.ts */
export type Sweep = (store: ResourceStore, plan: Plan, signal?: AbortSignal) => AsyncIterable<SweepEvent>;
