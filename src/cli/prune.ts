import type { Engine } from '../engine/port.ts';
import type { Plan, SweepEvent } from '../gc/model.ts';
import { planCollection } from '../gc/plan.ts';
import { type PruneRequest, prunePolicy } from '../gc/presets.ts';
import { parsePruneFilters } from '../gc/prune-filters.ts';
import { sweepPlan } from '../gc/sweep.ts';
import { confirm } from './confirm.ts';
import type { CliContext } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { UsageError, writeFailure } from './failure.ts';
import { exactBytes, humanSize } from './human-size.ts';
import { bothSizes, countThings, renderPlan } from './plan-report.ts';
import type { VerbCall, VerbOption } from './verb.ts';

/** The options that every prune verb has. */
export const pruneOptions: readonly VerbOption[] = [
	{ flags: '--dry-run', description: 'Only show the plan' },
	{
		flags: '--filter <filter>',
		description: 'until=<time>, label=<key>[=<value>], label!=…; may be given several times',
		repeatable: true,
	},
	{ flags: '-f, --force', description: 'Do not ask' },
	{ flags: '--verbose', description: 'Show the whole plan' },
	{ flags: '--no-trunc', description: 'As --verbose' },
];

/** `tonnage image prune`. */
export function pruneImages(call: VerbCall): Promise<number> {
	return prune(call, { verb: 'image', all: call.options.flag('all') });
}

/** `tonnage container prune`. */
export function pruneContainers(call: VerbCall): Promise<number> {
	return prune(call, { verb: 'container' });
}

/** `tonnage volume prune`. */
export function pruneVolumes(call: VerbCall): Promise<number> {
	return prune(call, { verb: 'volume', all: call.options.flag('all') });
}

/** `tonnage system prune`. */
export function pruneSystem(call: VerbCall): Promise<number> {
	return prune(call, { verb: 'system', all: call.options.flag('all'), volumes: call.options.flag('volumes') });
}

/** Shows a plan, asks, and executes exactly that plan. */
async function prune({ context, options }: VerbCall, request: PruneRequest): Promise<number> {
	const { host } = context;
	const now = host.now();
	const policy = prunePolicy({ ...request, ...parsePruneFilters(options.texts('filter'), now) });
	const mustAsk = !options.flag('force') && !options.flag('dry-run');
	if (mustAsk && !host.stdin.isTTY) {
		throw new UsageError(
			'Nobody can be asked, because standard input is not a terminal; nothing was removed.',
			'Use -f to go ahead without asking, or --dry-run to see the plan.',
		);
	}
	const engine = await context.engine();
	const inventory = await engine.store.takeInventory();
	const plan = planCollection(inventory, policy, now);
	host.stdout.write(renderPlan(plan, { full: options.flag('verbose') || options.flag('no-trunc') }));
	sayBroken(context, plan);
	if (options.flag('dry-run') || plan.removals.length === 0) return exitCodes.done;
	if (mustAsk) {
		const { length } = plan.removals;
		const question = `Remove ${countThings(length)} and free ${bothSizes(plan.reclaimableBytes)}?`;
		if (!(await confirm(context, question))) {
			host.stderr.write('Nothing was removed.\n');
			return exitCodes.failed;
		}
	}
	const availableBefore = inventory.filesystem?.availableBytes;
	return executePlan(context, engine, { plan, availableBefore });
}

async function executePlan(
	{ host }: CliContext,
	engine: Engine,
	{ plan, availableBefore }: { readonly plan: Plan; readonly availableBefore: number | undefined },
): Promise<number> {
	for await (const event of sweepPlan(engine.store, plan, host.interrupted)) {
		if (event.type === 'refused' || event.type === 'failed') writeFailure(host.stderr, event.error);
		if (event.type !== 'finished') continue;
		host.stdout.write(resultText(event));
		await sayFilesystem(host, engine, availableBefore);
		if (host.interrupted.aborted) return exitCodes.interrupted;
		if (event.refusedCount + event.failedCount === 0) return exitCodes.done;
		return event.removedCount > 0 ? exitCodes.partlyDone : exitCodes.failed;
	}
	return exitCodes.done;
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

function sayBroken({ host }: CliContext, plan: Plan): void {
	if (plan.broken.length === 0) return;
	const [first] = plan.broken;
	host.stderr.write(
		`${plan.broken.length} references lead nowhere, e.g. from ${first?.from.kind} ${first?.from.id} to ${first?.to.kind} ${first?.to.id}.\n`,
	);
}
