import type { Inventory } from '../engine/model.ts';
import { planCollection } from '../gc/plan.ts';
import type { Action } from './actions.ts';
import { nextPreset, policyOf } from './collect-presets.ts';
import { keyText, type SweepState } from './collect-state.ts';
import type { CommandId } from './commands.ts';
import { moveCursor, updateList } from './reduce-lists.ts';
import type { AppState } from './state.ts';
import { candidateKey } from './views/collect-list.ts';

/** The actions of a sweep. */
export type SweepAction = Extract<Action, { readonly type: 'sweep-started' | 'swept' | 'sweep-aborted' }>;

/** How a sweep goes on. */
export function reduceCollect(state: AppState, action: SweepAction): AppState {
	if (action.type === 'sweep-started') {
		const { plan } = action;
		return withSweep(state, { plan, status: 'running', freedBytes: 0, removedCount: 0, left: [], aborted: false });
	}
	const { sweep } = state.collect;
	if (sweep === undefined) return state;
	if (action.type === 'sweep-aborted') return withSweep(state, { ...sweep, status: 'finished', aborted: true });
	const { event } = action;
	switch (event.type) {
		case 'removed':
			return withSweep(state, {
				...sweep,
				removedCount: sweep.removedCount + 1,
				freedBytes: sweep.freedBytes + event.freedBytes,
			});
		case 'already-gone':
			return state;
		case 'refused':
			return withSweep(state, { ...sweep, left: [...sweep.left, { key: event.key, why: event.error.message }] });
		case 'failed':
			return withSweep(state, {
				...sweep,
				freedBytes: sweep.freedBytes + event.freedBytes,
				left: [...sweep.left, { key: event.key, why: event.error.message }],
			});
		case 'finished': {
			const ended = withSweep(state, { ...sweep, status: 'finished', freedBytes: event.freedBytes });
			return { ...ended, collect: { ...ended.collect, unmarked: new Set() } };
		}
	}
}

/** The keys of the collect screen. Whatever they change, the plan follows at once. */
export function reduceCollectCommand(state: AppState, command: CommandId): AppState {
	const { collect } = state;
	switch (command) {
		case 'collect.next-policy':
		case 'collect.previous-policy': {
			const preset = nextPreset(collect.preset, command === 'collect.next-policy' ? 1 : -1);
			const sweep = collect.sweep?.status === 'running' ? collect.sweep : undefined;
			const changed = { ...state, collect: { ...collect, preset, unmarked: new Set<string>(), sweep } };
			return replan(updateList(changed, 'collect', { cursor: 0, cursorKey: undefined, offset: 0 }));
		}
		case 'collect.mark-all': {
			const all = collect.full?.removals.map(({ resource }) => keyText(resource.key)) ?? [];
			const unmarked = new Set(collect.unmarked.size > 0 ? [] : all);
			return replan({ ...state, collect: { ...collect, unmarked } });
		}
		case 'collect.toggle-kept':
			return { ...state, collect: { ...collect, showKept: !collect.showKept } };
		case 'list.mark': {
			const key = candidateKey(state.lists.collect.cursorKey);
			if (key === undefined) return state;
			const unmarked = new Set(collect.unmarked);
			if (!unmarked.delete(key)) unmarked.add(key);
			return moveCursor(replan({ ...state, collect: { ...collect, unmarked } }), 'collect', { by: 1 });
		}
		default:
			return state;
	}
}

/** The plans anew, for the inventory, the policy and the marks as they are. */
export function replan(state: AppState): AppState {
	const { world, collect } = state;
	if (world === undefined) return state;
	const { inventory } = world;
	const policy = policyOf(collect.preset);
	const full = planCollection(inventory, policy, inventory.takenAt);
	const planned = new Set(full.removals.map(({ resource }) => keyText(resource.key)));
	const unmarked = new Set([...collect.unmarked].filter((key) => planned.has(key)));
	const plan = unmarked.size === 0 ? full : planCollection(pin(inventory, unmarked), policy, inventory.takenAt);
	return { ...state, collect: { ...collect, unmarked, full, plan } };
}

/** What was unmarked stands on its own for this plan, and keeps all that it needs. */
function pin(inventory: Inventory, keys: ReadonlySet<string>): Inventory {
	const resources = inventory.resources.map((resource) =>
		keys.has(keyText(resource.key)) ? { ...resource, root: 'pinned' as const } : resource,
	);
	return { ...inventory, resources };
}

function withSweep(state: AppState, sweep: SweepState): AppState {
	return { ...state, collect: { ...state.collect, sweep } };
}
