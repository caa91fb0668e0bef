/** Where something stands in a text; both count from 1, columns in UTF-16 units, as editors do. */
export interface Position {
	readonly line: number;
	readonly column: number;
}

/** A JSON value that knows where it stands. */
export type JsonNode =
	| { readonly type: 'object'; readonly members: readonly JsonMember[]; readonly at: Position }
	| { readonly type: 'array'; readonly items: readonly JsonNode[]; readonly at: Position }
	| { readonly type: 'string'; readonly value: string; readonly at: Position }
	| { readonly type: 'number'; readonly value: number; readonly at: Position }
	| { readonly type: 'boolean'; readonly value: boolean; readonly at: Position }
	| { readonly type: 'null'; readonly at: Position };

/** One `"name": value` of an object. */
export interface JsonMember {
	readonly name: string;
	readonly at: Position;
	readonly value: JsonNode;
}

/** Thrown for a text that is not JSON; `why` is half a sentence. */
export class JsonSyntaxError extends Error {
	override readonly name = 'JsonSyntaxError';
	readonly at: Position;
	readonly why: string;

	constructor(at: Position, why: string) {
		super(`${at.line}:${at.column}: ${why}`);
		this.at = at;
		this.why = why;
	}
}

/** Deeper than any honest file, shallower than the stack. */
const maximumDepth = 64;
const numberPattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const stringPattern = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;

/** Reads JSON and keeps for every value where it stood. Names of one object must differ. @throws JsonSyntaxError */
export function parsePositionedJson(text: string): JsonNode {
	return new Parser(text.replace(/^\ufeff/, '')).parse();
}

class Parser {
	readonly #text: string;
	#offset = 0;
	#depth = 0;
	/** Only space holds newlines. */
	#line = 1;
	#lineStart = 0;

	constructor(text: string) {
		this.#text = text;
	}

	parse(): JsonNode {
		const node = this.#value();
		this.#skipSpace();
		if (this.#offset < this.#text.length) this.#fail('nothing may follow after the end of the document');
		return node;
	}

	#value(): JsonNode {
		this.#skipSpace();
		const at = this.#position();
		switch (this.#text[this.#offset]) {
			case '{':
				return this.#nested(() => ({ type: 'object', members: this.#members(), at }));
			case '[':
				return this.#nested(() => ({ type: 'array', items: this.#items(), at }));
			case '"':
				return { type: 'string', value: this.#string(), at };
			default:
				return this.#word(at);
		}
	}

	#nested(read: () => JsonNode): JsonNode {
		if (++this.#depth > maximumDepth) this.#fail(`values are nested more than ${maximumDepth} deep`);
		this.#offset++;
		const node = read();
		this.#depth--;
		return node;
	}

	#members(): readonly JsonMember[] {
		const members = new Map<string, JsonMember>();
		this.#list('}', () => {
			const at = this.#position();
			if (this.#text[this.#offset] !== '"') this.#fail('a field’s name in double quotes must stand here');
			const name = this.#string();
			if (members.has(name)) throw new JsonSyntaxError(at, `"${name}" is given twice`);
			this.#skipSpace();
			if (this.#text[this.#offset] !== ':') this.#fail(`a colon must follow after "${name}"`);
			this.#offset++;
			members.set(name, { name, at, value: this.#value() });
		});
		return [...members.values()];
	}

	#items(): readonly JsonNode[] {
		const items: JsonNode[] = [];
		this.#list(']', () => items.push(this.#value()));
		return items;
	}

	#list(end: '}' | ']', readOne: () => void): void {
		this.#skipSpace();
		if (this.#text[this.#offset] === end) {
			this.#offset++;
			return;
		}
		for (;;) {
			this.#skipSpace();
			readOne();
			this.#skipSpace();
			const sign = this.#text[this.#offset];
			if (sign !== ',' && sign !== end) this.#fail(`a comma or ${end} must stand here`);
			this.#offset++;
			if (sign === end) return;
		}
	}

	#string(): string {
		const found = this.#match(stringPattern);
		if (found === undefined) this.#fail('this text has no end on its line, or holds something that JSON does not know');
		return JSON.parse(found) as string;
	}

	#word(at: Position): JsonNode {
		for (const [word, value] of [
			['true', true],
			['false', false],
		] as const) {
			if (this.#match(new RegExp(`${word}\\b`, 'y')) !== undefined) return { type: 'boolean', value, at };
		}
		if (this.#match(/null\b/y) !== undefined) return { type: 'null', at };
		const number = this.#match(numberPattern);
		if (number !== undefined) return { type: 'number', value: Number(number), at };
		this.#fail(this.#offset >= this.#text.length ? 'the document ends too early' : 'a value must stand here');
	}

	/** `pattern` is sticky: it fits here or not at all. */
	#match(pattern: RegExp): string | undefined {
		pattern.lastIndex = this.#offset;
		const found = pattern.exec(this.#text)?.[0];
		if (found !== undefined) this.#offset += found.length;
		return found;
	}

	#skipSpace(): void {
		const space = this.#match(/[ \t\r\n]*/y) ?? '';
		for (const [index, character] of [...space].entries()) {
			if (character !== '\n') continue;
			this.#line++;
			this.#lineStart = this.#offset - space.length + index + 1;
		}
	}

	#position(): Position {
		return { line: this.#line, column: this.#offset - this.#lineStart + 1 };
	}

	#fail(why: string): never {
		throw new JsonSyntaxError(this.#position(), why);
	}
}
