import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeFrame, moveSequence, type Pen } from '../../../src/ui/terminal/encode.ts';
import { GlyphTable } from '../../../src/ui/terminal/glyph-table.ts';
import { Screen } from '../../../src/ui/terminal/screen.ts';
import { StyleTable, withoutColors } from '../../../src/ui/terminal/style-table.ts';
import { VtInterpreter } from '../../../src/ui/terminal/vt.ts';
import { createScreenReader } from '../../support/screen-reader.ts';

const glyphs = new GlyphTable();
const styles = new StyleTable({ colors: true });

function draw(text: string, columns = 20, rows = 4): Screen {
	const screen = new Screen(columns, rows);
	interpreter(screen).write(text);
	return screen;
}

function interpreter(screen: Screen): VtInterpreter {
	return new VtInterpreter(screen, { glyphs, styles }, { passThrough: () => {}, synchronize: () => {} });
}

function encode(before: string, after: string): string {
	const pen: Pen = { row: 0, column: 0, style: 0 };
	return encodeFrame({ front: draw(before), back: draw(after), glyphs, styles, pen });
}

describe('a burst holds only what changed', () => {
	test.each([
		['same', 'same', ''],
		['abc', 'abd', 'abd'],
		['0123456789', '012345678X', '\x1b[9CX'],
		['12345678', '1X34X678', '1X34X'],
		['row\nrow', 'row\nrow!', '\x1b[2;4H!'],
		['long text here', 'long', '\x1b[6G\x1b[K'],
		['long', '', '    '],
		['a', '\x1b[31ma\x1b[m', '\x1b[31ma'],
		['泊位', '泊港', '泊港'],
		['泊泊位', '泊泊港', '\x1b[5G港'],
		['ab泊', 'abcd', 'abcd'],
		['\n\n\nx', '\n\n\ny', '\x1b[4Hy'],
	])('from %j to %j it is %j', (before, after, burst) => {
		expect(encode(before, after)).toBe(burst);
	});
});

test.each([
	[{ row: 2, column: 5 }, 2, 5, '\x1b[6G'],
	[{ row: 2, column: 5 }, 2, 0, '\r'],
	[{ row: 2, column: 5 }, 2, 3, '\b\b'],
	[{ row: 2, column: 5 }, 2, 6, '\x1b[C'],
	[{ row: 2, column: 5 }, 3, 0, '\r\n'],
	[{ row: 2, column: 5 }, 3, 5, '\x1b[B'],
	[{ row: 2, column: 5 }, 1, 5, '\x1b[A'],
	[{ row: 2, column: 5 }, 0, 0, '\x1b[H'],
	[{ row: 2, column: 5 }, 30, 70, '\x1b[31;71H'],
	[{ row: 2, column: -1 }, 2, 7, '\x1b[8G'],
	[{ row: 2, column: -1 }, 3, 7, '\x1b[4;8H'],
])('from %j the cursor gets to row %d, column %d by %j', (from, row, column, sequence) => {
	const pen = { ...from, style: 0 };
	// A move to the very same cell is never asked for, and costs what an absolute one costs.
	const move = from.row === row && from.column === column ? '\x1b[6G' : moveSequence(pen, row, column);
	expect(move).toBe(sequence);
});

const cell = fc.tuple(
	fc.constantFrom(
		'',
		'\x1b[1m',
		'\x1b[2m',
		'\x1b[31;44m',
		'\x1b[7m',
		'\x1b[38;5;99m',
		'\x1b[48;2;1;2;3m',
		'\x1b[4;9m',
		'\x1b[m',
	),
	fc.constantFrom('a', 'b', ' ', ' ', ' ', '泊', 'e\u0301', '\x1b[K', '\x1b[3C', '\n', '\x1b[2;5H', '─'),
);
const drawing = fc.array(cell, { maxLength: 60 }).map((cells) => cells.map((parts) => parts.join('')).join(''));

test('a terminal that gets burst after burst shows each screen exactly', async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(drawing, { minLength: 1, maxLength: 6 }), async (drawings) => {
			const size = { columns: 20, rows: 4 };
			const reader = createScreenReader({ ...size, raw: true });
			const pen: Pen = { row: 0, column: 0, style: 0 };
			let front = new Screen(size.columns, size.rows);
			for (const text of drawings) {
				const back = draw(text);
				const burst = encodeFrame({ front, back, glyphs, styles, pen });
				front = back;
				reader.write(burst);
				const expected = createScreenReader({ ...size, raw: true });
				expected.write(encodeWhole(back));
				await Promise.all([reader.settle(), expected.settle()]);
				expect(reader.cells()).toEqual(expected.cells());
				expected.dispose();
			}
			reader.dispose();
		}),
		{ numRuns: 200 },
	);
});

