import type { RemovalOutcome, ResourceStore } from '../engine/port.ts';
import type { Plan, PlannedRemoval, SweepEvent } from './model.ts';

/** A batch ends at this many things, or as soon as it holds this many bytes, so that a stop is never far away. */
const batchCount = 64;
const batchBytes = 256_000_000;

/**
 * Executes exactly a plan's list: what has become needed since is refused by the store and left, nothing is added.
 * An abort is heard between batches; then, as always, `finished` comes last and says what was done.
 * @throws EngineError whatever keeps the store from working at all
 */
export async function* sweepPlan(store: ResourceStore, plan: Plan, signal?: AbortSignal): AsyncGenerator<SweepEvent> {
	let freedBytes = 0;
	const counts = { removed: 0, 'already-gone': 0, refused: 0, failed: 0 };
	for (const batch of batchesOf(plan.removals)) {
		if (signal?.aborted === true) break;
		const requests = batch.map(({ resource }) => ({ key: resource.key, generation: resource.generation }));
		// Without the signal: a batch that was begun tells how each of its removals ended.
		const outcomes: readonly RemovalOutcome[] = await store.remove(requests, {});
		for (const outcome of outcomes) {
			counts[outcome.type]++;
			if ('freedBytes' in outcome) freedBytes += outcome.freedBytes;
			yield outcome;
		}
	}
	yield {
		type: 'finished',
		plannedBytes: plan.reclaimableBytes,
		freedBytes,
		removedCount: counts.removed,
		refusedCount: counts.refused,
		failedCount: counts.failed,
	};
}

function* batchesOf(removals: readonly PlannedRemoval[]): Generator<readonly PlannedRemoval[]> {
	let batch: PlannedRemoval[] = [];
	let bytes = 0;
	for (const removal of removals) {
		batch.push(removal);
		bytes += removal.resource.diskBytes;
		if (batch.length < batchCount && bytes < batchBytes) continue;
		yield batch;
		batch = [];
		bytes = 0;
	}
	if (batch.length > 0) yield batch;
}
