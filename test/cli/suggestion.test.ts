import { expect, test } from 'vitest';
import { suggestWords } from '../../src/cli/suggestion.ts';

const words = ['images', 'image', 'inspect', 'import', 'ps', 'rm', 'rmi', 'run', 'restart', 'start', 'system', 'stop'];

test.each([
	['imgaes', ['images', 'image']],
	['iamges', ['images', 'image']],
	['inspct', ['inspect']],
	['sytem', ['system']],
	['strat', ['start']],
	['rn', ['rm', 'run']],
	['wibble', []],
	['x', []],
])('for "%s" %j could be meant', (typed, meant) => {
	expect(suggestWords(typed, words)).toEqual(meant);
});
