import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { roundMaximum } from '../../../src/ui/components/chart-canvas.ts';
import { fitText, textWidth, wrapWords } from '../../../src/ui/components/fit-text.ts';
import { scrollOffset, scrollThumb } from '../../../src/ui/components/scroll.ts';
import { sparkline } from '../../../src/ui/components/sparkline.ts';

const words = fc.array(fc.constantFrom('a', 'harbour', '泊位', 'é', 'é', '👩‍👩‍👧', 'x'.repeat(30), '한글'), {
	maxLength: 8,
});

describe('fitting text', () => {
	test.each([
		['harbour', 10, {}, 'harbour   '],
		['harbour', 10, { align: 'right' as const }, '   harbour'],
		['harbour', 5, {}, 'harb…'],
		['harbour', 5, { cut: 'start' as const }, '…bour'],
		['harbour', 5, { cut: 'middle' as const }, 'ha…ur'],
		['泊位泊位', 6, {}, '泊位… '],
		['泊位泊位', 6, { cut: 'start' as const }, '…泊位 '],
		['harbour', 1, {}, '…'],
		['harbour', 0, {}, ''],
	])('%j in %d cells with %j is %j', (text, width, options, fitted) => {
		expect(fitText(text, width, options)).toBe(fitted);
	});

	test('a fitted text is exactly as wide as asked', () => {
		fc.assert(
			fc.property(words, fc.nat(40), fc.constantFrom('end', 'start', 'middle'), (parts, width, cut) => {
				expect(textWidth(fitText(parts.join(' '), width, { cut: cut as 'end' }))).toBe(width);
			}),
		);
	});

	test('wrapping keeps every character and stays within the width', () => {
		fc.assert(
			fc.property(words, fc.integer({ min: 2, max: 40 }), (parts, width) => {
				const lines = wrapWords(parts.join(' '), width);
				expect(lines.join('').replaceAll(' ', '')).toBe(parts.join(''));
				for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(width);
			}),
		);
	});
});

describe('scrolling', () => {
	test('the cursor is always in sight and the window inside the list', () => {
		fc.assert(
			fc.property(
				fc.nat(200),
				fc.nat(300),
				fc.integer({ min: 1, max: 50 }),
				fc.nat(),
				(count, offset, height, seed) => {
					const cursor = count === 0 ? 0 : seed % count;
					const next = scrollOffset({ offset, cursor, count, height });
					expect(next).toBeGreaterThanOrEqual(0);
					expect(next).toBeLessThanOrEqual(Math.max(0, count - height));
					if (count > 0) expect(cursor).toBeGreaterThanOrEqual(next);
					if (count > 0) expect(cursor).toBeLessThan(next + height);
				},
			),
		);
	});

	test('walking down a list shifts the window once per half page', () => {
		let offset = 0;
		let shifts = 0;
		for (let cursor = 0; cursor < 100; cursor++) {
			const next = scrollOffset({ offset, cursor, count: 100, height: 20 });
			if (next !== offset) shifts++;
			offset = next;
		}
		expect(shifts).toBe(8);
		expect(offset).toBe(80);
	});

	test.each([
		[0, 10, 10, undefined],
		[0, 100, 10, { start: 0, end: 1 }],
		[90, 100, 10, { start: 9, end: 10 }],
		[10, 20, 10, { start: 5, end: 10 }],
	])('from row %d of %d in %d lines the thumb is %j', (offset, count, height, thumb) => {
		expect(scrollThumb(offset, count, height)).toEqual(thumb);
	});
});

test.each([
	[[0, 1, 2, 4], { width: 4 }, '▁▃▅█'],
	[[1, undefined, 1], { width: 5, max: 2 }, '  ▅ ▅'],
	[[], { width: 3 }, '   '],
	[[5, 1, 2], { width: 2, max: 2 }, '▅█'],
	[[0, 0], { width: 2 }, '▁▁'],
])('the values %j in %j draw %j', (values, options, drawn) => {
	expect(sparkline(values, options)).toBe(drawn);
});

test.each([
	[[], 1],
	[[0], 1],
	[[0.3], 0.5],
	[[100], 100],
	[[101], 200],
	[[undefined, 7, Number.NaN], 10],
])('the axis for %j ends at %d', (values, maximum) => {
	expect(roundMaximum(values)).toBe(maximum);
});
