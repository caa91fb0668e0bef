import { EngineError } from '../../errors.ts';
import { printable } from '../../oci/printable.ts';

/** Looks a variable up; undefined where it is not set. */
export type VariableLookup = (name: string) => string | undefined;

/**
 * Splits the rest of an instruction at blanks, as a shell would: quotes group, a backslash takes the next character
 * as it is, `$NAME`, `${NAME}`, `${NAME:-word}` and `${NAME:+word}` are replaced, except within single quotes.
 * Spec: docs.docker.com/reference/dockerfile/#environment-replacement
 * @throws EngineError invalid-argument for a quote or a brace that is never closed
 */
export function splitWords(text: string, lookup: VariableLookup): readonly string[] {
	const words: string[] = [];
	let word: string | undefined;
	let quote = '';
	for (let index = 0; index < text.length; index++) {
		const character = text.charAt(index);
		if (quote === "'") {
			if (character === "'") quote = '';
			else word = (word ?? '') + character;
		} else if (character === '\\' && index + 1 < text.length) {
			index++;
			// Within double quotes a backslash is only special before what would be special itself.
			const kept = quote === '"' && !'"\\$'.includes(text.charAt(index)) ? '\\' : '';
			word = (word ?? '') + kept + text.charAt(index);
		} else if (character === '$') {
			const variable = readVariable(text, index, lookup);
			word = (word ?? '') + variable.value;
			index = variable.end;
		} else if (character === quote) {
			quote = '';
		} else if (quote === '' && (character === '"' || character === "'")) {
			quote = character;
			word ??= '';
		} else if (quote === '' && /\s/.test(character)) {
			if (word !== undefined) words.push(word);
			word = undefined;
		} else word = (word ?? '') + character;
	}
	if (quote !== '') throw unclosed(text, `a ${quote} is never closed`);
	if (word !== undefined) words.push(word);
	return words;
}

/** The variable whose `$` stands at `start`; `end` is the index of its last character. */
function readVariable(text: string, start: number, lookup: VariableLookup): { value: string; end: number } {
	const rest = text.slice(start + 1);
	const plain = /^[A-Za-z_][A-Za-z0-9_]*/.exec(rest)?.[0];
	if (plain !== undefined) return { value: lookup(plain) ?? '', end: start + plain.length };
	if (!rest.startsWith('{')) return { value: '$', end: start };
	const braced = /^\{([A-Za-z_][A-Za-z0-9_]*)(?::([-+])([^}]*))?\}/.exec(rest);
	if (braced === null) throw unclosed(text, 'a brace after $ is not followed by a name and a closing brace');
	const [whole, name = '', operator, word = ''] = braced;
	const found = lookup(name) ?? '';
	const value = operator === '-' ? found || word : operator === '+' ? (found === '' ? '' : word) : found;
	return { value, end: start + whole.length };
}

function unclosed(text: string, why: string): EngineError<'invalid-argument'> {
	return new EngineError('invalid-argument', { argument: `the change "${printable(text)}"`, why });
}
