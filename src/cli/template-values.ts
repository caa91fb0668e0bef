import { templateError } from './template-lexer.ts';

/** Names that are data, such as labels: asking for one that is not there gives nothing instead of an error. */
export function dictionary<Value>(entries: Iterable<readonly [string, Value]>): Record<string, Value> {
	const result: Record<string, Value> = Object.create(null);
	for (const [key, value] of entries) result[key] = value;
	return result;
}

/** Follows `.A.B`. A field that does not exist is an error, which names those that do. @throws UsageError */
export function followPath(value: unknown, names: readonly string[]): unknown {
	let current = value;
	for (const name of names) {
		if (typeof current !== 'object' || current === null || Array.isArray(current)) {
			throw templateError(`.${name} is asked of ${describe(current)}, which has no fields`);
		}
		if (Object.hasOwn(current, name)) current = Reflect.get(current, name);
		else if (Object.getPrototypeOf(current) === null) current = '';
		else throw templateError(`there is no field ".${name}"; there are ${Object.keys(current).join(', ')}`);
	}
	return current;
}

/** Go's notion: false, 0, the empty string, nil and empty collections are not true. */
export function isTrue(value: unknown): boolean {
	if (Array.isArray(value)) return value.length > 0;
	if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
	return Boolean(value);
}

/** As Go's `fmt.Print` writes it: `[a b]`, `map[k:v]`, `<no value>`. */
export function textOf(value: unknown): string {
	if (value === undefined || value === null) return '<no value>';
	if (Array.isArray(value)) return `[${value.map(textOf).join(' ')}]`;
	if (typeof value !== 'object') return String(value);
	const keys = Object.keys(value);
	if (Object.getPrototypeOf(value) !== null) return `{${keys.map((key) => textOf(Reflect.get(value, key))).join(' ')}}`;
	return `map[${keys
		.sort()
		.map((key) => `${key}:${textOf(Reflect.get(value, key))}`)
		.join(' ')}]`;
}

type TemplateFunction = (...values: readonly unknown[]) => unknown;

const functions: Readonly<Record<string, TemplateFunction>> = {
	json: (value) => JSON.stringify(value ?? null),
	join: (list, separator) => asList(list, 'join').map(textOf).join(asText(separator, 'join')),
	split: (text, separator) => asText(text, 'split').split(asText(separator, 'split')),
	index: (value, ...keys) => keys.reduce(elementOf, value),
	len: (value) => lengthOf(value),
	upper: (text) => asText(text, 'upper').toUpperCase(),
	lower: (text) => asText(text, 'lower').toLowerCase(),
	title: (text) => asText(text, 'title').replace(/(?<!\p{L})\p{L}/gu, (letter) => letter.toUpperCase()),
	truncate: (text, length) => [...asText(text, 'truncate')].slice(0, Number(length)).join(''),
	eq: (first, ...others) => others.some((other) => other === first),
	ne: (first, second) => first !== second,
	lt: (first, second) => compare(first, second) < 0,
	le: (first, second) => compare(first, second) <= 0,
	gt: (first, second) => compare(first, second) > 0,
	ge: (first, second) => compare(first, second) >= 0,
	and: (...values) => values.reduce((result, value) => (isTrue(result) ? value : result)),
	or: (...values) => values.reduce((result, value) => (isTrue(result) ? result : value)),
	not: (value) => !isTrue(value),
};

/** @throws UsageError where there is no such function */
export function functionNamed(name: string): TemplateFunction {
	const found = Object.hasOwn(functions, name) ? functions[name] : undefined;
	if (found === undefined) throw templateError(`there is no function "${name}"`);
	return found;
}

function elementOf(value: unknown, key: unknown): unknown {
	if (Array.isArray(value)) {
		if (typeof key === 'number' && key >= 0 && key < value.length) return value[key];
		throw templateError(`index ${textOf(key)} is outside of a list of ${value.length}`);
	}
	if (typeof value === 'object' && value !== null) {
		const name = asText(key, 'index');
		return Object.hasOwn(value, name) ? Reflect.get(value, name) : '';
	}
	throw templateError(`index is asked of ${describe(value)}`);
}

function lengthOf(value: unknown): number {
	if (typeof value === 'string') return Buffer.byteLength(value);
	if (Array.isArray(value)) return value.length;
	if (typeof value === 'object' && value !== null) return Object.keys(value).length;
	throw templateError(`len is asked of ${describe(value)}`);
}

function compare(first: unknown, second: unknown): number {
	if (typeof first === 'number' && typeof second === 'number') return first - second;
	if (typeof first === 'string' && typeof second === 'string') return first < second ? -1 : Number(first > second);
	throw templateError(`${describe(first)} cannot be compared with ${describe(second)}`);
}

function asText(value: unknown, where: string): string {
	if (typeof value === 'string') return value;
	throw templateError(`${where} needs a text, not ${describe(value)}`);
}

function asList(value: unknown, where: string): readonly unknown[] {
	if (Array.isArray(value)) return value;
	if (value === undefined || value === null) return [];
	throw templateError(`${where} needs a list, not ${describe(value)}`);
}

function describe(value: unknown): string {
	if (value === undefined || value === null) return 'nothing';
	if (Array.isArray(value)) return 'a list';
	if (typeof value === 'object') return 'a group of fields';
	return `the ${typeof value === 'string' ? 'text' : typeof value} "${String(value)}"`;
}
