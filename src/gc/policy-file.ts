import { EngineError } from '../engine/errors.ts';
import type { ResourceKind } from '../engine/model.ts';
import { namedPolicies } from './named-policies.ts';
import type { LabelFilter, Protection } from './policy.ts';
import {
	type CollectableName,
	collectables,
	type PolicyDefinition,
	parseDuration,
	type RuleDefinition,
} from './policy-definition.ts';
import {
	type JsonMember,
	type JsonNode,
	JsonSyntaxError,
	type Position,
	parsePositionedJson,
} from './positioned-json.ts';

/**
 * Reads a file of policies; docs/collecting.md tells its fields. `file` is its name, for messages.
 * @throws EngineError invalid-policy, with line and column of the first thing that is wrong
 */
export function parsePolicyFile(text: string, file: string): readonly PolicyDefinition[] {
	try {
		return readDocument(parsePositionedJson(text));
	} catch (error) {
		if (!(error instanceof JsonSyntaxError)) throw error;
		throw new EngineError('invalid-policy', { file, ...error.at, why: error.why });
	}
}

function readDocument(document: JsonNode): readonly PolicyDefinition[] {
	const fields = fieldsOf(document, 'a file of policies', ['$schema', 'policies']);
	const policies = fields.get('policies')?.value;
	if (policies === undefined) fail(document.at, 'the field "policies" is missing');
	const members = membersOf(policies, '"policies"');
	if (members.length === 0) fail(policies.at, 'there is no policy in it');
	return members.map(readPolicy);
}

function readPolicy({ name, at, value }: JsonMember): PolicyDefinition {
	if (!/^[a-z0-9][a-z0-9._-]{0,63}$/.test(name)) {
		fail(at, `"${shown(name)}" is not a name for a policy; names are small letters, digits, ".", "_" and "-"`);
	}
	if (namedPolicies.some((known) => known.name === name)) {
		fail(at, `"${name}" is the name of a policy that is always there; choose another one`);
	}
	const fields = fieldsOf(value, `the policy "${name}"`, ['collect', 'keep-last', 'protect', 'grace']);
	const collect = fields.get('collect')?.value;
	if (collect === undefined) fail(value.at, `the policy "${name}" collects nothing: the field "collect" is missing`);
	return {
		name,
		rules: itemsOf(collect, '"collect"').map(readRule),
		graceMs: optional(fields, 'grace', readDuration) ?? 0,
		keepNewest: optional(fields, 'keep-last', readCount) ?? 0,
		protections: optional(fields, 'protect', readProtections) ?? [],
	};
}

function readRule(node: JsonNode): RuleDefinition {
	if (node.type === 'string') return { what: readWhat(node) };
	const fields = fieldsOf(node, 'a rule', ['what', 'until', 'unused-for', 'labels']);
	const what = fields.get('what')?.value;
	if (what === undefined) fail(node.at, 'the field "what" of this rule is missing');
	const rule: RuleDefinition = {
		what: readWhat(what),
		createdBeforeMs: optional(fields, 'until', readDuration),
		unusedForMs: optional(fields, 'unused-for', readDuration),
		labels: optional(fields, 'labels', (labels) => itemsOf(labels, '"labels"').map(readLabel)),
	};
	const until = fields.get('until');
	if (until !== undefined && rule.what.endsWith('-volumes')) {
		fail(until.at, 'volumes have no build time that "until" could ask for; use "unused-for"');
	}
	return rule;
}

function readWhat(node: JsonNode): CollectableName {
	const text = textOf(node, '"what"');
	const names = Object.keys(collectables) as CollectableName[];
	const found = names.find((name) => name === text);
	return found ?? fail(node.at, `"${shown(text)}" is nothing that can be collected; ${names.join(', ')} are`);
}

/** `key`, `key=value`, and the same with a `!` before it for what must not match. */
function readLabel(node: JsonNode): LabelFilter {
	const text = textOf(node, 'a label');
	const negated = text.startsWith('!');
	return { ...splitLabel(negated ? text.slice(1) : text, node.at), negated };
}

function splitLabel(text: string, at: Position): Omit<LabelFilter, 'negated'> {
	const equals = text.indexOf('=');
	const key = equals === -1 ? text : text.slice(0, equals);
	if (key === '') fail(at, 'a label needs a key, as in "key" or "key=value"');
	return { key, value: equals === -1 ? undefined : text.slice(equals + 1) };
}

const protectable: readonly ResourceKind[] = ['tag', 'image', 'container', 'volume'];

function readProtections(node: JsonNode): readonly Protection[] {
	const fields = fieldsOf(node, '"protect"', ['images', 'containers', 'volumes', 'labels']);
	const patterns = (name: string, kinds: readonly ResourceKind[]) =>
		(optional(fields, name, (list) => itemsOf(list, `"${name}"`)) ?? []).map((item): Protection => {
			const pattern = textOf(item, 'a pattern');
			return pattern === '' ? fail(item.at, 'an empty pattern fits nothing') : { kinds, pattern };
		});
	const labels = optional(fields, 'labels', (list) => itemsOf(list, '"labels"')) ?? [];
	return [
		...patterns('images', ['tag', 'image']),
		...patterns('containers', ['container']),
		...patterns('volumes', ['volume']),
		...labels.map((item): Protection => ({ kinds: protectable, label: splitLabel(textOf(item, 'a label'), item.at) })),
	];
}

function readDuration(node: JsonNode): number {
	const ms = node.type === 'string' ? parseDuration(node.value) : undefined;
	return ms ?? fail(node.at, `${describe(node)} is not a length of time such as "90m", "24h" or "7d"`);
}

function readCount(node: JsonNode): number {
	const isCount = node.type === 'number' && Number.isSafeInteger(node.value) && node.value >= 0;
	return isCount ? node.value : fail(node.at, `${describe(node)} is not a whole number from 0`);
}

type Fields = ReadonlyMap<string, JsonMember>;

function fieldsOf(node: JsonNode, what: string, known: readonly string[]): Fields {
	const members = membersOf(node, what);
	const strange = members.find(({ name }) => !known.includes(name));
	if (strange !== undefined) {
		fail(strange.at, `"${shown(strange.name)}" is not a field of ${what}; ${known.join(', ')} are`);
	}
	return new Map(members.map((member) => [member.name, member]));
}

function optional<T>(fields: Fields, name: string, read: (node: JsonNode) => T): T | undefined {
	const field = fields.get(name);
	return field === undefined ? undefined : read(field.value);
}

function membersOf(node: JsonNode, what: string): readonly JsonMember[] {
	return node.type === 'object' ? node.members : fail(node.at, `${what} must be an object, not ${describe(node)}`);
}

function itemsOf(node: JsonNode, what: string): readonly JsonNode[] {
	return node.type === 'array' ? node.items : fail(node.at, `${what} must be a list, not ${describe(node)}`);
}

function textOf(node: JsonNode, what: string): string {
	return node.type === 'string' ? node.value : fail(node.at, `${what} must be a text, not ${describe(node)}`);
}

function describe(node: JsonNode): string {
	switch (node.type) {
		case 'object':
			return 'an object';
		case 'array':
			return 'a list';
		case 'null':
			return 'null';
		case 'string':
			return `"${shown(node.value)}"`;
		default:
			return String(node.value);
	}
}

function shown(text: string): string {
	return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function fail(at: Position, why: string): never {
	throw new JsonSyntaxError(at, why);
}
