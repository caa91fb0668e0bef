import { inspectAnything } from './container-inspect.ts';
import { inspectFormatOption } from './inspection.ts';
import { loginVerb, logoutVerb } from './registry-login.ts';
import type { VerbGroup } from './verb.ts';

/** Verbs that have no noun, as in Docker. */
export const generalVerbs: VerbGroup = {
	noun: undefined,
	summary: '',
	verbs: [
		loginVerb,
		logoutVerb,
		{
			name: 'inspect',
			shortcut: 'inspect',
			summary: 'Show everything about containers, images or volumes, as JSON',
			operands: [{ name: 'NAME', description: 'A name, an ID or the start of one', variadic: true }],
			options: [
				inspectFormatOption,
				{ flags: '-s, --size', description: 'With sizes (they are always there)' },
				{ flags: '--type <type>', description: 'Only look for this: container, image or volume' },
			],
			examples: ['tonnage inspect web', "tonnage inspect -f '{{json .Mounts}}' web"],
			run: inspectAnything,
		},
	],
};
