import { expect, test } from 'vitest';
import {
	cleanText,
	formatAge,
	formatAgo,
	formatBytes,
	formatCount,
	formatList,
	formatNumberOf,
	formatPercent,
	formatSpan,
	shortId,
} from '../../src/ui/format.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

test.each([
	[undefined, '–'],
	[Number.NaN, '–'],
	[0, '0B'],
	[1, '1B'],
	[999, '999B'],
	[1000, '1kB'],
	[1050, '1.05kB'],
	[12_345_678, '12.3MB'],
	[999_499, '999kB'],
	[999_500, '1MB'],
	[7_800_000, '7.8MB'],
	[1_234_567_890, '1.23GB'],
	[5e15, '5PB'],
])('%s bytes are written %s', (bytes, text) => {
	expect(formatBytes(bytes)).toBe(text);
});

test('bytes up to the petabyte take at most six characters', () => {
	for (let bytes = 1; bytes < 9e17; bytes *= 1.07) expect(formatBytes(Math.round(bytes)).length).toBeLessThanOrEqual(6);
});

test.each([
	[undefined, '–'],
	[0, '0%'],
	[0.01, '<0.1%'],
	[0.44, '0.4%'],
	[12.34, '12.3%'],
	[99.94, '99.9%'],
	[99.96, '100%'],
	[1234.5, '1235%'],
])('%s percent are written %s', (percent, text) => {
	expect(formatPercent(percent)).toBe(text);
	expect(text.length).toBeLessThanOrEqual(6);
});

test.each([
	[0, '<1m'],
	[59_999, '<1m'],
	[minute, '1m'],
	[59 * minute, '59m'],
	[hour, '1h'],
	[47 * hour, '1d'],
	[13 * day, '13d'],
	[14 * day, '2w'],
	[59 * day, '8w'],
	[60 * day, '2mo'],
	[364 * day, '12mo'],
	[365 * day, '1y'],
])('a span of %s ms is written %s', (ms, text) => {
	expect(formatSpan(ms)).toBe(text);
});

test('an age says what is unknown, and takes the future for now', () => {
	expect(formatAge(undefined, 5)).toBe('–');
	expect(formatAge(10 * hour, 0)).toBe('<1m');
	expect(formatAgo(0, 3 * day)).toBe('3d ago');
	expect(formatAgo(0, 5)).toBe('just now');
	expect(formatAgo(undefined, 5)).toBe('at an unknown time');
});

test.each([
	['\u001b[31mred\u001b[0m', 'red'],
	['\u001b]0;title\u0007web', 'web'],
	['\u001b]8;;http://x\u001b\\link\u001b]8;;\u001b\\', 'link'],
	['\u001bPq#0\u001b\\x', 'x'],
	['a\u009b31mb', 'a31mb'],
	['tab\there\nand there', 'tab here and there'],
	['right\u202eleft', 'rightleft'],
	['bell\u0007 back\u0008', 'bell back'],
	['plain – naïve 泊位', 'plain – naïve 泊位'],
])('%j becomes %j', (text, clean) => {
	expect(cleanText(text)).toBe(clean);
});

test('an id is short and harmless', () => {
	expect(shortId(`sha256:${'ab'.repeat(32)}`)).toBe('abababababab');
	expect(shortId('\u001b[2Jabc')).toBe('abc');
});

test('numbers and lists read as sentences', () => {
	expect(formatCount(1_234_567)).toBe('1,234,567');
	expect(formatNumberOf(0, 'image')).toBe('no images');
	expect(formatNumberOf(1, 'image')).toBe('1 image');
	expect(formatNumberOf(2, 'copy', 'copies')).toBe('2 copies');
	expect(formatList(['a', 'b', 'c', 'd', 'e'])).toBe('a, b, c and 2 more');
});
