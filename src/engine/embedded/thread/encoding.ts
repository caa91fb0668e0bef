import { EngineError, type EngineErrorCode, type EngineErrorData } from '../../errors.ts';

/** An error as plain data, which crosses threads without losing its code, data and hint. */
export type EncodedError =
	| {
			readonly $error: 'engine';
			readonly code: EngineErrorCode;
			readonly data: EngineErrorData[EngineErrorCode];
			readonly hint: string | undefined;
			readonly stack: string | undefined;
	  }
	| {
			readonly $error: 'other';
			readonly name: string;
			readonly message: string;
			readonly stack: string | undefined;
	  };

/** Anything that was thrown, as data. */
export function encodeError(error: unknown): EncodedError {
	if (error instanceof EngineError) {
		return { $error: 'engine', code: error.code, data: error.data, hint: error.hint, stack: error.stack };
	}
	if (error instanceof Error) {
		return { $error: 'other', name: error.name, message: error.message, stack: error.stack };
	}
	return { $error: 'other', name: 'Error', message: String(error), stack: undefined };
}

/** The error again, with the stack of the thread that it was thrown in. */
export function decodeError(encoded: EncodedError): Error {
	const error =
		encoded.$error === 'engine'
			? new EngineError(encoded.code, encoded.data, encoded.hint === undefined ? {} : { hint: encoded.hint })
			: Object.assign(new Error(encoded.message), { name: encoded.name });
	if (encoded.stack !== undefined) error.stack = encoded.stack;
	return error;
}

/** The value with every error in it as data; copied only where one is found. Looks at each part once. */
export function encodeValue(value: unknown): { readonly value: unknown; readonly hasErrors: boolean } {
	let hasErrors = false;
	const encoded = mapParts(value, (part) => {
		if (!(part instanceof Error)) return part;
		hasErrors = true;
		return encodeError(part);
	});
	return { value: encoded, hasErrors };
}

/** The value with its errors alive again. Only for a value that has some: it costs a walk. */
export function decodeValue(value: unknown): unknown {
	return mapParts(value, (part) => (isEncodedError(part) ? decodeError(part) : part));
}

/**
 * Replaces parts of lists and plain objects, outermost first; what was replaced is not looked into. Gives the same
 * object where nothing was replaced. Values must not contain themselves.
 */
export function mapParts(value: unknown, replace: (part: unknown) => unknown): unknown {
	const replaced = replace(value);
	if (replaced !== value) return replaced;
	if (Array.isArray(value)) {
		const items = value.map((item) => mapParts(item, replace));
		return items.some((item, index) => item !== value[index]) ? items : value;
	}
	if (!isPlainObject(value)) return value;
	let copy: Record<string, unknown> | undefined;
	for (const key of Object.keys(value)) {
		const part = value[key];
		const mapped = mapParts(part, replace);
		if (mapped === part) continue;
		copy ??= { ...value };
		copy[key] = mapped;
	}
	return copy ?? value;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
	if (typeof value !== 'object' || value === null) return false;
	const prototype = Object.getPrototypeOf(value);
	return prototype === Object.prototype || prototype === null;
}

function isEncodedError(value: unknown): value is EncodedError {
	return isPlainObject(value) && (value.$error === 'engine' || value.$error === 'other');
}
