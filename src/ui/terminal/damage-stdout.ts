import { EventEmitter } from 'node:events';
import type { Writable } from 'node:stream';
import { encodeFrame, moveSequence, type Pen } from './encode.ts';
import { GlyphTable } from './glyph-table.ts';
import { Screen } from './screen.ts';
import { StyleTable, withoutColors } from './style-table.ts';
import { VtInterpreter } from './vt.ts';

/** Columns and rows of a terminal. */
export interface TerminalSize {
	readonly columns: number;
	readonly rows: number;
}

/** What a damage stdout needs. */
export interface DamageStdoutOptions {
	/** Where the bytes go. While it wants to be drained nothing more is written to it. */
	readonly out: Writable;
	readonly size: TerminalSize;
	/** False when no colour may leave (NO_COLOR, a monochrome terminal). */
	readonly colors: boolean;
}

/** Asks the terminal for its second screen, so that what was there comes back. Spec: xterm ctlseqs, DECSET 1049 */
export const enterAlternateScreen = '\x1b[?1049h';
/** Gives the first screen back. */
export const leaveAlternateScreen = '\x1b[?1049l';
const beginSynchronized = '\x1b[?2026h';
const endSynchronized = '\x1b[?2026l';
/** From this many bytes on a burst is bracketed, so that a terminal never shows half of it. */
const synchronizedFromBytes = 256;
/** How long a resize waits for the application's frame of the new size, so that no mixture is shown. */
const resizeSettleMs = 40;
/** Interned glyphs or styles beyond this are forgotten with a full repaint: logs may bring any number of them. */
const internedLimit = 50_000;

