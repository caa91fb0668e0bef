import type { SweepRecord } from '../engine/port-collector.ts';
import { archiveOf } from './gc-plan.ts';
import { exactBytes } from './human-size.ts';
import { type ListingFields, printListing } from './listing.ts';
import { shownId } from './shorten.ts';
import { rfc3339 } from './timestamps.ts';
import type { VerbCall } from './verb.ts';

/** `tonnage gc history`. */
export async function showHistory({ context, options }: VerbCall): Promise<undefined> {
	const archive = archiveOf(await context.engine());
	printListing(context, {
		fields: sweepFields(options.flag('no-trunc')),
		columns: ['Finished', 'Plan', 'Policy', 'Removed', 'Skipped', 'Failed', 'Planned', 'Freed'],
		rows: await archive.sweeps(),
		format: options.text('format'),
	});
	return undefined;
}

/** What can be shown of a sweep. */
function sweepFields(full: boolean): ListingFields<SweepRecord> {
	return {
		Finished: { header: 'FINISHED', value: ({ finishedAt }) => rfc3339(finishedAt).replace(/\.\d+Z$/, 'Z') },
		Started: { header: 'STARTED', value: ({ startedAt }) => rfc3339(startedAt) },
		Plan: { header: 'PLAN', value: ({ planId }) => shownId(planId, full) },
		Policy: { header: 'POLICY', value: ({ policy }) => policy },
		Removed: { header: 'REMOVED', value: ({ removedCount }) => removedCount },
		Skipped: { header: 'SKIPPED', value: ({ skippedCount }) => skippedCount },
		Failed: { header: 'FAILED', value: ({ failedCount }) => failedCount },
		Planned: { header: 'PLANNED', value: ({ plannedBytes }) => exactBytes(plannedBytes) },
		Freed: { header: 'FREED', value: ({ freedBytes }) => exactBytes(freedBytes) },
		PlannedBytes: { header: 'PLANNED BYTES', value: ({ plannedBytes }) => plannedBytes },
		FreedBytes: { header: 'FREED BYTES', value: ({ freedBytes }) => freedBytes },
	};
}
