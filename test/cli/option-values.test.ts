import { describe, expect, test } from 'vitest';
import { parseByteSize, parseCpus, parseInstant, parseWholeNumber } from '../../src/cli/option-values.ts';

describe('sizes of memory', () => {
	test.each([
		['0', 0],
		['32', 32],
		['32b', 32],
		['32k', 32 * 1024],
		['32K', 32 * 1024],
		['32kb', 32 * 1024],
		['32KiB', 32 * 1024],
		['512m', 512 * 1024 ** 2],
		['1.5g', 1.5 * 1024 ** 3],
		['2 GB', 2 * 1024 ** 3],
	])('%s are %d bytes', (text, bytes) => {
		expect(parseByteSize(text, '--memory')).toBe(bytes);
	});

	test.each(['', 'm', '-1', '1x', '1 2m', '1,5g', 'hello', '1e3'])('"%s" is refused', (text) => {
		expect(() => parseByteSize(text, '--memory')).toThrow(`--memory: "${text}" is not a size`);
	});
});

test('numbers of CPUs and counts are what they look like, or refused', () => {
	expect(parseCpus('1.5')).toBe(1.5);
	expect(parseCpus('.5')).toBe(0.5);
	for (const text of ['0', '-1', '', 'x', '1.', 'Infinity']) expect(() => parseCpus(text)).toThrow('--cpus');
	expect(parseWholeNumber('-1', '--time')).toBe(-1);
	for (const text of ['', '1.5', '0x10', 'all']) expect(() => parseWholeNumber(text, '--time')).toThrow('--time');
});

describe('instants', () => {
	const now = Date.UTC(2026, 10, 20, 12);

	test.each([
		['10m', now - 600_000],
		['1h30m', now - 5_400_000],
		['1.5h', now - 5_400_000],
		['7d', now - 7 * 86_400_000],
		['500ms', now - 500],
		['1795201200', 1_795_201_200_000],
		['1795201200.25', 1_795_201_200_250],
		['2026-11-20T10:00:00Z', Date.UTC(2026, 10, 20, 10)],
		['2026-11-20T10:00:00.5+01:00', Date.UTC(2026, 10, 20, 9, 0, 0, 500)],
		['2026-11-20', new Date(2026, 10, 20).getTime()],
		['2026-11-20T10:00', new Date(2026, 10, 20, 10).getTime()],
		['2026-11-20T10', new Date(2026, 10, 20, 10).getTime()],
	])('%s', (text, at) => {
		expect(parseInstant(text, '--since', now)).toBe(at);
	});

	test.each(['', 'yesterday', '1h30', '2026-13-01', '2026-11-20 10:00', '-5m'])('"%s" is refused', (text) => {
		expect(() => parseInstant(text, '--since', now)).toThrow('is not a time');
	});
});
