import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { EngineError } from '../engine/errors.ts';
import { defaultPolicyName, namedPolicies } from '../gc/named-policies.ts';
import type { Policy } from '../gc/policy.ts';
import { type PolicyDefinition, policyAt, withUnusedImages } from '../gc/policy-definition.ts';
import { parsePolicyFile } from '../gc/policy-file.ts';
import type { CliContext } from './context.ts';
import { UsageError } from './failure.ts';
import type { OptionValues, VerbOption } from './verb.ts';

/** A file of policies is read whole; no honest one is larger. */
const maximumFileBytes = 1_000_000;

/** The options by which a verb is told its policy. */
export const policyOptions: readonly VerbOption[] = [
	{
		flags: '--policy <name>',
		description: `${namedPolicies.map(({ name }) => name).join(', ')}, or one of the file (${defaultPolicyName} where not given)`,
	},
	{ flags: '--policy-file <file>', description: 'A file with policies of your own, as JSON' },
	{ flags: '-a, --all', description: 'Also images with a name that no container uses' },
];

/** The policy that `policyOptions` ask for, as of now. @throws UsageError; EngineError invalid-policy, not-found, io-failed */
export async function choosePolicy({ host }: CliContext, options: OptionValues, now: number): Promise<Policy> {
	const file = options.text('policy-file');
	const own = file === undefined ? [] : await readPolicies(resolve(host.workingDirectory, file), file);
	const definition = findPolicy(own, options.text('policy'));
	return policyAt(options.flag('all') ? withUnusedImages(definition) : definition, now);
}

function findPolicy(own: readonly PolicyDefinition[], name: string | undefined): PolicyDefinition {
	const [only, ...others] = own;
	if (name === undefined && only !== undefined) {
		if (others.length === 0) return only;
		throw new UsageError(
			`The file has ${own.length} policies; say which one with --policy.`,
			`Policies: ${own.map((policy) => policy.name).join(', ')}.`,
		);
	}
	const known = [...own, ...namedPolicies];
	const wanted = name ?? defaultPolicyName;
	const found = known.find((policy) => policy.name === wanted);
	if (found !== undefined) return found;
	throw new UsageError(
		`There is no policy "${wanted}".`,
		`Policies: ${known.map((policy) => policy.name).join(', ')}; your own come from --policy-file.`,
	);
}

async function readPolicies(path: string, typed: string): Promise<readonly PolicyDefinition[]> {
	let bytes: Buffer;
	try {
		bytes = await readFile(path);
	} catch (error) {
		const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
		if (code === 'ENOENT') throw new EngineError('not-found', { what: 'file', id: typed }, { cause: error });
		throw new EngineError('io-failed', { operation: 'read', path: typed, code }, { cause: error });
	}
	if (bytes.length > maximumFileBytes) {
		throw new EngineError('limit-exceeded', { what: `the file ${typed}`, limit: '1 MB of policies' });
	}
	return parsePolicyFile(bytes.toString('utf8'), typed);
}
