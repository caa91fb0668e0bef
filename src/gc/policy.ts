import type { Instant, RootReason } from '../engine/model.ts';

/** Roots that a policy may take from under a thing. `running`, `lease` and `pinned` are not among them. */
export type DemotableRoot = Exclude<RootReason, 'running' | 'lease' | 'pinned'>;

/**
 * Which roots stand. A policy never points at victims: it says which roots do *not* stand, and what then is
 * reached by nothing falls. So it cannot be told to remove what is in use.
 */
export interface Policy {
	/** For people and plans: `image prune`, `system prune -a`, … */
	readonly name: string;
	readonly demotions: readonly Demotion[];
	/** Things stored or last used within this long are kept, with what they refer to. Docker's verbs use 0. */
	readonly graceMs: number;
}

/** "These roots do not stand", narrowed by conditions that must all hold. */
export interface Demotion {
	readonly roots: readonly DemotableRoot[];
	/** Words for the plan: `dangling image`, `stopped container`, `unused image`. */
	readonly rule: string;
	/** Only things created before this instant; a thing whose creation is unknown is then kept. */
	readonly createdBefore: Instant | undefined;
	readonly labels: readonly LabelFilter[];
}

/** Docker's `label=key[=value]` (all must match) and `label!=key[=value]` (excluded where it matches). */
export interface LabelFilter {
	readonly key: string;
	/** undefined: any value. */
	readonly value: string | undefined;
	readonly negated: boolean;
}
