import type { Instant, ResourceKind, RootReason } from '../engine/model.ts';

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
	/** What no demotion takes, whatever it says. Weighs more than everything below. */
	readonly protections?: readonly Protection[] | undefined;
	/** Of each repository so many images stay: those that its names moved to last. Weighs more than age and grace. */
	readonly keepNewest?: number | undefined;
}

/** "These stand": what has a root or is hidden, is of one of the kinds, and fits the pattern or has the label. */
export interface Protection {
	readonly kinds: readonly ResourceKind[];
	/**
	 * A whole name, where `*` stands for anything and `?` for one character. Of an image's name also without its tag,
	 * and with its registry.
	 */
	readonly pattern?: string | undefined;
	readonly label?: Omit<LabelFilter, 'negated'> | undefined;
}

/** "These roots do not stand", narrowed by conditions that must all hold. */
export interface Demotion {
	readonly roots: readonly DemotableRoot[];
	/** Words for the plan: `dangling image`, `stopped container`, `unused image`. */
	readonly rule: string;
	/** Only things created before this instant; a thing whose creation is unknown is then kept. */
	readonly createdBefore: Instant | undefined;
	/** Only things last used before this instant; what was never used counts from when it was stored. */
	readonly unusedBefore?: Instant | undefined;
	readonly labels: readonly LabelFilter[];
}

/** Docker's `label=key[=value]` (all must match) and `label!=key[=value]` (excluded where it matches). */
export interface LabelFilter {
	readonly key: string;
	/** undefined: any value. */
	readonly value: string | undefined;
	readonly negated: boolean;
}
