import { showWhy } from './gc-why.ts';
import { policyOptions } from './policy-choice.ts';
import type { VerbGroup } from './verb.ts';

/** `tonnage gc …`. */
export const gcVerbs: VerbGroup = {
	noun: 'gc',
	summary: 'See what could go and why, and collect it by a policy',
	verbs: [
		{
			name: 'why',
			summary: 'Show what keeps a thing, or what would take it',
			details:
				'For what stays: the path that keeps it, and the smallest set of things that would have to go for it to be free. For what goes: the rule that takes it. A reference means the image that has it; --type tag means the name itself.',
			operands: [
				{
					name: 'THING',
					description: 'An image, a layer, a container, a volume or a blob: its name, its ID or the start of it',
				},
			],
			options: [
				...policyOptions,
				{ flags: '--type <type>', description: 'Only look for this: image, tag, layer, blob, container or volume' },
				{ flags: '--format <format>', description: '"text" or "json"' },
			],
			examples: [
				'tonnage gc why app:1',
				'tonnage gc why --policy last-resort --type tag app:1',
				'tonnage gc why --format json 3f2a9c',
			],
			run: showWhy,
		},
	],
};
