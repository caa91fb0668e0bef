import type { ImageId, Instant } from './model.ts';

/**
 * Images that stand, whatever becomes of their names: no policy takes them, and no removal before they are unpinned.
 * A `name` argument is as for `Images`.
 */
export interface Pins {
	/** Oldest first. */
	list(): Promise<readonly ImagePin[]>;
	/** Pinning what is pinned changes nothing. @throws EngineError not-found, ambiguous, invalid-reference */
	pin(name: string): Promise<ImageId>;
	/** Unpinning what is not pinned changes nothing. @throws EngineError not-found, ambiguous, invalid-reference */
	unpin(name: string): Promise<ImageId>;
}

export interface ImagePin {
	readonly imageId: ImageId;
	readonly pinnedAt: Instant;
}

/** Plans as documents that nobody changes any more, and the history of sweeps. Old ones go when there are many. */
export interface PlanArchive {
	/** Saving one id again changes nothing. @throws EngineError out-of-space */
	save(plan: SavedPlan): Promise<void>;
	/** By id, with or without its algorithm, or by a unique beginning of one. @throws EngineError not-found, ambiguous */
	read(id: string): Promise<SavedPlan>;
	/** Newest first. */
	list(): Promise<readonly SavedPlanSummary[]>;
	/** @throws EngineError out-of-space */
	recordSweep(record: SweepRecord): Promise<void>;
	/** Newest first. */
	sweeps(): Promise<readonly SweepRecord[]>;
}

export interface SavedPlanSummary {
	/** The plan's own id: `sha256:…`. */
	readonly id: string;
	readonly policy: string;
	readonly savedAt: Instant;
	readonly removalCount: number;
	readonly reclaimableBytes: number;
}

export interface SavedPlan extends SavedPlanSummary {
	/** What the collector wrote, byte for byte; an engine does not look into it. */
	readonly document: string;
}

/** What one sweep did. */
export interface SweepRecord {
	readonly planId: string;
	readonly policy: string;
	readonly startedAt: Instant;
	readonly finishedAt: Instant;
	readonly plannedBytes: number;
	readonly freedBytes: number;
	readonly removedCount: number;
	/** Of the plan's list: what was left because it had become live, had changed, or was refused. */
	readonly skippedCount: number;
	/** Gone from every list, but bytes were left. */
	readonly failedCount: number;
}
