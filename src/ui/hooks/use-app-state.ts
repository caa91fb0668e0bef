import { createContext, use, useSyncExternalStore } from 'react';
import type { Action } from '../actions.ts';
import type { AppState } from '../state.ts';
import type { Store } from '../store.ts';

/** The store of the application around it; `<StoreContext value={store}>` stands at the very top. */
export const StoreContext = createContext<Store<AppState, Action> | undefined>(undefined);

/**
 * What the selector picks from the state; the component is drawn again when that is another value.
 * The selector must give the same object for the same state.
 */
export function useAppState<Selected>(select: (state: AppState) => Selected): Selected {
	const store = use(StoreContext);
	if (store === undefined) throw new Error('useAppState needs a StoreContext above it');
	return useSyncExternalStore(store.subscribe, () => select(store.getState()));
}

/** The whole state, for a screen that shows most of it. */
export function useWholeState(): AppState {
	return useAppState(identity);
}

function identity(state: AppState): AppState {
	return state;
}
