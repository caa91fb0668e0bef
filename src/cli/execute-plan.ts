import { isEngineError } from '../engine/errors.ts';
import type { Engine } from '../engine/port.ts';
import type { SweepRecord } from '../engine/port-collector.ts';
import type { Plan, SweepEvent } from '../gc/model.ts';
import { sweepPlan } from '../gc/sweep.ts';
import type { CliContext } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { writeFailure } from './failure.ts';
import { exactBytes, humanSize } from './human-size.ts';
import { countThings } from './plan-report.ts';

/** What to execute. */
export interface Execution {
	readonly plan: Plan;
	/** Of the filesystem, before. */
	readonly availableBefore: number | undefined;
	/** How much of the plan's list is left out on purpose, for the history. */
	readonly skippedCount?: number;
}

/** Sweeps exactly a plan's list, tells what was done, and adds it to the history. Gives the exit code. */
export async function executePlan(
	{ host }: CliContext,
	engine: Engine,
	{ plan, availableBefore, skippedCount = 0 }: Execution,
): Promise<number> {
	const startedAt = host.now();
	for await (const event of sweepPlan(engine.store, plan, host.interrupted)) {
		if (event.type === 'refused' || event.type === 'failed') writeFailure(host.stderr, event.error);
		if (event.type !== 'finished') continue;
		host.stdout.write(resultText(event));
		await recordSweep({ host }, engine, {
			planId: plan.id,
			policy: plan.policy.name,
			startedAt,
			finishedAt: host.now(),
			plannedBytes: event.plannedBytes,
			freedBytes: event.freedBytes,
			removedCount: event.removedCount,
			skippedCount: skippedCount + event.refusedCount,
			failedCount: event.failedCount,
		});
		await sayFilesystem(host, engine, availableBefore);
		if (host.interrupted.aborted) return exitCodes.interrupted;
		if (event.refusedCount + event.failedCount === 0) return exitCodes.done;
		return event.removedCount > 0 ? exitCodes.partlyDone : exitCodes.failed;
	}
	return exitCodes.done;
}

/** What was freed is freed, whether there is room to write it down or not. */
async function recordSweep({ host }: Pick<CliContext, 'host'>, engine: Engine, record: SweepRecord): Promise<void> {
	try {
		await engine.plans?.recordSweep(record);
	} catch (error) {
		if (!isEngineError(error)) throw error;
		host.stderr.write('The history does not have this sweep:\n');
		writeFailure(host.stderr, error);
	}
}

function resultText(event: Extract<SweepEvent, { type: 'finished' }>): string {
	const left = event.refusedCount + event.failedCount;
	return [
		`Removed ${countThings(event.removedCount)}${left > 0 ? `, left ${left}` : ''}: `,
		`planned ${exactBytes(event.plannedBytes)}, freed ${exactBytes(event.freedBytes)}.\n`,
		`Total reclaimed space: ${humanSize(event.freedBytes, 4)}\n`,
	].join('');
}

/** The filesystem's own word, which other writers move too. */
async function sayFilesystem(
	host: CliContext['host'],
	engine: Engine,
	availableBefore: number | undefined,
): Promise<void> {
	const { filesystem } = await engine.store.takeInventory();
	if (filesystem === undefined || availableBefore === undefined) return;
	const change = filesystem.availableBytes - availableBefore;
	host.stderr.write(
		`The filesystem has ${exactBytes(Math.abs(change))} ${change < 0 ? 'less' : 'more'} room than before; others use it too.\n`,
	);
}
