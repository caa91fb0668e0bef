import { blankGlyph, type GlyphTable, wideTail } from './glyph-table.ts';
import type { Screen } from './screen.ts';
import type { StyleTable } from './style-table.ts';

/** What an interpreter reports besides changes of its grid. */
export interface VtListener {
	/** A sequence that says nothing about the grid: to be sent to the terminal as it is. */
	passThrough(sequence: string): void;
	/** Synchronized output (DEC mode 2026) began or ended: the frame is complete at its end. */
	synchronize(begins: boolean): void;
}

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
/** One escape sequence or control character, or a run of text. Sequences that are cut off match nothing. */
const token = new RegExp(
	[
		'\\x1b\\[([\\x30-\\x3f]*)([\\x20-\\x2f]*)([\\x40-\\x7e])', // CSI
		'(\\x1b\\][^\\x07\\x1b]*(?:\\x07|\\x1b\\\\))', // OSC
		'(\\x1b[PX^_][^\\x1b]*\\x1b\\\\)', // DCS, SOS, PM, APC
		'(\\x1b[\\x20-\\x2f]*[\\x30-\\x4f\\x51-\\x57\\x59-\\x5a\\x5c\\x60-\\x7e])', // other escapes
		'([\\x00-\\x1a\\x1c-\\x1f\\x7f])', // control characters
		'([^\\x00-\\x1f\\x7f]+)', // text
	].join('|'),
	'y',
);

interface Cell {
	readonly row: number;
	readonly column: number;
}

/** Where the cursor goes at a CSI sequence with this final byte; it is kept inside the screen afterwards. */
const cursorMoves: Readonly<Record<string, (from: Cell, first: number, second: number) => Cell>> = {
	A: ({ row, column }, count) => ({ row: row - count, column }),
	B: ({ row, column }, count) => ({ row: row + count, column }),
	C: ({ row, column }, count) => ({ row, column: column + count }),
	D: ({ row, column }, count) => ({ row, column: column - count }),
	E: ({ row }, count) => ({ row: row + count, column: 0 }),
	F: ({ row }, count) => ({ row: row - count, column: 0 }),
	G: ({ row }, column) => ({ row, column: column - 1 }),
	d: ({ column }, row) => ({ row: row - 1, column }),
	H: (_, row, column) => ({ row: row - 1, column: column - 1 }),
	f: (_, row, column) => ({ row: row - 1, column: column - 1 }),
};

/**
 * Interprets what Ink writes, into a grid: text, SGR, cursor moves, erasing, line feeds. Not a general terminal: what
 * Ink does not use passes through. A line feed returns the carriage, as a tty's output processing (ONLCR) does.
 */
export class VtInterpreter {
	screen: Screen;
	row = 0;
	column = 0;
	/** Whether the application wants its cursor seen. */
	isCursorVisible = true;
	readonly #glyphs: GlyphTable;
	readonly #styles: StyleTable;
	readonly #listener: VtListener;
	#style = 0;
	/** Set behind the last column: the next glyph goes to the next line. */
	#wrapsNext = false;
	#unfinished = '';

	constructor(screen: Screen, tables: { glyphs: GlyphTable; styles: StyleTable }, listener: VtListener) {
		this.screen = screen;
		this.#glyphs = tables.glyphs;
		this.#styles = tables.styles;
		this.#listener = listener;
	}

	/** Takes the next piece of output; a sequence may be cut anywhere. */
	write(chunk: string): void {
		const text = this.#unfinished + chunk;
		this.#unfinished = '';
		token.lastIndex = 0;
		while (token.lastIndex < text.length) {
			const start = token.lastIndex;
			const match = token.exec(text);
			if (match === null) {
				// What another escape interrupts will never be finished; what the end of the chunk interrupts may be.
				const next = text.indexOf('\x1b', start + 1);
				if (next === -1) {
					this.#unfinished = text.slice(start);
					return;
				}
				token.lastIndex = next;
				continue;
			}
			const [sequence, parameters = '', intermediates = '', final, osc, string, other, control, run] = match;
			if (run !== undefined) this.#print(run);
			else if (control !== undefined) this.#control(control);
			else if (final !== undefined) this.#csi({ sequence, parameters, intermediates, final });
			else if (other !== undefined) this.#escape(other);
			// Hyperlinks belong to cells and are not kept; a title or the clipboard belongs to the terminal.
			else if (string !== undefined || !osc?.startsWith('\x1b]8;')) this.#listener.passThrough(sequence);
		}
	}

	/** Takes another screen, for instance after a resize; the cursor stays inside it. */
	adopt(screen: Screen): void {
		const skipped = Math.max(0, this.row - screen.rows + 1);
		this.screen = screen;
		this.row -= skipped;
		this.column = Math.min(this.column, screen.columns - 1);
		this.#wrapsNext = false;
	}

