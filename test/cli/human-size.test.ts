import { describe, expect, test } from 'vitest';
import { exactBytes, humanSize } from '../../src/cli/human-size.ts';

describe('humanSize', () => {
	// The four-digit rows are those of docker/go-units' own test.
	test.each([
		[0, 4, '0B'],
		[999, 4, '999B'],
		[1000, 4, '1kB'],
		[1024, 4, '1.024kB'],
		[1_000_000, 4, '1MB'],
		[1_048_576, 4, '1.049MB'],
		[3_420_000_000, 4, '3.42GB'],
		[5_372_000_000_000, 4, '5.372TB'],
		[2_220_000_000_000_000, 4, '2.22PB'],
		[0, 3, '0B'],
		[1234, 3, '1.23kB'],
		[7_377_000, 3, '7.38MB'],
		[74_800_000, 3, '74.8MB'],
		[187_654_321, 3, '188MB'],
		[999_499, 3, '999kB'],
		[999_500, 3, '1MB'],
		[999_949, 4, '999.9kB'],
		[999_960, 4, '1MB'],
	] as const)('%d bytes with %d digits are %s', (bytes, digits, text) => {
		expect(humanSize(bytes, digits)).toBe(text);
	});
});

test.each([
	[0, '0 B'],
	[999, '999 B'],
	[1000, '1,000 B'],
	[12_345_678, '12,345,678 B'],
])('%d bytes are exactly %s', (bytes, text) => {
	expect(exactBytes(bytes)).toBe(text);
});
