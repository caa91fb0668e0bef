/** The few signs beyond letters that components draw with. Every one is a single cell wide. */
export interface Glyphs {
	readonly ellipsis: string;
	/** Points at the row under the cursor. */
	readonly pointer: string;
	/** Stands before a marked row. */
	readonly mark: string;
	readonly ascending: string;
	readonly descending: string;
	readonly rule: string;
	readonly vertical: string;
	/** Top left, top right, bottom left, bottom right. */
	readonly corners: readonly [string, string, string, string];
	/** Track and thumb of a scroll bar. */
	readonly track: string;
	readonly thumb: string;
	/** Fillings of a bar's segments, told apart without colour, heaviest first. */
	readonly fills: readonly string[];
	/** A cell filled by 1/n … n/n from the left; the last one is full. */
	readonly partials: readonly string[];
	readonly empty: string;
	/** A cell filled by 1/n … n/n from below. */
	readonly sparks: readonly string[];
	readonly good: string;
	readonly warning: string;
	readonly bad: string;
	readonly separator: string;
}

/** For terminals that speak UTF-8. */
export const unicodeGlyphs: Glyphs = {
	ellipsis: '…',
	pointer: '▸',
	mark: '●',
	ascending: '▲',
	descending: '▼',
	rule: '─',
	vertical: '│',
	corners: ['╭', '╮', '╰', '╯'],
	track: ' ',
	thumb: '▐',
	fills: ['█', '▓', '▒', '░'],
	partials: ['▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'],
	empty: '░',
	sparks: ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
	good: '✓',
	warning: '!',
	bad: '✗',
	separator: '·',
};

/** For locales without UTF-8 and terminals without its glyphs. */
export const asciiGlyphs: Glyphs = {
	ellipsis: '~',
	pointer: '>',
	mark: '*',
	ascending: '^',
	descending: 'v',
	rule: '-',
	vertical: '|',
	corners: ['+', '+', '+', '+'],
	track: ' ',
	thumb: '|',
	fills: ['#', '=', '-', '.'],
	partials: ['#'],
	empty: '.',
	sparks: ['_', '.', '-', '=', '+', '*', '#'],
	good: '+',
	warning: '!',
	bad: 'x',
	separator: '-',
};

/**
 * The glyphs that a locale can show. ASCII where LC_ALL, LC_CTYPE or LANG (the first that is set) names anything but
 * UTF-8; where none is set, nothing speaks against UTF-8. The Linux console draws few glyphs beyond Latin: ASCII too.
 */
export function glyphsFor(environment: Readonly<Record<string, string | undefined>>): Glyphs {
	const { LC_ALL, LC_CTYPE, LANG, TERM } = environment;
	const locale = LC_ALL || LC_CTYPE || LANG || 'UTF-8';
	return /utf-?8/i.test(locale) && TERM !== 'linux' ? unicodeGlyphs : asciiGlyphs;
}
