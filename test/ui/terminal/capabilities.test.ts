import { expect, test } from 'vitest';
import { allowsColors, loadWithStyles, terminalObstacle } from '../../../src/ui/terminal/capabilities.ts';

test.each([
	[{ TERM: 'xterm-256color' }, true],
	[{ TERM: 'xterm-256color', NO_COLOR: '1' }, false],
	[{ TERM: 'xterm-256color', NO_COLOR: '' }, true],
	[{ TERM: 'vt100' }, false],
	[{ TERM: 'vt220' }, false],
	[{ TERM: 'xterm-mono' }, false],
	[{ TERM: 'screen' }, true],
	[{}, true],
])('in %j colours are allowed: %s', (environment, allowed) => {
	expect(allowsColors(environment)).toBe(allowed);
});

test.each([
	[true, true, 'xterm', undefined],
	[false, true, 'xterm', 'input-not-a-terminal'],
	[true, false, 'xterm', 'output-not-a-terminal'],
	[true, true, 'dumb', 'dumb-terminal'],
])('with input %s, output %s and TERM=%s the obstacle is %s', (input, output, term, obstacle) => {
	expect(terminalObstacle({ stdin: { isTTY: input }, stdout: { isTTY: output } }, { TERM: term })).toBe(obstacle);
});

test('modules are loaded with styles, and the environment is as before afterwards', async () => {
	const before = process.env.FORCE_COLOR;
	expect(await loadWithStyles(async () => process.env.FORCE_COLOR)).toBe('3');
	expect(process.env.FORCE_COLOR).toBe(before);
});
