import type { ResourceKey } from '../engine/model.ts';
import type { Plan } from '../gc/model.ts';
import type { PresetId } from './collect-presets.ts';

/** The collect screen: a policy, what the person wants to keep nevertheless, and what came of it. */
export interface CollectState {
	readonly preset: PresetId;
	/** Texts of the keys that were unmarked by hand; they and what they need stay. */
	readonly unmarked: ReadonlySet<string>;
	readonly showKept: boolean;
	/** The policy's plan with everything marked; undefined until an inventory was loaded. */
	readonly full: Plan | undefined;
	/** The plan that would be executed: `full` without what was unmarked. */
	readonly plan: Plan | undefined;
	/** The sweep under way, or the result of the last one until the person goes on. */
	readonly sweep: SweepState | undefined;
}

/** How far a sweep is, and in the end what it did. */
export interface SweepState {
	readonly plan: Plan;
	readonly status: 'running' | 'finished';
	readonly freedBytes: number;
	readonly removedCount: number;
	/** What was left although it was planned, each with its sentence. */
	readonly left: readonly { readonly key: ResourceKey; readonly why: string }[];
	/** True where the person stopped it half-way. */
	readonly aborted: boolean;
}

/** One text for each key, unique within an engine. */
export function keyText(key: ResourceKey): string {
	return `${key.kind} ${key.id}`;
}
