import type { Engine } from '../engine/port.ts';
import type { Action } from './actions.ts';
import type { AppState } from './state.ts';
import type { Store } from './store.ts';

/** What all effects share. */
export interface EffectContext {
	readonly engine: Engine;
	readonly store: Store<AppState, Action>;
	/** Loads the lists again, soon. */
	readonly reload: () => void;
	/** Aborts when the dashboard ends. */
	readonly ending: AbortSignal;
}
