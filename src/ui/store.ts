/** Holds the one state; everything else asks it, or sends it an action. */
export interface Store<State, Action> {
	getState(): State;
	/** Reduces at once and calls the listeners, unless the state stayed the same object. */
	dispatch(action: Action): void;
	/** Returns the function that ends the subscription. */
	subscribe(listener: () => void): () => void;
}

/** A store over one reducer. An action that a listener sends is reduced at once; listeners see only the latest state. */
export function createStore<State, Action>(
	reduce: (state: State, action: Action) => State,
	initial: State,
): Store<State, Action> {
	let state = initial;
	const listeners = new Set<() => void>();
	return {
		getState: () => state,
		dispatch(action) {
			const next = reduce(state, action);
			if (next === state) return;
			state = next;
			for (const listener of [...listeners]) listener();
		},
		subscribe(listener) {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
	};
}
