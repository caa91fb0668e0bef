import { isEngineError } from '../engine/errors.ts';
import type { Engine } from '../engine/port.ts';
import { nameOf } from '../gc/explain.ts';
import type { Plan } from '../gc/model.ts';
import { narrowPlan, type SkippedRemoval } from '../gc/narrow.ts';
import { planCollection } from '../gc/plan.ts';
import type { CliContext } from './context.ts';
import { executePlan } from './execute-plan.ts';
import { exitCodes } from './exit-codes.ts';
import { writeFailure } from './failure.ts';
import { archiveOf, readPlan, savePlan } from './gc-plan.ts';
import { countThings, renderPlan } from './plan-report.ts';
import { choosePolicy } from './policy-choice.ts';
import { printable } from './printable.ts';
import { sayBroken } from './prune.ts';
import { shownId } from './shorten.ts';
import type { VerbCall } from './verb.ts';

/** `tonnage gc apply`. */
export async function applyPlan({ context, operands }: VerbCall): Promise<number> {
	const { host } = context;
	const engine = await context.engine();
	const whole = await readPlan(archiveOf(engine), operands[0] ?? '');
	const inventory = await engine.store.takeInventory();
	const { plan, skipped } = narrowPlan(whole, inventory, host.now());
	saySkipped(context, whole, skipped);
	const spared = skipped.filter(({ type }) => type !== 'gone');
	if (plan.removals.length === 0) {
		host.stdout.write('Nothing of this plan is left to remove.\n');
		return spared.length === 0 ? exitCodes.done : exitCodes.partlyDone;
	}
	const availableBefore = inventory.filesystem?.availableBytes;
	const exitCode = await executePlan(context, engine, { plan, availableBefore, skippedCount: skipped.length });
	return exitCode === exitCodes.done && spared.length > 0 ? exitCodes.partlyDone : exitCode;
}

/** `tonnage gc run`. */
export async function runPolicy({ context, options }: VerbCall): Promise<number> {
	const { host } = context;
	const now = host.now();
	const policy = await choosePolicy(context, options, now);
	const engine = await context.engine();
	const inventory = await engine.store.takeInventory();
	const plan = planCollection(inventory, policy, now);
	const full = options.flag('verbose');
	if (options.flag('dry-run') || full) host.stdout.write(renderPlan(plan, { full }));
	sayBroken(context, plan);
	if (options.flag('dry-run')) return exitCodes.done;
	if (plan.removals.length === 0) {
		host.stdout.write(`There is nothing to collect by "${printable(policy.name)}".\n`);
		return exitCodes.done;
	}
	host.stdout.write(`Plan ${shownId(plan.id, false)} of "${printable(policy.name)}"\n`);
	const exitCode = await executePlan(context, engine, { plan, availableBefore: inventory.filesystem?.availableBytes });
	await savePlanIfRoom(context, engine, plan);
	return exitCode;
}

/** After the sweep, because on a full disk freeing comes first. */
async function savePlanIfRoom({ host }: CliContext, engine: Engine, plan: Plan): Promise<void> {
	if (engine.plans === undefined) return;
	try {
		await savePlan(engine.plans, plan, host.now());
	} catch (error) {
		if (!isEngineError(error, 'out-of-space')) throw error;
		host.stderr.write('The plan is not among the saved ones:\n');
		writeFailure(host.stderr, error);
	}
}

function saySkipped({ host }: CliContext, plan: Plan, skipped: readonly SkippedRemoval[]): void {
	for (const { resource, why } of skipped) {
		host.stderr.write(`Skipped ${printable(nameOf(resource, plan.takenAt))}: ${printable(why)}.\n`);
	}
	if (skipped.length > 0) {
		host.stderr.write(`Skipped ${countThings(skipped.length)} of the ${plan.removals.length} that the plan lists.\n`);
	}
}