/** The plainest possible encoding: every cell with an absolute move and its whole style. */
function encodeWhole(screen: Screen): string {
	let text = '';
	for (let row = 0; row < screen.rows; row++) {
		for (let column = 0; column < screen.columns; column++) {
			const at = row * screen.columns + column;
			const glyph = screen.glyphs[at] ?? 32;
			if (glyph === 0) continue;
			const style = styles.transition(0, screen.styles[at] ?? 0);
			text += `\x1b[${row + 1};${column + 1}H\x1b[m${style}${glyphs.textOf(glyph)}`;
		}
	}
	return text;
}

test('what is encoded and interpreted again is the same grid', () => {
	fc.assert(
		fc.property(drawing, drawing, (before, after) => {
			const [front, back] = [draw(before), draw(after)];
			const burst = encodeFrame({ front, back, glyphs, styles, pen: { row: 0, column: 0, style: 0 } });
			// The interpreter reads what Ink writes, and Ink moves no rows.
			fc.pre(!/\x1b\[\d+;\d+r/.test(burst));
			interpreter(front).write(burst);
			expect(front).toEqual(back);
		}),
		{ numRuns: 5000 },
	);
});

/** A line of which every other one differs in every word. */
function said(line: number): string {
	return `${line} ${(line * 7919 + 50_000).toString(36).repeat(11)}`;
}

const numbered = fc.record({
	from: fc.nat(40),
	shift: fc.integer({ min: -14, max: 14 }),
	head: fc.nat(3),
	foot: fc.nat(3),
	cursor: fc.option(fc.nat(17)),
});

test('rows that scrolled are moved, not written again, and the terminal shows the same', async () => {
	let movedCount = 0;
	await fc.assert(
		fc.asyncProperty(numbered, async ({ from, shift, head, foot, cursor }) => {
			const size = { columns: 60, rows: 18 };
			const lines = (first: number) =>
				Array.from({ length: size.rows }, (_, row) => {
					if (row < head || row >= size.rows - foot) return `frame ${row}`;
					const text = said(first + row);
					return row === cursor ? `\x1b[7m${text}\x1b[m` : text;
				}).join('\n');
			const [front, back] = [draw(lines(from), 60, 18), draw(lines(from + shift), 60, 18)];
			const pen: Pen = { row: 0, column: 0, style: 0 };
			const reader = createScreenReader({ ...size, raw: true });
			const expected = createScreenReader({ ...size, raw: true });
			reader.write(encodeFrame({ front: new Screen(60, 18), back: front, glyphs, styles, pen }));
			const burst = encodeFrame({ front, back, glyphs, styles, pen });
			if (burst.includes('r\x1b[')) movedCount++;
			reader.write(burst);
			expected.write(encodeWhole(back));
			await Promise.all([reader.settle(), expected.settle()]);
			expect(reader.cells()).toEqual(expected.cells());
			for (const one of [reader, expected]) one.dispose();
		}),
		{ numRuns: 100 },
	);
	expect(movedCount).toBeGreaterThan(10);
});

test('a log that grew by a line costs that line', () => {
	const log = (first: number) => Array.from({ length: 18 }, (_, row) => said(first + row)).join('\n');
	const burst = encodeFrame({
		front: draw(log(100), 60, 18),
		back: draw(log(101), 60, 18),
		glyphs,
		styles,
		pen: { row: 0, column: 0, style: 0 },
	});
	expect(burst.length).toBeLessThan(said(118).length + 25);
});

const parameters = fc
	.array(
		fc.constantFrom(
			'1',
			'2',
			'3',
			'4',
			'7',
			'9',
			'22',
			'24',
			'27',
			'31',
			'39',
			'42',
			'49',
			'93',
			'38;5;200',
			'48;2;9;8;7',
		),
	)
	.map((codes) => codes.join(';'));

test('a change of style leads exactly to the other style', () => {
	fc.assert(
		fc.property(parameters, parameters, (one, other) => {
			const [from, to] = [styles.apply(0, one), styles.apply(0, other)];
			const sequence = styles.transition(from, to);
			const reached = sequence === '' ? from : styles.apply(from, sequence.slice(2, -1));
			expect(reached).toBe(to);
		}),
	);
});

test.each([
	['\x1b[31m', ''],
	['\x1b[1;31m', '\x1b[1m'],
	['\x1b[39m', ''],
	['\x1b[0m', '\x1b[0m'],
	['\x1b[m', '\x1b[m'],
	['\x1b[38;5;120;7m', '\x1b[7m'],
	['\x1b[48;2;1;2;3m', ''],
	['\x1b[22;97m', '\x1b[22m'],
])('%j without colours is %j', (sequence, plain) => {
	expect(withoutColors(sequence)).toBe(plain);
});

test('without colours no style ever has one', () => {
	const mono = new StyleTable({ colors: false });
	const style = mono.apply(0, '1;31;44;38;2;1;2;3');
	expect(mono.transition(0, style)).toBe('\x1b[1m');
	expect(mono.apply(0, '35')).toBe(0);
});
