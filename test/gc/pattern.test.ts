import fc from 'fast-check';
import { expect, test } from 'vitest';
import { matchesPattern } from '../../src/gc/pattern.ts';

test.each([
	['debian:*', 'debian:trixie', true],
	['debian:*', 'my-debian:trixie', false],
	['*/pilot:1.?', 'registry.example:5000/harbor/pilot:1.5', true],
	['*/pilot:1.?', 'harbor/pilot:1.50', false],
	['a.c', 'abc', false],
	['*', '', true],
	['', 'x', false],
	['DB', 'db', false],
])('%s on %s: %s', (pattern, name, expected) => {
	expect(matchesPattern(pattern, name)).toBe(expected);
});

test('agrees with a regular expression of the same meaning', () => {
	const text = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*', '?'), maxLength: 8 });
	fc.assert(
		fc.property(text, text, (pattern, name) => {
			const expression = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's');
			expect(matchesPattern(pattern, name)).toBe(expression.test(name));
		}),
		{ numRuns: 2000 },
	);
});
