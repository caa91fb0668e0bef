import { EngineError } from '../engine/errors.ts';
import type { Instant } from '../engine/model.ts';
import type { Engine } from '../engine/port.ts';
import type { PlanArchive } from '../engine/port-collector.ts';
import type { Plan } from '../gc/model.ts';
import { planCollection } from '../gc/plan.ts';
import { parsePlanDocument, planDocument } from '../gc/plan-document.ts';
import type { CliContext } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { UsageError } from './failure.ts';
import { timeAgo } from './human-duration.ts';
import { exactBytes } from './human-size.ts';
import { renderPlan } from './plan-report.ts';
import { choosePolicy } from './policy-choice.ts';
import { printable } from './printable.ts';
import { sayBroken } from './prune.ts';
import { shownId } from './shorten.ts';
import { renderTable } from './table.ts';
import type { OptionValues, VerbCall } from './verb.ts';

/** `tonnage gc plan`. */
export async function makePlan({ context, options }: VerbCall): Promise<number> {
	const { host } = context;
	const asJson = isJsonWanted(options);
	const now = host.now();
	const policy = await choosePolicy(context, options, now);
	const engine = await context.engine();
	const plan = planCollection(await engine.store.takeInventory(), policy, now);
	writePlan(context, plan, { asJson, full: options.flag('verbose') });
	await savePlan(archiveOf(engine), plan, now);
	host.stderr.write(`Saved. To execute exactly this: tonnage gc apply ${shownId(plan.id, false)}\n`);
	return exitCodes.done;
}

/** `tonnage gc show`; without an ID the list of saved plans. */
export async function showPlan({ context, operands, options }: VerbCall): Promise<undefined> {
	const asJson = isJsonWanted(options);
	const archive = archiveOf(await context.engine());
	const [id] = operands;
	if (id === undefined) await listPlans(context, archive, asJson);
	else writePlan(context, await readPlan(archive, id), { asJson, full: options.flag('verbose') });
	return undefined;
}

/** Whether `--format json` was given. @throws UsageError for anything but text and json */
export function isJsonWanted(options: OptionValues): boolean {
	const format = options.text('format');
	if (format === undefined || format === 'text') return false;
	if (format === 'json') return true;
	throw new UsageError(`There is no format "${format}" here.`, 'Formats: text, json.');
}

/** The engine's saved plans. @throws EngineError unsupported */
export function archiveOf({ plans, identity }: Engine): PlanArchive {
	if (plans !== undefined) return plans;
	throw new EngineError('unsupported', { operation: 'saving plans', why: `${identity.kind} has no place for them` });
}

/** Keeps a plan as the document that it is. @throws EngineError out-of-space */
export async function savePlan(archive: PlanArchive, plan: Plan, now: Instant): Promise<void> {
	await archive.save({
		id: plan.id,
		policy: plan.policy.name,
		savedAt: now,
		removalCount: plan.removals.length,
		reclaimableBytes: plan.reclaimableBytes,
		document: planDocument(plan),
	});
}

/** A saved plan, checked to be what was saved. @throws EngineError not-found, ambiguous, corrupt */
export async function readPlan(archive: PlanArchive, id: string): Promise<Plan> {
	const saved = await archive.read(id);
	return parsePlanDocument(saved.document, saved.id);
}

function writePlan(
	context: CliContext,
	plan: Plan,
	{ asJson, full }: { readonly asJson: boolean; readonly full: boolean },
): void {
	context.host.stdout.write(asJson ? `${planDocument(plan)}\n` : renderPlan(plan, { full }));
	sayBroken(context, plan);
}

async function listPlans({ host }: CliContext, archive: PlanArchive, asJson: boolean): Promise<void> {
	const plans = await archive.list();
	if (asJson) {
		for (const plan of plans) host.stdout.write(`${JSON.stringify(plan)}\n`);
		return;
	}
	const rows = plans.map(({ id, policy, savedAt, removalCount, reclaimableBytes }) => [
		shownId(id, false),
		printable(policy),
		timeAgo(savedAt, host.now()),
		String(removalCount),
		exactBytes(reclaimableBytes),
	]);
	host.stdout.write(renderTable([['PLAN', 'POLICY', 'SAVED', 'REMOVES', 'FREES'], ...rows]));
}
