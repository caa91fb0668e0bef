import { EngineError, isEngineError } from '../errors.ts';
import { exhaustedResource } from './space.ts';

/**
 * The same functions, also those of objects below, but with what the host lacks said in the engine's words:
 * wherever a write finds the disk full, it is no defect. Nothing else is changed.
 */
export function sayHostErrors<Part extends object>(part: Part, root: string): Part {
	const members = Object.entries(part).map(([name, member]) => {
		if (typeof member === 'function') return [name, saying(member as AnyFunction, root)];
		return [name, typeof member === 'object' && member !== null ? sayHostErrors(member as object, root) : member];
	});
	return Object.fromEntries(members) as Part;
}

/** One clear error for what the system said of the store's disk; anything else is given back as it is. */
export function hostError(error: unknown, root: string): unknown {
	const options = { cause: error };
	// Of a file of the store, often one that is gone by now: the person knows the store.
	if (isEngineError(error, 'out-of-space'))
		return new EngineError('out-of-space', { ...error.data, path: root }, options);
	if (isEngineError(error) || !(error instanceof Error) || !('code' in error)) return error;
	switch (error.code) {
		case 'ENOSPC':
		case 'EDQUOT':
			return new EngineError('out-of-space', { path: root, resource: exhaustedResource(root) ?? 'bytes' }, options);
		case 'EROFS':
			return new EngineError('permission-denied', { operation: 'write to', path: root }, options);
		case 'EIO':
		case 'EMFILE':
		case 'ENFILE':
			return new EngineError('io-failed', { operation: 'work on the store', path: root, code: error.code }, options);
		default:
			return error;
	}
}

type AnyFunction = (...values: unknown[]) => unknown;

function saying(act: AnyFunction, root: string): AnyFunction {
	return (...values) => {
		try {
			const result = act(...values);
			if (result instanceof Promise) return result.catch(rethrow);
			return isAsyncIterable(result) ? sayingEach(result) : result;
		} catch (error) {
			return rethrow(error);
		}
	};

	function rethrow(error: unknown): never {
		throw hostError(error, root);
	}

	async function* sayingEach(items: AsyncIterable<unknown>): AsyncGenerator<unknown> {
		try {
			yield* items;
		} catch (error) {
			rethrow(error);
		}
	}
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
	return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}
