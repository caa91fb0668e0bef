import { describe, expect, test } from 'vitest';
import { booleanFilter, hasLabels, matchesGlob, parseFilters } from '../../src/cli/filters.ts';

test('filters are gathered by key, in order', () => {
	const filters = parseFilters(['label=a=b', 'name=x', 'label=c'], ['label', 'name']);
	expect([...filters]).toEqual([
		['label', ['a=b', 'c']],
		['name', ['x']],
	]);
});

test('a filter of another form or with an unknown key is refused', () => {
	expect(() => parseFilters(['dangling'], ['dangling'])).toThrow('is not understood');
	expect(() => parseFilters(['colour=red'], ['dangling'])).toThrow('There is no filter "colour" here.');
});

test.each([
	['true', true],
	['1', true],
	['false', false],
	['0', false],
])('dangling=%s', (text, value) => {
	expect(booleanFilter(parseFilters([`dangling=${text}`], ['dangling']), 'dangling')).toBe(value);
});

test('a filter that must be true or false takes nothing else', () => {
	expect(booleanFilter(new Map(), 'dangling')).toBeUndefined();
	expect(() => booleanFilter(new Map([['dangling', ['maybe']]]), 'dangling')).toThrow('not "maybe"');
});

test('labels must all be there, with their values where those are given', () => {
	const labels = { a: '1', b: '' };
	expect(hasLabels(labels, [])).toBe(true);
	expect(hasLabels(labels, ['a', 'b='])).toBe(true);
	expect(hasLabels(labels, ['a=1', 'b'])).toBe(true);
	expect(hasLabels(labels, ['a=2'])).toBe(false);
	expect(hasLabels(labels, ['a', 'c'])).toBe(false);
	expect(hasLabels(labels, ['toString'])).toBe(false);
});

describe('patterns of names', () => {
	test.each([
		['alpine', 'alpine', true],
		['alp*', 'alpine', true],
		['*', 'alpine', true],
		['*', 'library/alpine', false],
		['*/*', 'library/alpine', true],
		['alpine:3.?', 'alpine:3.2', true],
		['alpine:3.?', 'alpine:3x2', false],
		['alpin[a-e]', 'alpine', true],
		['alpin[^e]', 'alpine', false],
		['a+b', 'a+b', true],
		['a+b', 'aab', false],
	])('%s on %s: %s', (pattern, name, fits) => {
		expect(matchesGlob(pattern, name)).toBe(fits);
	});
});
