import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type JsonNode, JsonSyntaxError, parsePositionedJson } from '../../src/gc/positioned-json.ts';

function plain(node: JsonNode): unknown {
	switch (node.type) {
		case 'object':
			return Object.fromEntries(node.members.map(({ name, value }) => [name, plain(value)]));
		case 'array':
			return node.items.map(plain);
		case 'null':
			return null;
		default:
			return node.value;
	}
}

test('reads what JSON.stringify writes, however it is indented', () => {
	fc.assert(
		fc.property(fc.jsonValue(), fc.constantFrom(undefined, 2, '\t'), (value, indent) => {
			const text = JSON.stringify(value, undefined, indent);
			expect(plain(parsePositionedJson(text))).toEqual(JSON.parse(text));
		}),
		{ numRuns: 500 },
	);
});

test('refuses what JSON.parse refuses, and never anything else but two fields of one name', () => {
	const pieces = fc.constantFrom(
		'{',
		'}',
		'[',
		']',
		',',
		':',
		'"a"',
		'"b"',
		'1',
		'-',
		'01',
		'true',
		'nul',
		'null',
		' ',
		'\n',
		'"',
	);
	fc.assert(
		fc.property(fc.array(pieces, { maxLength: 9 }), (parts) => {
			const text = parts.join('');
			let expected: unknown;
			let isJson = true;
			try {
				expected = JSON.parse(text);
			} catch {
				isJson = false;
			}
			try {
				const found = plain(parsePositionedJson(text));
				expect(isJson).toBe(true);
				expect(found).toEqual(expected);
			} catch (error) {
				if (!(error instanceof JsonSyntaxError)) throw error;
				expect(!isJson || error.why.endsWith('is given twice')).toBe(true);
			}
		}),
		{ numRuns: 3000 },
	);
});

describe('says where and what', () => {
	test.each([
		['', '1:1: the document ends too early'],
		['{"a": 1,}', '1:9: a field’s name in double quotes must stand here'],
		['{\n\t"a": 1\n\t"b": 2\n}', '3:2: a comma or } must stand here'],
		['[1\n, 2', '2:4: a comma or ] must stand here'],
		['{"a" 1}', '1:6: a colon must follow after "a"'],
		['{"a": 1, "a": 2}', '1:10: "a" is given twice'],
		['{"a": yes}', '1:7: a value must stand here'],
		['// no\n{}', '1:1: a value must stand here'],
		['"a\nb"', '1:1: this text has no end on its line, or holds something that JSON does not know'],
		['{} {}', '1:4: nothing may follow after the end of the document'],
		['['.repeat(70), '1:65: values are nested more than 64 deep'],
	])('%j', (text, message) => {
		expect(() => parsePositionedJson(text)).toThrow(message);
	});
});
