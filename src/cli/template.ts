import { splitTemplate, type TemplatePiece, type Token, templateError } from './template-lexer.ts';
import { followPath, functionNamed, isTrue, textOf } from './template-values.ts';

/** A template that has been read, ready for any number of rows. */
export type Template = (data: unknown) => string;

/**
 * Reads the part of Go's templates that Docker's users write: fields, functions, pipelines, variables, `if`,
 * `range`, `with`. Everything that is not understood is an error here or at the first row, never left out.
 * @throws UsageError
 */
export function parseTemplate(text: string): Template {
	const reader = new PieceReader(splitTemplate(text));
	const body = reader.readBody([]);
	return (data) => body({ dot: data, variables: new Map([['$', data]]) });
}

interface Scope {
	readonly dot: unknown;
	readonly variables: Map<string, unknown>;
}

type Block = (scope: Scope) => string;
type Expression = (scope: Scope) => unknown;

class PieceReader {
	readonly #pieces: readonly TemplatePiece[];
	#position = 0;
	/** The `else` or `end` that ended the last body, with what follows an `else`. */
	#terminator: readonly Token[] = [];

	constructor(pieces: readonly TemplatePiece[]) {
		this.#pieces = pieces;
	}

	/** Up to one of the given words, or to the end of the template where none is given. */
	readBody(until: readonly string[]): Block {
		const blocks: Block[] = [];
		for (;;) {
			const piece = this.#pieces[this.#position++];
			if (piece === undefined) {
				if (until.length > 0) throw templateError('an {{end}} is missing');
				return (scope) => blocks.map((block) => block(scope)).join('');
			}
			if (piece.type === 'text') {
				blocks.push(() => piece.text);
				continue;
			}
			const word = piece.tokens[0]?.type === 'word' ? piece.tokens[0].text : '';
			if (word === 'end' || word === 'else') {
				if (!until.includes(word)) throw templateError(`an {{${word}}} stands where nothing is open`);
				this.#terminator = piece.tokens;
				return (scope) => blocks.map((block) => block(scope)).join('');
			}
			blocks.push(this.#readAction(word, piece.tokens));
		}
	}

	#readAction(word: string, tokens: readonly Token[]): Block {
		if (word === 'if') return this.#readIf(tokens.slice(1));
		if (word === 'range') return this.#readRange(tokens.slice(1));
		if (word === 'with') return this.#readWith(tokens.slice(1));
		const first = tokens[0];
		const second = tokens[1];
		if (first?.type === 'variable' && second?.type === 'symbol' && (second.text === ':=' || second.text === '=')) {
			const value = readPipeline(tokens.slice(2));
			return (scope) => {
				scope.variables.set(first.name, value(scope));
				return '';
			};
		}
		const value = readPipeline(tokens);
		return (scope) => textOf(value(scope));
	}

	#readIf(condition: readonly Token[]): Block {
		const test = readPipeline(condition);
		const whenTrue = this.readBody(['end', 'else']);
		const whenFalse = this.#readElse();
		return (scope) => (isTrue(test(scope)) ? whenTrue(scope) : whenFalse(scope));
	}

	#readWith(source: readonly Token[]): Block {
		const value = readPipeline(source);
		const whenTrue = this.readBody(['end', 'else']);
		const whenFalse = this.#readElse();
		return (scope) => {
			const dot = value(scope);
			return isTrue(dot) ? whenTrue({ dot, variables: new Map(scope.variables) }) : whenFalse(scope);
		};
	}

	#readRange(tokens: readonly Token[]): Block {
		const assignment = tokens.findIndex((token) => token.type === 'symbol' && token.text === ':=');
		const names = tokens
			.slice(0, Math.max(assignment, 0))
			.flatMap((token) => (token.type === 'variable' ? token.name : []));
		const source = readPipeline(tokens.slice(assignment + 1));
		const body = this.readBody(['end', 'else']);
		const whenEmpty = this.#readElse();
		return (scope) => {
			const entries = entriesOf(source(scope));
			if (entries.length === 0) return whenEmpty(scope);
			return entries
				.map(([key, value]) => {
					const variables = new Map(scope.variables);
					const valueName = names.at(-1);
					if (valueName !== undefined) variables.set(valueName, value);
					if (names.length > 1 && names[0] !== undefined) variables.set(names[0], key);
					return body({ dot: value, variables });
				})
				.join('');
		};
	}

	#readElse(): Block {
		const [first, second] = this.#terminator;
		if (first?.type !== 'word' || first.text === 'end') return () => '';
		if (second?.type === 'word' && second.text === 'if') return this.#readIf(this.#terminator.slice(2));
		return this.readBody(['end']);
	}
}

