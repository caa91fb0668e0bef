import { EngineError } from '../errors.ts';
import { printable } from './printable.ts';

/** Where a document came from and what it may cost. */
export interface DocumentSource {
	/** What it is: `the manifest`, `the config`. */
	readonly what: string;
	/** Where it stood: an entry of an archive, a file. */
	readonly where: string;
}

/** A JSON object, not yet looked into. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Deeper than any honest document: configs in the field reach 5. */
const deepest = 64;

/**
 * Reads untrusted JSON: valid UTF-8, nested no deeper than 64. The caller bounds the size.
 * @throws EngineError corrupt, limit-exceeded
 */
export function parseJson(bytes: Uint8Array, source: DocumentSource): unknown {
	checkDepth(bytes, source);
	try {
		return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
	} catch (cause) {
		throw corrupt(source, 'it is not valid JSON', cause);
	}
}

/** @throws EngineError corrupt where the value is not an object */
export function asObject(value: unknown, source: DocumentSource): JsonObject {
	if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
	throw corrupt(source, 'it is not a JSON object');
}

/** A list of at most `most` items; absent and null count as empty. @throws EngineError corrupt, limit-exceeded */
export function asList(
	value: unknown,
	source: DocumentSource,
	field: { name: string; most: number },
): readonly unknown[] {
	if (value === undefined || value === null) return [];
	if (!Array.isArray(value)) throw corrupt(source, `"${field.name}" is not a list`);
	if (value.length > field.most) {
		throw new EngineError('limit-exceeded', {
			what: `"${field.name}" in ${source.what} ${printable(source.where)}`,
			limit: `${value.length} items where at most ${field.most} are taken`,
		});
	}
	return value;
}

/** Text, or undefined for what is absent or null. @throws EngineError corrupt for anything else */
export function asText(value: unknown, source: DocumentSource, name: string): string | undefined {
	if (value === undefined || value === null) return undefined;
	if (typeof value !== 'string') throw corrupt(source, `"${name}" is not text`);
	return value;
}

/** A map from text to text; absent and null count as empty. @throws EngineError corrupt */
export function asTextMap(value: unknown, source: DocumentSource, name: string): Readonly<Record<string, string>> {
	if (value === undefined || value === null) return {};
	const entries = Object.entries(asObject(value, { ...source, what: `"${name}" in ${source.what}` }));
	for (const [key, text] of entries) {
		if (typeof text !== 'string') throw corrupt(source, `"${name}" gives "${printable(key)}" a value that is not text`);
	}
	return Object.fromEntries(entries) as Record<string, string>;
}

/** The error for a document that is not what it must be. */
export function corrupt(source: DocumentSource, why: string, cause?: unknown): EngineError<'corrupt'> {
	return new EngineError('corrupt', { what: source.what, where: printable(source.where), why }, { cause });
}

/** Counts brackets outside of strings, so that a parser is never handed a document that nests without end. */
function checkDepth(bytes: Uint8Array, source: DocumentSource): void {
	let depth = 0;
	let inString = false;
	for (let index = 0; index < bytes.length; index++) {
		const byte = bytes[index];
		if (inString) {
			if (byte === 0x5c) index++;
			else if (byte === 0x22) inString = false;
		} else if (byte === 0x22) inString = true;
		else if (byte === 0x7b || byte === 0x5b) {
			if (++depth > deepest) {
				throw new EngineError('limit-exceeded', {
					what: `${source.what} ${printable(source.where)}`,
					limit: `it nests deeper than ${deepest}`,
				});
			}
		} else if (byte === 0x7d || byte === 0x5d) depth--;
	}
}