const screenSwitch = /(\x1b\[\?1049[hl])/;
const sgr = /\x1b\[[\d;:]*m/g;

/**
 * The object that Ink gets as its stdout. On the alternate screen everything is drawn into a grid, and what differs from
 * the grid that the terminal was sent last goes out in one write per frame. While the output is full, frames are only
 * drawn, not sent: afterwards the newest one goes out, never half of one. Outside the alternate screen text passes.
 */
export class DamageStdout extends EventEmitter {
	readonly isTTY = true;
	readonly writable = true;
	readonly #out: Writable;
	readonly #colors: boolean;
	#glyphs = new GlyphTable();
	#styles: StyleTable;
	#vt: VtInterpreter;
	#front: Screen;
	#pen: Pen = { row: 0, column: 0, style: 0 };
	#isOnScreen = false;
	/** The terminal's content is not what #front says: clear it and send everything. */
	#needsRepaint = false;
	#isCursorShown = true;
	/** Private modes that the application switched on: another program may have switched them off. */
	readonly #modes = new Set<string>();
	/** Sequences that go out before the next burst. */
	#passing = '';
	#isSynchronizing = false;
	#isClosed = false;
	#holds = 0;
	#isFlushScheduled = false;
	#isWaitingForDrain = false;
	#settleTimer: NodeJS.Timeout | undefined;
	#barriers: (() => void)[] = [];

	constructor({ out, size, colors }: DamageStdoutOptions) {
		super();
		this.setMaxListeners(0);
		this.#out = out;
		this.#colors = colors;
		this.#styles = new StyleTable({ colors });
		this.#front = new Screen(size.columns, size.rows);
		this.#vt = this.#createInterpreter(new Screen(size.columns, size.rows));
	}

	get columns(): number {
		return this.#front.columns;
	}

	get rows(): number {
		return this.#front.rows;
	}

	/** Whether the terminal is on the alternate screen because of what was written here. */
	get isOnScreen(): boolean {
		return this.#isOnScreen;
	}

	/**
	 * Takes output as Ink writes it. The callback is called once all that was written before it has been sent.
	 * @returns true: the grid takes any amount.
	 */
	write(chunk: string | Uint8Array, encodingOrDone?: BufferEncoding | (() => void), done?: () => void): boolean {
		const callback = typeof encodingOrDone === 'function' ? encodingOrDone : done;
		if (callback !== undefined) this.#barriers.push(callback);
		if (this.#isClosed) {
			this.#finishBarriers();
			return true;
		}
		const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
		for (const part of text.split(screenSwitch)) {
			if (part === enterAlternateScreen) this.#enter();
			else if (part === leaveAlternateScreen) this.#leave();
			else if (part === '') continue;
			else if (this.#isOnScreen) this.#vt.write(part);
			else this.#out.write(this.#colors ? part : part.replace(sgr, withoutColors));
		}
		if (!this.#isSynchronizing) this.#scheduleFlush();
		return true;
	}

	/** Sends everything anew at the next occasion: after something else wrote to the terminal, or for Ctrl-L. */
	repaint(): void {
		this.#needsRepaint = true;
		this.#scheduleFlush();
	}

	/** Takes the terminal's new size, tells the application ('resize'), and repaints once it has answered. */
	resize({ columns, rows }: TerminalSize): void {
		if (columns === this.columns && rows === this.rows) return;
		this.#vt.adopt(this.#vt.screen.resized(columns, rows, this.#vt.row));
		this.#front = new Screen(columns, rows);
		this.#needsRepaint = true;
		if (this.#settleTimer === undefined) this.#holds++;
		clearTimeout(this.#settleTimer);
		this.#settleTimer = setTimeout(() => {
			this.#settleTimer = undefined;
			this.release();
		}, resizeSettleMs);
		this.emit('resize');
	}

	/** Stops sending, for instance while another program has the terminal; what is written meanwhile is only drawn. Nests. */
	hold(): void {
		this.#holds++;
	}

	/** Ends one hold. */
	release(): void {
		this.#holds--;
		this.#scheduleFlush();
	}

	/** Nothing is sent any more; what is still written vanishes. */
	close(): void {
		clearTimeout(this.#settleTimer);
		this.#isClosed = true;
		this.#isOnScreen = false;
		this.#finishBarriers();
	}

	#enter(): void {
		if (this.#isOnScreen) return;
		this.#isOnScreen = true;
		this.#passing += enterAlternateScreen;
		this.#vt.reset();
		this.#needsRepaint = true;
	}

	#leave(): void {
		if (!this.#isOnScreen) return;
		this.#isOnScreen = false;
		this.#out.write(`${this.#passing}\x1b[m${leaveAlternateScreen}`);
		this.#passing = '';
		this.#isCursorShown = false;
	}

	#createInterpreter(screen: Screen): VtInterpreter {
		const tables = { glyphs: this.#glyphs, styles: this.#styles };
		return new VtInterpreter(screen, tables, {
			passThrough: (sequence) => {
				this.#passing += sequence;
				if (sequence.startsWith('\x1b[?')) this.#rememberMode(sequence);
			},
			synchronize: (begins) => {
				this.#isSynchronizing = begins;
				if (!begins) this.#flush();
			},
		});
	}

	#rememberMode(sequence: string): void {
		const mode = sequence.slice(3, -1);
		if (sequence.endsWith('h')) this.#modes.add(mode);
		else if (sequence.endsWith('l')) this.#modes.delete(mode);
	}

	#scheduleFlush(): void {
		if (this.#isFlushScheduled) return;
		this.#isFlushScheduled = true;
		setImmediate(() => {
			this.#isFlushScheduled = false;
			if (!this.#isSynchronizing) this.#flush();
		});
	}

	#flush(): void {
		if (this.#holds > 0 || this.#isWaitingForDrain || this.#isClosed) return;
		if (this.#isOnScreen && !this.#out.writableNeedDrain) {
			const burst = this.#nextBurst();
			if (burst !== '') this.#out.write(burst);
			if (this.#glyphs.size + this.#styles.size > internedLimit) this.#forgetInterned();
		}
		if (this.#out.writableNeedDrain) this.#waitForDrain();
		else this.#finishBarriers();
	}

	/** Everything that the terminal lacks, as one string; the front grid is what it shows afterwards. */
	#nextBurst(): string {
		let burst = this.#passing;
		this.#passing = '';
		if (this.#needsRepaint) {
			this.#needsRepaint = false;
			this.#front.clear();
			this.#pen = { row: 0, column: 0, style: 0 };
			// Nobody knows what another program left.
			burst += '\x1b[m\x1b[H\x1b[2J';
			for (const mode of this.#modes) burst += `\x1b[?${mode}h`;
			if (!this.#vt.isCursorVisible) burst += '\x1b[?25l';
			this.#isCursorShown = this.#vt.isCursorVisible;
		}
		const back = this.#vt.screen;
		const tables = { glyphs: this.#glyphs, styles: this.#styles };
		const changes = encodeFrame({ front: this.#front, back, pen: this.#pen, ...tables });
		this.#front.copyFrom(back);
		burst += changes + this.#placeCursor();
		const isLong = burst.length >= synchronizedFromBytes || Buffer.byteLength(burst) >= synchronizedFromBytes;
		return isLong ? beginSynchronized + burst + endSynchronized : burst;
	}

	#placeCursor(): string {
		const { isCursorVisible, row, column } = this.#vt;
		if (!isCursorVisible) {
			const hide = this.#isCursorShown ? '\x1b[?25l' : '';
			this.#isCursorShown = false;
			return hide;
		}
		const move = this.#pen.row === row && this.#pen.column === column ? '' : moveSequence(this.#pen, row, column);
		const show = this.#isCursorShown ? '' : '\x1b[?25h';
		this.#isCursorShown = true;
		return move + show;
	}

	#waitForDrain(): void {
		this.#isWaitingForDrain = true;
		this.#out.once('drain', () => {
			this.#isWaitingForDrain = false;
			this.#flush();
		});
	}

	/** Starts with empty tables: the grid is drawn anew by the application's next frame, after 'resize' made it repaint. */
	#forgetInterned(): void {
		const { screen, row, column, isCursorVisible } = this.#vt;
		const before = { glyphs: this.#glyphs, styles: this.#styles };
		this.#glyphs = new GlyphTable();
		this.#styles = new StyleTable({ colors: this.#colors });
		const fresh = this.#createInterpreter(new Screen(screen.columns, screen.rows));
		// The picture moves into the new tables by way of its own encoding.
		const pen = { row: 0, column: 0, style: 0 };
		fresh.write(encodeFrame({ front: new Screen(screen.columns, screen.rows), back: screen, pen, ...before }));
		fresh.write(`\x1b[m\x1b[${row + 1};${column + 1}H`);
		fresh.isCursorVisible = isCursorVisible;
		this.#vt = fresh;
		this.#needsRepaint = true;
		this.#scheduleFlush();
	}

	#finishBarriers(): void {
		const barriers = this.#barriers;
		this.#barriers = [];
		for (const barrier of barriers) barrier();
	}
}
