import { describe, expect, test } from 'vitest';
import { GlyphTable } from '../../../src/ui/terminal/glyph-table.ts';
import { Screen } from '../../../src/ui/terminal/screen.ts';
import { StyleTable } from '../../../src/ui/terminal/style-table.ts';
import { VtInterpreter } from '../../../src/ui/terminal/vt.ts';

function interpret(...chunks: string[]): { lines: string[]; passed: string[]; syncs: boolean[]; vt: VtInterpreter } {
	const glyphs = new GlyphTable();
	const passed: string[] = [];
	const syncs: boolean[] = [];
	const vt = new VtInterpreter(
		new Screen(10, 3),
		{ glyphs, styles: new StyleTable({ colors: true }) },
		{ passThrough: (sequence) => passed.push(sequence), synchronize: (begins) => syncs.push(begins) },
	);
	for (const chunk of chunks) vt.write(chunk);
	const lines = Array.from({ length: 3 }, (_, row) =>
		Array.from(vt.screen.glyphs.subarray(row * 10, row * 10 + 10), (glyph) => (glyph === 0 ? '' : glyphs.textOf(glyph)))
			.join('')
			.trimEnd(),
	);
	return { lines, passed, syncs, vt };
}

describe('the grid follows what is written', () => {
	test.each([
		['text and line feeds', 'ab\ncd\nef', ['ab', 'cd', 'ef']],
		['a scroll at the bottom', 'a\nb\nc\nd', ['b', 'c', 'd']],
		['wrapping at the right edge', '0123456789ab', ['0123456789', 'ab', '']],
		['a full line and a line feed', '0123456789\nab', ['0123456789', 'ab', '']],
		['erasing lines upwards as Ink does', 'a\nb\nc\x1b[2K\x1b[1A\x1b[2K\x1b[Gnew', ['a', 'new', '']],
		['home and erase below', 'aaa\nbbb\x1b[1;1H\x1b[Jnew', ['new', '', '']],
		['erase to the right', 'abcdef\x1b[3G\x1b[K', ['ab', '', '']],
		['erase to the left', 'abcdef\x1b[3G\x1b[1K', ['   def', '', '']],
		['erase above', 'aaa\nbbb\nccc\x1b[2;2H\x1b[1J', ['', '  b', 'ccc']],
		['wide glyphs', '泊位x\x1b[4G!', ['泊 !x', '', '']],
		['half of a wide glyph overwritten', '泊位\x1b[2Gx', [' x位', '', '']],
		['a wide glyph that does not fit', '012345678泊', ['012345678', '泊', '']],
		['combining marks', 'cafe\u0301!', ['café!', '', '']],
		['a mark behind a wide glyph', '泊\u0301x', ['泊́x', '', '']],
		['carriage return and backspace', 'abc\rX\b\bY', ['Ybc', '', '']],
		['next line', 'ab\x1bEcd', ['ab', 'cd', '']],
		['moves beyond the edges', '\x1b[99;99Hz\x1b[99A\x1b[99Da', ['a', '', '         z']],
	])('%s', (_name, text, lines) => {
		expect(interpret(text).lines.map((line) => line.normalize())).toEqual(lines.map((line) => line.normalize()));
	});
});

test('a sequence may be cut anywhere', () => {
	const text = 'a\x1b[31mb\x1b[2;3Hc\x1b]0;title\x07d\x1b[?25l泊';
	const whole = interpret(text);
	for (let cut = 1; cut < text.length; cut++) {
		const parts = interpret(text.slice(0, cut), text.slice(cut));
		expect(parts.lines).toEqual(whole.lines);
		expect(parts.passed).toEqual(['\x1b]0;title\x07']);
		expect(parts.vt.screen.styles).toEqual(whole.vt.screen.styles);
		expect(parts.vt.isCursorVisible).toBe(false);
	}
});

test('a sequence that is never finished does not stop what follows', () => {
	expect(interpret('a\x1b[12\x1b[mb').lines[0]).toBe('ab');
	expect(interpret('a\x1b\x1b[mb').lines[0]).toBe('ab');
});

test('what says nothing about the grid passes, and hyperlinks do not', () => {
	const { passed, syncs, lines } = interpret(
		'\x1b[?2026h\x1b[>1u\x1b]8;;http://x\x07link\x1b]8;;\x07\x1b[?2004h\x1b[?2026l\x07',
	);
	expect(passed).toEqual(['\x1b[>1u', '\x1b[?2004h', '\x07']);
	expect(syncs).toEqual([true, false]);
	expect(lines[0]).toBe('link');
});

test('a smaller screen keeps the cursor and the lines around it', () => {
	const { vt } = interpret('one\ntwo\nthree泊');
	const smaller = vt.screen.resized(6, 2, vt.row);
	vt.adopt(smaller);
	expect([vt.row, vt.column]).toEqual([1, 5]);
	expect(String.fromCharCode(...smaller.glyphs.subarray(0, 3))).toBe('two');
	// The wide glyph is cut in half by the new edge.
	expect(smaller.glyphs[11]).toBe(32);
});
