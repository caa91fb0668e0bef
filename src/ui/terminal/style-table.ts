/** Text attributes as bits. */
export const attributeBits = {
	bold: 1,
	dim: 2,
	italic: 4,
	underline: 8,
	inverse: 16,
	hidden: 32,
	strikethrough: 64,
} as const;

/** No colour of its own. */
const defaultColor = -1;
/** Marks a colour as 24 bits of red, green and blue; below 256 it is a palette index. */
const rgbBit = 0x1000000;

/** What a cell looks like, apart from its glyph. Colours: -1 default, 0–255 palette, with `rgbBit` true colour. */
interface Style {
	readonly attributes: number;
	readonly foreground: number;
	readonly background: number;
}

const plain: Style = { attributes: 0, foreground: defaultColor, background: defaultColor };

/** Attribute bit, the SGR parameter that sets it and the one that ends it. Bold and dim end together. */
const attributeCodes: readonly (readonly [bit: number, on: number, off: number])[] = [
	[attributeBits.bold, 1, 22],
	[attributeBits.dim, 2, 22],
	[attributeBits.italic, 3, 23],
	[attributeBits.underline, 4, 24],
	[attributeBits.inverse, 7, 27],
	[attributeBits.hidden, 8, 28],
	[attributeBits.strikethrough, 9, 29],
];
const weight = attributeBits.bold | attributeBits.dim;
/** Attributes that can be seen on a blank cell. */
const visibleOnBlank = attributeBits.underline | attributeBits.inverse | attributeBits.strikethrough;

/**
 * Every style in use under a small number; 0 is the plain one. Without `colors` no style ever has a colour, so that none
 * can reach the terminal.
 */
export class StyleTable {
	readonly #colors: boolean;
	readonly #styles: Style[] = [plain];
	readonly #ids = new Map<string, number>([[keyOf(plain), 0]]);
	readonly #blanks: number[] = [0];
	readonly #transitions = new Map<number, string>();

	constructor({ colors }: { readonly colors: boolean }) {
		this.#colors = colors;
	}

	/** Styles seen so far. */
	get size(): number {
		return this.#styles.length;
	}

	/** The style after the parameters of an SGR sequence ("1;31", empty for reset) took effect. Unknown ones are ignored. */
	apply(id: number, parameters: string): number {
		let { attributes, foreground, background } = this.#style(id);
		const codes = parameters.split(/[;:]/).map(Number);
		for (let at = 0; at < codes.length; at++) {
			const code = codes[at] ?? 0;
			if (code === 0) ({ attributes, foreground, background } = plain);
			else if (code === 38 || code === 48) {
				const [color, used] = extendedColor(codes, at + 1);
				at += used;
				if (code === 38) foreground = color;
				else background = color;
			} else if (code === 39) foreground = defaultColor;
			else if (code === 49) background = defaultColor;
			else if (code >= 30 && code <= 37) foreground = code - 30;
			else if (code >= 40 && code <= 47) background = code - 40;
			else if (code >= 90 && code <= 97) foreground = code - 82;
			else if (code >= 100 && code <= 107) background = code - 92;
			else {
				for (const [bit, on, off] of attributeCodes) {
					if (code === on) attributes |= bit;
					if (code === off) attributes &= ~bit;
				}
			}
		}
		return this.#intern({ attributes, foreground, background });
	}

	/** The style that a blank cell needs to look the same: without what only a glyph would show. */
	blankOf(id: number): number {
		const known = this.#blanks[id];
		if (known !== undefined) return known;
		const { attributes, foreground, background } = this.#style(id);
		const visible = attributes & visibleOnBlank;
		const blank = this.#intern({
			attributes: visible,
			foreground: visible === 0 ? defaultColor : foreground,
			background,
		});
		this.#blanks[id] = blank;
		return blank;
	}

	/** The style of a cell that was erased while `id` was in force: its background alone. */
	erasedOf(id: number): number {
		return this.#intern({ ...plain, background: this.#style(id).background });
	}

	/** The shortest SGR sequence that leads from one style to another; empty when there is nothing to do. */
	transition(from: number, to: number): string {
		if (from === to) return '';
		const key = from * 0x100000 + to;
		let sequence = this.#transitions.get(key);
		if (sequence === undefined) {
			const [before, after] = [this.#style(from), this.#style(to)];
			const change = changesBetween(before, after).join(';');
			// `0` may be left out in front of nothing else.
			const anew = to === 0 ? '' : ['0', ...changesBetween(plain, after)].join(';');
			sequence = `\x1b[${anew.length <= change.length ? anew : change}m`;
			this.#transitions.set(key, sequence);
		}
		return sequence;
	}

	#style(id: number): Style {
		return this.#styles[id] ?? plain;
	}

	#intern(style: Style): number {
		const kept = this.#colors ? style : { ...plain, attributes: style.attributes };
		const key = keyOf(kept);
		let id = this.#ids.get(key);
		if (id === undefined) {
			id = this.#styles.push(kept) - 1;
			this.#ids.set(key, id);
		}
		return id;
	}
}

/** An SGR sequence without its colours; empty when nothing else is in it. */
export function withoutColors(sequence: string): string {
	const codes = sequence.slice(2, -1).split(/[;:]/);
	const kept: string[] = [];
	for (let at = 0; at < codes.length; at++) {
		const code = Number(codes[at]);
		if (code === 38 || code === 48) at += extendedColor(codes.map(Number), at + 1)[1];
		else if (code < 30 || (code > 49 && code < 90) || code > 107) kept.push(codes[at] ?? '');
	}
	return kept.length === 0 ? '' : `\x1b[${kept.join(';')}m`;
}

function keyOf({ attributes, foreground, background }: Style): string {
	return `${attributes},${foreground},${background}`;
}

/** The colour after 38 or 48, and how many parameters it took. */
function extendedColor(codes: readonly number[], at: number): [color: number, used: number] {
	if (codes[at] === 5) return [(codes[at + 1] ?? 0) & 0xff, 2];
	if (codes[at] !== 2) return [defaultColor, 1];
	const [red = 0, green = 0, blue = 0] = codes.slice(at + 1, at + 4);
	return [rgbBit | ((red & 0xff) << 16) | ((green & 0xff) << 8) | (blue & 0xff), 4];
}

function changesBetween(from: Style, to: Style): string[] {
	const codes: string[] = [];
	const ended = from.attributes & ~to.attributes;
	let started = to.attributes & ~from.attributes;
	// Ending bold ends dim as well, so what stays of the two has to be set again.
	if ((ended & weight) !== 0) started |= to.attributes & weight;
	for (const off of new Set(attributeCodes.filter(([bit]) => (ended & bit) !== 0).map(([, , code]) => code))) {
		codes.push(String(off));
	}
	for (const [bit, on] of attributeCodes) if ((started & bit) !== 0) codes.push(String(on));
	if (from.foreground !== to.foreground) codes.push(colorCode(to.foreground, 30));
	if (from.background !== to.background) codes.push(colorCode(to.background, 40));
	return codes;
}

/** The SGR parameters of a colour; `base` is 30 for the foreground and 40 for the background. */
function colorCode(color: number, base: 30 | 40): string {
	if (color === defaultColor) return String(base + 9);
	if (color >= rgbBit) return `${base + 8};2;${(color >> 16) & 0xff};${(color >> 8) & 0xff};${color & 0xff}`;
	if (color < 8) return String(base + color);
	return color < 16 ? String(base + 52 + color) : `${base + 8};5;${color}`;
}
