import type { Action } from './actions.ts';
import { reduceCollect } from './reduce-collect.ts';
import { reduceCommand } from './reduce-command.ts';
import { reduceData } from './reduce-data.ts';
import { settleLists } from './reduce-lists.ts';
import { reduceOverlays } from './reduce-overlays.ts';
import type { AppState } from './state.ts';

/** The one place where the state changes. Pure; gives the same object back where nothing changes. */
export function reduce(state: AppState, action: Action): AppState {
	const next = change(state, action);
	return next === state ? state : settleLists(next);
}

function change(state: AppState, action: Action): AppState {
	switch (action.type) {
		case 'commanded':
			return reduceCommand(state, action.command);
		case 'text-typed':
		case 'inspect-opened':
		case 'logs-opened':
		case 'log-lines-read':
		case 'log-ended':
			return reduceOverlays(state, action);
		case 'sweep-started':
		case 'swept':
		case 'sweep-aborted':
			return reduceCollect(state, action);
		default:
			return reduceData(state, action);
	}
}