function entriesOf(value: unknown): readonly (readonly [unknown, unknown])[] {
	if (value === undefined || value === null || value === '') return [];
	if (Array.isArray(value)) return value.map((item, index) => [index, item]);
	if (typeof value === 'object') return Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
	throw templateError(`range needs a list, not "${textOf(value)}"`);
}

/** `command | command`: what the left one gives is the last argument of the right one. */
function readPipeline(tokens: readonly Token[]): Expression {
	const stages = splitAtPipes(tokens).map(readCommand);
	return (scope) => {
		let piped: readonly unknown[] = [];
		for (const stage of stages) piped = [stage(scope, piped)];
		return piped[0];
	};
}

function splitAtPipes(tokens: readonly Token[]): readonly (readonly Token[])[] {
	const stages: Token[][] = [[]];
	let depth = 0;
	for (const token of tokens) {
		if (token.type === 'symbol' && token.text === '(') depth++;
		if (token.type === 'symbol' && token.text === ')') depth--;
		if (token.type === 'symbol' && token.text === '|' && depth === 0) stages.push([]);
		else stages.at(-1)?.push(token);
	}
	return stages;
}

function readCommand(tokens: readonly Token[]): (scope: Scope, piped: readonly unknown[]) => unknown {
	const [first] = tokens;
	if (first === undefined) throw templateError('an action is empty');
	if (first.type === 'word') {
		const call = functionNamed(first.text);
		const values = readOperands(tokens.slice(1));
		return (scope, piped) => call(...values.map((value) => value(scope)), ...piped);
	}
	const [value, surplus] = readOperands(tokens);
	if (value === undefined || surplus !== undefined) throw templateError('only a function can take arguments');
	return (scope) => value(scope);
}

function readOperands(tokens: readonly Token[]): readonly Expression[] {
	const operands: Expression[] = [];
	for (let position = 0; position < tokens.length; position++) {
		const token = tokens[position];
		if (token?.type === 'symbol' && token.text === '(') {
			const end = closingParenthesis(tokens, position);
			const inner = readPipeline(tokens.slice(position + 1, end));
			const after = tokens[end + 1];
			const names = after?.type === 'field' && after.joined ? after.names : [];
			operands.push((scope) => followPath(inner(scope), names));
			position = end + (names.length > 0 ? 1 : 0);
		} else if (token !== undefined) operands.push(readOperand(token));
	}
	return operands;
}

function readOperand(token: Token): Expression {
	switch (token.type) {
		case 'literal':
			return () => token.value;
		case 'field':
			return (scope) => followPath(scope.dot, token.names);
		case 'variable':
			return (scope) => {
				if (!scope.variables.has(token.name)) throw templateError(`the variable ${token.name} is not set`);
				return followPath(scope.variables.get(token.name), token.names);
			};
		case 'word': {
			const call = functionNamed(token.text);
			return () => call();
		}
		case 'symbol':
			throw templateError(`"${token.text}" stands where a value should`);
		default: {
			const never: never = token;
			return never;
		}
	}
}

function closingParenthesis(tokens: readonly Token[], start: number): number {
	let depth = 0;
	for (let position = start; position < tokens.length; position++) {
		const token = tokens[position];
		if (token?.type !== 'symbol') continue;
		if (token.text === '(') depth++;
		if (token.text === ')' && --depth === 0) return position;
	}
	throw templateError('a ")" is missing');
}
