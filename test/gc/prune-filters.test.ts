import { describe, expect, test } from 'vitest';
import { isEngineError } from '../../src/engine/errors.ts';
import { matchesLabels } from '../../src/gc/demotion.ts';
import { parsePruneFilters } from '../../src/gc/prune-filters.ts';

const now = Date.UTC(2026, 10, 20, 12);

describe('until is read as Docker reads it', () => {
	test.each([
		['24h', now - 86_400_000],
		['1h30m', now - 5_400_000],
		['1.5h', now - 5_400_000],
		['90s', now - 90_000],
		['250ms', now - 250],
		['1700000000', 1_700_000_000_000],
		['1700000000.25', 1_700_000_000_250],
		['2026-11-01T12:00:00Z', Date.UTC(2026, 10, 1, 12)],
		['2026-11-01T12:00:00.5+02:00', Date.UTC(2026, 10, 1, 10, 0, 0, 500)],
		['2026-11-01T12:30', new Date(2026, 10, 1, 12, 30).getTime()],
		['2026-11-01', new Date(2026, 10, 1).getTime()],
		['2026-11-01Z', Date.UTC(2026, 10, 1)],
	])('%s', (text, expected) => {
		expect(parsePruneFilters([`until=${text}`], now)).toEqual({ until: expected, labels: [] });
	});
});

describe('labels are read with and without a value, and negated', () => {
	test.each([
		['label=a', { key: 'a', value: undefined, negated: false }],
		['label=a=b', { key: 'a', value: 'b', negated: false }],
		['label=a=b=c', { key: 'a', value: 'b=c', negated: false }],
		['label=a=', { key: 'a', value: '', negated: false }],
		['label!=a', { key: 'a', value: undefined, negated: true }],
		['label!=a=b', { key: 'a', value: 'b', negated: true }],
	])('%s', (text, expected) => {
		expect(parsePruneFilters([text], now).labels).toEqual([expected]);
	});
});

describe('what is not a prune filter is refused with the reason', () => {
	test.each([
		[['until=yesterday'], 'duration'],
		[['until=24'], undefined],
		[['until=24x'], 'duration'],
		[['until=-5h'], 'duration'],
		[['until='], 'duration'],
		[['until=2026-13-45'], 'duration'],
		[['until!=24h'], 'filter is'],
		[['until=1h', 'until=2h'], 'only once'],
		[['label='], 'filter is'],
		[['dangling'], 'filter is'],
		[['name=web'], 'filter is'],
		[['\u001b[2J=1'], 'filter is'],
	])('%j', (texts, why) => {
		if (why === undefined) {
			expect(parsePruneFilters(texts, now).until).toBe(24_000);
			return;
		}
		expect(() => parsePruneFilters(texts, now)).toThrow(
			expect.toSatisfy(
				(error) =>
					isEngineError(error, 'invalid-argument') && error.data.why.includes(why) && !error.message.includes('\u001b'),
			),
		);
	});
});

describe('labels match as in Docker', () => {
	const filters = (...texts: string[]) => parsePruneFilters(texts, now).labels;
	test.each([
		[{ a: '1' }, ['label=a'], true],
		[{ a: '1' }, ['label=a=1'], true],
		[{ a: '1' }, ['label=a=2'], false],
		[{ a: '1' }, ['label=a', 'label=b'], false],
		[{ a: '1', b: '2' }, ['label=a', 'label=b=2'], true],
		[{}, ['label=a'], false],
		[{}, ['label!=a'], true],
		[{ a: '1' }, ['label!=a'], false],
		[{ a: '1' }, ['label!=a=2'], true],
		[{ a: '1' }, ['label!=a', 'label!=b'], true],
		[{ a: '1', b: '2' }, ['label!=a', 'label!=b'], false],
		[{ a: '1', b: '2' }, ['label=a', 'label!=b'], false],
		[{ a: '1' }, [], true],
		[{}, ['label=constructor'], false],
	])('%j with %j', (labels, texts, expected) => {
		expect(matchesLabels(labels as unknown as Record<string, string>, filters(...texts))).toBe(expected);
	});
});
