/** A function key with its modifiers. */
export interface FunctionKey {
	/** 1 to 12. */
	readonly number: number;
	readonly shift: boolean;
	readonly meta: boolean;
	readonly ctrl: boolean;
}

/** What the mouse did; column and row count from 0. */
export interface MouseReport {
	readonly action: 'press' | 'release' | 'move' | 'wheel-up' | 'wheel-down';
	readonly button: 'left' | 'middle' | 'right' | 'none';
	readonly column: number;
	readonly row: number;
}

/** One piece of input. */
export type InputToken =
	/** A key or character, or one escape sequence, as the terminal sent it. */
	| { readonly type: 'key'; readonly text: string }
	/** Text between the marks of a bracketed paste, the marks included; may come in several pieces. */
	| { readonly type: 'paste'; readonly text: string }
	| { readonly type: 'function'; readonly key: FunctionKey }
	| { readonly type: 'mouse'; readonly report: MouseReport };

const pasteStart = '\x1b[200~';
const pasteEnd = '\x1b[201~';
const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

const sequence =
	/\x1b(?:\[\[[A-E]|\[[\x30-\x3f]*[\x20-\x2f]*[\x40-\x7e]|O[\x30-\x3b]*[\x40-\x7e]|\x1b?\[[\x30-\x3f]*[\x40-\x7e]|[^\x1b[O])/y;
/** A sequence that the next chunk may complete. */
const beginning = /^\x1b(?:\x1b?\[{0,2}[\x20-\x3f]*|O[\x30-\x3b]*)$/;

const mouse = /^\x1b\[<(\d+);(\d+);(\d+)([Mm])$/;
const functionKey = /^\x1b(?:O(?:\d?)([P-S])|\[1;(\d+)([P-S])|\[(\d+)(?:;(\d+))?~|\[\[([A-E]))$/;
/** Numbers of `CSI n ~` for the function keys from F1 on; the gaps are the codes that were never given away. */
const tildeNumbers = [11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 23, 24];

/** Splits a terminal's input into single keys, however many of them came in one read. Keeps what is unfinished. */
export class InputTokenizer {
	#rest = '';
	#isPasting = false;

	/** Whether the last read ended within a sequence, or in an Escape that may be one. */
	get isUnfinished(): boolean {
		return this.#rest !== '';
	}

	/** The tokens that are complete with this chunk. */
	push(chunk: string): InputToken[] {
		const text = this.#rest + chunk;
		this.#rest = '';
		const tokens: InputToken[] = [];
		let at = 0;
		while (at < text.length) {
			if (this.#isPasting || text.startsWith(pasteStart, at)) {
				const end = text.indexOf(pasteEnd, at);
				const next = end === -1 ? text.length : end + pasteEnd.length;
				this.#isPasting = end === -1;
				tokens.push({ type: 'paste', text: text.slice(at, next) });
				at = next;
			} else if (text[at] === '\x1b') {
				if (beginning.test(text.slice(at))) {
					this.#rest = text.slice(at);
					break;
				}
				sequence.lastIndex = at;
				const found = sequence.exec(text)?.[0] ?? '\x1b';
				tokens.push(tokenOf(found));
				at += found.length;
			} else {
				const next = text.indexOf('\x1b', at);
				const run = next === -1 ? text.slice(at) : text.slice(at, next);
				for (const key of splitKeys(run)) tokens.push({ type: 'key', text: key });
				at += run.length;
			}
		}
		return tokens;
	}

	/** What is unfinished, as it is: nothing followed, so it was a key of its own (Escape). */
	flush(): InputToken[] {
		const rest = this.#rest;
		this.#rest = '';
		return rest === '' ? [] : [{ type: 'key', text: rest }];
	}
}

function splitKeys(run: string): string[] {
	return Array.from(segmenter.segment(run), ({ segment }) => segment).flatMap((key) =>
		key === '\r\n' ? ['\r', '\n'] : [key],
	);
}

function tokenOf(text: string): InputToken {
	const report = mouse.exec(text);
	if (report !== null) return { type: 'mouse', report: mouseReport(report) };
	const key = functionKey.exec(text);
	const number = key === null ? 0 : functionNumber(key);
	if (key === null || number === 0) return { type: 'key', text };
	const modifiers = Number(key[2] ?? key[5] ?? 1) - 1;
	return {
		type: 'function',
		key: { number, shift: (modifiers & 1) !== 0, meta: (modifiers & 2) !== 0, ctrl: (modifiers & 4) !== 0 },
	};
}

function functionNumber([, ss3, , modified, tilde, , console]: RegExpExecArray): number {
	const letter = ss3 ?? modified;
	if (letter !== undefined) return letter.charCodeAt(0) - 'P'.charCodeAt(0) + 1;
	if (console !== undefined) return console.charCodeAt(0) - 'A'.charCodeAt(0) + 1;
	return tildeNumbers.indexOf(Number(tilde)) + 1;
}

function mouseReport([, code, column, row, final]: RegExpExecArray): MouseReport {
	const bits = Number(code);
	const isWheel = (bits & 64) !== 0;
	const button = isWheel ? 'none' : ((['left', 'middle', 'right', 'none'] as const)[bits & 3] ?? 'none');
	const position = { column: Number(column) - 1, row: Number(row) - 1 };
	if (isWheel) return { action: (bits & 1) === 0 ? 'wheel-up' : 'wheel-down', button, ...position };
	if ((bits & 32) !== 0) return { action: 'move', button, ...position };
	return { action: final === 'M' ? 'press' : 'release', button, ...position };
}
