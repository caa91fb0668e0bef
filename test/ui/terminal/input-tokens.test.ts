import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type InputToken, InputTokenizer } from '../../../src/ui/terminal/input-tokens.ts';

function tokensOf(...chunks: string[]): InputToken[] {
	const tokenizer = new InputTokenizer();
	return [...chunks.flatMap((chunk) => tokenizer.push(chunk)), ...tokenizer.flush()];
}

const keys = (...texts: string[]) => texts.map((text) => ({ type: 'key', text }));

test.each([
	['glued letters', 'jjj', keys('j', 'j', 'j')],
	['letters and arrows', 'j\x1b[Bk\x1b[A', keys('j', '\x1b[B', 'k', '\x1b[A')],
	['modified arrows', '\x1b[1;5C', keys('\x1b[1;5C')],
	['shift-Tab, Delete, Home', '\x1b[Z\x1b[3~\x1b[H', keys('\x1b[Z', '\x1b[3~', '\x1b[H')],
	['application cursor keys', '\x1bOA\x1bOB', keys('\x1bOA', '\x1bOB')],
	['Alt with a letter', '\x1bx\x1b\r', keys('\x1bx', '\x1b\r')],
	['Escape', '\x1b', keys('\x1b')],
	['Enter twice and Ctrl-C', '\r\r\x03', keys('\r', '\r', '\x03')],
	['a pasted line break', 'a\r\nb', keys('a', '\r', '\n', 'b')],
	['graphemes', '泊e\u0301👩‍👩‍👧', keys('泊', 'e\u0301', '👩‍👩‍👧')],
	[
		'a bracketed paste',
		'a\x1b[200~x\x1b[Ay\x1b[201~b',
		[...keys('a'), { type: 'paste', text: '\x1b[200~x\x1b[Ay\x1b[201~' }, ...keys('b')],
	],
])('%s', (_name, input, tokens) => {
	expect(tokensOf(input)).toEqual(tokens);
});

const plain = { shift: false, meta: false, ctrl: false };

test.each([
	['\x1bOP', { number: 1, ...plain }],
	['\x1bOS', { number: 4, ...plain }],
	['\x1b[15~', { number: 5, ...plain }],
	['\x1b[24~', { number: 12, ...plain }],
	['\x1b[[C', { number: 3, ...plain }],
	['\x1b[1;2Q', { number: 2, ...plain, shift: true }],
	['\x1b[17;6~', { number: 6, ...plain, shift: true, ctrl: true }],
	['\x1b[18;3~', { number: 7, ...plain, meta: true }],
])('%j is a function key', (input, key) => {
	expect(tokensOf(input)).toEqual([{ type: 'function', key }]);
});

test.each([
	['\x1b[<0;1;1M', { action: 'press', button: 'left', column: 0, row: 0 }],
	['\x1b[<2;10;5m', { action: 'release', button: 'right', column: 9, row: 4 }],
	['\x1b[<64;3;4M', { action: 'wheel-up', button: 'none', column: 2, row: 3 }],
	['\x1b[<65;3;4M', { action: 'wheel-down', button: 'none', column: 2, row: 3 }],
	['\x1b[<35;3;4M', { action: 'move', button: 'none', column: 2, row: 3 }],
])('%j is a mouse report', (input, report) => {
	expect(tokensOf(input)).toEqual([{ type: 'mouse', report }]);
});

test('however the input is cut, the keys are the same', () => {
	const piece = fc.constantFrom('j', 'ü', '\x1b[A', '\x1b[15~', '\x1b[<0;12;7M', '\x1bOP', '\r', '泊', '\x1b[1;5C');
	fc.assert(
		fc.property(fc.array(piece, { maxLength: 12 }), fc.nat(), fc.nat(), (pieces, one, other) => {
			const text = pieces.join('');
			const [first = 0, second = 0] = [one % (text.length + 1), other % (text.length + 1)].sort((a, b) => a - b);
			expect(tokensOf(text.slice(0, first), text.slice(first, second), text.slice(second))).toEqual(tokensOf(text));
		}),
	);
});
