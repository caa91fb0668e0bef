import { EngineError } from '../errors.ts';
import type { PlanArchive, SavedPlan } from '../port-collector.ts';
import type { MemoryWorld } from './world.ts';

const keptPlans = 20;

/** The saved plans and the history of a world behind the port. */
export function createPlanArchive(world: MemoryWorld): PlanArchive {
	return {
		save: async (plan) => {
			if (world.plans.has(plan.id)) return;
			world.plans.set(plan.id, plan);
			const surplus = [...world.plans.keys()].slice(0, Math.max(0, world.plans.size - keptPlans));
			for (const id of surplus) world.plans.delete(id);
		},
		read: async (id) => readPlan(world, id),
		list: async () => [...world.plans.values()].reverse().map(({ document: _, ...summary }) => summary),
		recordSweep: async (record) => {
			world.sweeps.push(record);
		},
		sweeps: async () => world.sweeps.toReversed(),
	};
}

function readPlan(world: MemoryWorld, id: string): SavedPlan {
	const digits = id.replace(/^sha256:/, '');
	const found = digits === '' ? [] : [...world.plans.values()].filter((plan) => plan.id.startsWith(`sha256:${digits}`));
	if (found.length > 1) {
		throw new EngineError('ambiguous', { what: 'plan', id, matches: found.map((plan) => plan.id.slice(7, 19)) });
	}
	const [plan] = found;
	if (plan === undefined) throw new EngineError('not-found', { what: 'plan', id });
	return plan;
}
