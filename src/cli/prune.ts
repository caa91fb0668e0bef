import type { Plan } from '../gc/model.ts';
import { planCollection } from '../gc/plan.ts';
import { type PruneRequest, prunePolicy } from '../gc/presets.ts';
import { parsePruneFilters } from '../gc/prune-filters.ts';
import { confirm } from './confirm.ts';
import type { CliContext } from './context.ts';
import { executePlan } from './execute-plan.ts';
import { exitCodes } from './exit-codes.ts';
import { UsageError } from './failure.ts';
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

/** Damage that the plan met, on standard error. */
export function sayBroken({ host }: CliContext, plan: Plan): void {
	if (plan.broken.length === 0) return;
	const [first] = plan.broken;
	host.stderr.write(
		`${plan.broken.length} references lead nowhere, e.g. from ${first?.from.kind} ${first?.from.id} to ${first?.to.kind} ${first?.to.id}.\n`,
	);
}
