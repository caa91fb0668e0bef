import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { EngineError } from '../errors.ts';
import { printable } from '../oci/printable.ts';
import type { PlanArchive, SavedPlan, SavedPlanSummary, SweepRecord } from '../port-collector.ts';
import type { Store } from './store.ts';

/** How many of each are kept: plans may be large, and an old one takes nothing any more. */
const keptPlans = 20;
const keptSweeps = 1000;

const planColumns = `id, policy, saved_at AS savedAt, removal_count AS removalCount, reclaimable_bytes AS reclaimableBytes`;

/** The port's plans over one store. */
export function createPlanArchive(store: Store): PlanArchive {
	const { database } = store;
	return {
		save: async (plan) => savePlan(store, plan),
		read: async (id) => readPlan(store, id),
		list: async () =>
			database.all<SavedPlanSummary>(`SELECT ${planColumns} FROM plan ORDER BY saved_at DESC, rowid DESC`),
		recordSweep: async (record) => recordSweep(store, record),
		sweeps: async () =>
			database.all<SweepRecord>(
				`SELECT plan_id AS planId, policy, started_at AS startedAt, finished_at AS finishedAt,
					planned_bytes AS plannedBytes, freed_bytes AS freedBytes, removed_count AS removedCount,
					skipped_count AS skippedCount, failed_count AS failedCount
				FROM sweep ORDER BY sequence DESC`,
			),
	};
}

function savePlan({ database }: Store, plan: SavedPlan): void {
	const { id, policy, savedAt, removalCount, reclaimableBytes, document } = plan;
	database.write(() => {
		database.run(
			`INSERT OR IGNORE INTO plan (id, policy, saved_at, removal_count, reclaimable_bytes, document)
			VALUES (?, ?, ?, ?, ?, ?)`,
			id,
			policy,
			savedAt,
			removalCount,
			reclaimableBytes,
			zstdCompressSync(document),
		);
		database.run('DELETE FROM plan WHERE rowid NOT IN (SELECT rowid FROM plan ORDER BY rowid DESC LIMIT ?)', keptPlans);
	});
}

function readPlan({ database }: Store, id: string): SavedPlan {
	const digits = id.replace(/^sha256:/, '');
	const found = /^[0-9a-f]{1,64}$/.test(digits)
		? database.all<SavedPlanSummary & { readonly document: Uint8Array }>(
				// "g" follows every hex digit, so this is the range of ids that begin so.
				`SELECT ${planColumns}, document FROM plan WHERE id >= ? AND id < ? ORDER BY id LIMIT 20`,
				`sha256:${digits}`,
				`sha256:${digits}g`,
			)
		: [];
	if (found.length > 1) {
		throw new EngineError('ambiguous', { what: 'plan', id, matches: found.map((plan) => plan.id.slice(7, 19)) });
	}
	const [plan] = found;
	if (plan === undefined) throw new EngineError('not-found', { what: 'plan', id: printable(id) });
	return { ...plan, document: unpackDocument(plan.document, plan.id) };
}

function unpackDocument(packed: Uint8Array, id: string): string {
	try {
		return zstdDecompressSync(packed).toString('utf8');
	} catch (cause) {
		throw new EngineError('corrupt', { what: 'the plan', where: id, why: 'it cannot be unpacked' }, { cause });
	}
}

function recordSweep({ database }: Store, record: SweepRecord): void {
	database.write(() => {
		database.run(
			`INSERT INTO sweep (plan_id, policy, started_at, finished_at, planned_bytes, freed_bytes, removed_count,
				skipped_count, failed_count) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			record.planId,
			record.policy,
			record.startedAt,
			record.finishedAt,
			record.plannedBytes,
			record.freedBytes,
			record.removedCount,
			record.skippedCount,
			record.failedCount,
		);
		database.run(
			'DELETE FROM sweep WHERE sequence NOT IN (SELECT sequence FROM sweep ORDER BY sequence DESC LIMIT ?)',
			keptSweeps,
		);
	});
}