	/** Back to the state of an empty screen. */
	reset(): void {
		this.screen.clear();
		this.row = 0;
		this.column = 0;
		this.#style = 0;
		this.#wrapsNext = false;
	}

	#print(text: string): void {
		if (/^[\x20-\x7e]*$/.test(text)) {
			for (let at = 0; at < text.length; at++) this.#put(text.charCodeAt(at), 1);
			return;
		}
		for (const { segment } of segmenter.segment(text)) {
			const glyph = this.#glyphs.idOf(segment);
			const width = this.#glyphs.widthOf(glyph);
			if (width > 0) this.#put(glyph, width);
			else this.#join(segment);
		}
	}

	#put(glyph: number, width: number): void {
		if (this.#wrapsNext || this.column + width > this.screen.columns) {
			this.#lineFeed();
			this.column = 0;
		}
		const style = glyph === blankGlyph ? this.#styles.blankOf(this.#style) : this.#style;
		this.screen.put(this.row, this.column, { glyph, style, width });
		this.column += width;
		if (this.column >= this.screen.columns) {
			this.column = this.screen.columns - 1;
			this.#wrapsNext = true;
		}
	}

	/** Adds a mark without width of its own to the glyph before the cursor. */
	#join(mark: string): void {
		let column = this.#wrapsNext ? this.column : this.column - 1;
		if (column > 0 && this.screen.glyphs[this.row * this.screen.columns + column] === wideTail) column--;
		if (column < 0) return;
		const at = this.row * this.screen.columns + column;
		const joined = this.#glyphs.textOf(this.screen.glyphs[at] ?? blankGlyph) + mark;
		this.screen.glyphs[at] = this.#glyphs.idOf(joined);
	}

	#control(character: string): void {
		if (character === '\n') {
			this.#lineFeed();
			this.column = 0;
		} else if (character === '\r') this.#moveTo(this.row, 0);
		else if (character === '\b') this.#moveTo(this.row, this.column - 1);
		else if (character === '\t') this.#moveTo(this.row, (Math.floor(this.column / 8) + 1) * 8);
		else if (character === '\x07') this.#listener.passThrough(character);
	}

	#escape(sequence: string): void {
		if (sequence === '\x1bE') this.#control('\n');
		else if (sequence === '\x1bM' && this.row > 0) this.#moveTo(this.row - 1, this.column);
		else this.#listener.passThrough(sequence);
	}

	#csi(csi: { sequence: string; parameters: string; intermediates: string; final: string }): void {
		const { sequence, parameters, intermediates, final } = csi;
		if (intermediates !== '' || /[<=>?]/.test(parameters)) {
			this.#privateMode(sequence, parameters, final);
			return;
		}
		const [first = 0, second = 0] = parameters.split(';').map(Number);
		const move = cursorMoves[final];
		if (move !== undefined) {
			const target = move({ row: this.row, column: this.column }, first || 1, second || 1);
			this.#moveTo(target.row, target.column);
		} else if (final === 'm') this.#style = this.#styles.apply(this.#style, parameters);
		else if (final === 'J') this.#eraseScreen(first);
		else if (final === 'K') this.#eraseLine(this.row, first);
		else this.#listener.passThrough(sequence);
	}

	#privateMode(sequence: string, parameters: string, final: string): void {
		const sets = final === 'h';
		if (!sets && final !== 'l') this.#listener.passThrough(sequence);
		else if (parameters === '?25') this.isCursorVisible = sets;
		else if (parameters === '?2026') this.#listener.synchronize(sets);
		else this.#listener.passThrough(sequence);
	}

	#moveTo(row: number, column: number): void {
		this.row = Math.min(Math.max(0, row), this.screen.rows - 1);
		this.column = Math.min(Math.max(0, column), this.screen.columns - 1);
		this.#wrapsNext = false;
	}

	#lineFeed(): void {
		this.#wrapsNext = false;
		if (this.row < this.screen.rows - 1) this.row++;
		else this.screen.shiftRows(0, this.screen.rows - 1, 1);
	}

	#eraseLine(row: number, mode: number): void {
		const from = mode === 0 && row === this.row ? this.column : 0;
		const to = mode === 1 && row === this.row ? this.column + 1 : this.screen.columns;
		this.screen.erase(row, from, { to, style: this.#styles.erasedOf(this.#style) });
	}

	#eraseScreen(mode: number): void {
		if (mode === 3) return;
		if (mode !== 2) this.#eraseLine(this.row, mode);
		const first = mode === 0 ? this.row + 1 : 0;
		const last = mode === 1 ? this.row - 1 : this.screen.rows - 1;
		for (let row = first; row <= last; row++) this.#eraseLine(row, 2);
	}
}
