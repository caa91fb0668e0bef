import { UsageError } from './failure.ts';

/** A piece of a template: text that is copied, or the inside of `{{…}}` as tokens. */
export type TemplatePiece =
	| { readonly type: 'text'; readonly text: string }
	| { readonly type: 'action'; readonly tokens: readonly Token[] };

/** One token inside an action. */
export type Token =
	/** `joined`: no space stands before it, so that it asks something of what does. */
	| { readonly type: 'field'; readonly names: readonly string[]; readonly joined: boolean }
	| { readonly type: 'variable'; readonly name: string; readonly names: readonly string[] }
	| { readonly type: 'word'; readonly text: string }
	| { readonly type: 'literal'; readonly value: string | number | boolean | null }
	| { readonly type: 'symbol'; readonly text: '(' | ')' | '|' | ':=' | '=' | ',' };

const actionPattern = /\{\{(-\s)?((?:"(?:\\.|[^"\\])*"|`[^`]*`|(?!\}\}|\s-\}\})[\s\S])*)(\s-)?\}\}/y;
const tokenPattern =
	/(?<space>\s*)(?:(?<string>"(?:\\.|[^"\\])*"|`[^`]*`)|(?<number>-?\d+(?:\.\d+)?)|(?<variable>\$\w*)(?<variablePath>(?:\.[A-Za-z_]\w*)*)|(?<field>(?:\.[A-Za-z_]\w*)+|\.)|(?<word>[A-Za-z_]\w*)|(?<symbol>:=|[()|,=]))/y;

/** Cuts a template into text and actions. `{{-` and `-}}` eat the white space beside them. @throws UsageError */
export function splitTemplate(template: string): readonly TemplatePiece[] {
	const pieces: TemplatePiece[] = [];
	let position = 0;
	let trimNext = false;
	for (;;) {
		const start = template.indexOf('{{', position);
		let text = template.slice(position, start === -1 ? undefined : start);
		if (trimNext) text = text.trimStart();
		if (start === -1) {
			if (text !== '') pieces.push({ type: 'text', text });
			return pieces;
		}
		actionPattern.lastIndex = start;
		const match = actionPattern.exec(template);
		if (match === null) throw templateError(`"${template.slice(start, start + 20)}" has no closing "}}"`);
		if (match[1] !== undefined) text = text.trimEnd();
		if (text !== '') pieces.push({ type: 'text', text });
		pieces.push({ type: 'action', tokens: tokensOf(match[2] ?? '') });
		trimNext = match[3] !== undefined;
		position = actionPattern.lastIndex;
	}
}

/** Every complaint about a template starts the same way. */
export function templateError(why: string): UsageError {
	return new UsageError(
		`--format: ${why}.`,
		'Templates know {{.Field}}, json, join, split, index, len, range, if, with, eq, ne, and, or, not, upper, lower, title, truncate.',
	);
}

function tokensOf(source: string): readonly Token[] {
	const tokens: Token[] = [];
	const action = source.trim();
	let position = 0;
	while (position < action.length) {
		tokenPattern.lastIndex = position;
		const match = tokenPattern.exec(action);
		if (match?.groups === undefined)
			throw templateError(`"${action.slice(position)}" in "{{${action}}}" is not understood`);
		tokens.push(tokenOf(match.groups));
		position = tokenPattern.lastIndex;
	}
	return tokens;
}

function tokenOf(groups: Record<string, string | undefined>): Token {
	const { space, string, number, variable, variablePath, field, word, symbol } = groups;
	if (string !== undefined) return { type: 'literal', value: stringValue(string) };
	if (number !== undefined) return { type: 'literal', value: Number(number) };
	if (variable !== undefined) return { type: 'variable', name: variable, names: namesOf(variablePath ?? '') };
	if (field !== undefined) return { type: 'field', names: namesOf(field), joined: space === '' };
	if (word === 'true' || word === 'false') return { type: 'literal', value: word === 'true' };
	if (word === 'nil') return { type: 'literal', value: null };
	if (word !== undefined) return { type: 'word', text: word };
	return { type: 'symbol', text: symbol as '(' };
}

function namesOf(path: string): readonly string[] {
	return path.split('.').filter((name) => name !== '');
}

function stringValue(quoted: string): string {
	if (quoted.startsWith('`')) return quoted.slice(1, -1);
	return quoted.slice(1, -1).replace(/\\(.)/g, (_, character: string) => {
		const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };
		return escapes[character] ?? character;
	});
}
