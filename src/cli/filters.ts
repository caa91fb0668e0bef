import { UsageError } from './failure.ts';
import type { VerbOption } from './verb.ts';

/** Filters as typed, by key: all values of one key in order. */
export type Filters = ReadonlyMap<string, readonly string[]>;

/** The option of verbs that choose by conditions; the description says which keys there are. */
export function filterOption(keys: readonly string[]): VerbOption {
	return {
		flags: '-f, --filter <filter>',
		description: `Only what fits; may be given several times: ${keys.map((key) => `${key}=`).join(', ')}`,
		repeatable: true,
	};
}

/** Reads `key=value` texts; `label!=x` is the key `label!`. @throws UsageError for a form or a key that is not known */
export function parseFilters(texts: readonly string[], keys: readonly string[]): Filters {
	const filters = new Map<string, string[]>();
	for (const text of texts) {
		const match = /^([a-z-]+!?)=(.*)$/s.exec(text.trim());
		const key = match?.[1];
		if (key === undefined) {
			throw new UsageError(`The filter "${text}" is not understood.`, 'A filter looks like key=value.');
		}
		if (!keys.includes(key)) {
			throw new UsageError(`There is no filter "${key}" here.`, `Filters: ${keys.join(', ')}.`);
		}
		filters.set(key, [...(filters.get(key) ?? []), match?.[2] ?? '']);
	}
	return filters;
}

/** A filter that is true or false, as Docker's `dangling`. @throws UsageError */
export function booleanFilter(filters: Filters, key: string): boolean | undefined {
	const value = filters.get(key)?.at(-1);
	if (value === undefined) return undefined;
	if (/^(true|1|t)$/i.test(value)) return true;
	if (/^(false|0|f)$/i.test(value)) return false;
	throw new UsageError(`The filter ${key} is true or false, not "${value}".`);
}

/** True where the labels have all of the wanted ones: `key`, or `key=value`. */
export function hasLabels(labels: Readonly<Record<string, string>>, wanted: readonly string[]): boolean {
	return wanted.every((text) => {
		const { key, value } = splitPair(text);
		return Object.hasOwn(labels, key) && (value === undefined || labels[key] === value);
	});
}

/** Cuts `key=value` at the first `=`. */
export function splitPair(text: string): { readonly key: string; readonly value: string | undefined } {
	const at = text.indexOf('=');
	return at === -1 ? { key: text, value: undefined } : { key: text.slice(0, at), value: text.slice(at + 1) };
}

/** True where `name` fits a pattern with `*` and `?` (not across slashes) and `[…]`, as Go's `path.Match` does it. */
export function matchesGlob(pattern: string, name: string): boolean {
	const source = pattern.replace(/\[\^?[^\]]*\]|[*?]|\\.|[\\^$+.()|{}[\]]/g, (part) => {
		if (part === '*') return '[^/]*';
		if (part === '?') return '[^/]';
		if (part.startsWith('[') && part.length > 1) return part;
		return part.startsWith('\\') && part.length === 2 ? `\\${part[1]}` : `\\${part}`;
	});
	try {
		return new RegExp(`^${source}$`, 'u').test(name);
	} catch {
		throw new UsageError(`The pattern "${pattern}" is not understood.`);
	}
}
