import type { AppState } from '../state.ts';

/** The same function, worked out once for each state: a frame asks for the same rows again and again. */
export function perState<Result>(compute: (state: AppState) => Result): (state: AppState) => Result {
	const results = new WeakMap<AppState, { readonly result: Result }>();
	return (state) => {
		const known = results.get(state);
		if (known !== undefined) return known.result;
		const result = compute(state);
		results.set(state, { result });
		return result;
	};
}
