import { applyPlan, runPolicy } from './gc-apply.ts';
import { showHistory } from './gc-history.ts';
import { makePlan, showPlan } from './gc-plan.ts';
import { showWhy } from './gc-why.ts';
import { formatOption as listingFormatOption, noTruncateOption } from './listing.ts';
import { policyOptions } from './policy-choice.ts';
import type { Operand, VerbGroup, VerbOption } from './verb.ts';

const plan: Operand = { name: 'PLAN', description: 'The ID of a saved plan or the start of it' };
const formatOption: VerbOption = { flags: '--format <format>', description: '"text" or "json"' };
const verboseOption: VerbOption = { flags: '--verbose', description: 'Show the whole plan' };

/** `tonnage gc …`. */
export const gcVerbs: VerbGroup = {
	noun: 'gc',
	summary: 'See what could go and why, and collect it by a policy',
	verbs: [
		{
			name: 'plan',
			summary: 'Show what a policy would collect, and save that plan',
			details:
				'Nothing is removed. The saved plan never changes: "tonnage gc apply" executes exactly its list, minus what has become live.',
			operands: [],
			options: [...policyOptions, verboseOption, formatOption],
			examples: [
				'tonnage gc plan',
				'tonnage gc plan --policy ci --all',
				'tonnage gc plan --policy-file gc.json --format json > plan.json',
			],
			run: makePlan,
		},
		{
			name: 'show',
			summary: 'Show a saved plan, or list them',
			operands: [{ ...plan, optional: true }],
			options: [verboseOption, formatOption],
			examples: ['tonnage gc show', 'tonnage gc show 4f2a9c', 'tonnage gc show --format json 4f2a9c'],
			run: showPlan,
		},
		{
			name: 'apply',
			summary: 'Execute a saved plan: exactly its list, minus what has become live',
			details:
				'Never takes anything that the plan does not list. What is left out is told with its reason, and makes exit code 3 unless it had gone already.',
			operands: [plan],
			options: [],
			examples: ['tonnage gc apply 4f2a9c'],
			run: applyPlan,
		},
		{
			name: 'run',
			summary: 'Collect by a policy, without a question',
			details: 'For timers. The plan is saved and the sweep is added to the history.',
			operands: [],
			options: [...policyOptions, { flags: '--dry-run', description: 'Only show the plan' }, verboseOption],
			examples: ['tonnage gc run', 'tonnage gc run --policy nightly --policy-file /etc/tonnage/gc.json'],
			run: runPolicy,
		},
		{
			name: 'history',
			summary: 'Show what was swept when, planned and freed, newest first',
			operands: [],
			options: [listingFormatOption, noTruncateOption],
			examples: ['tonnage gc history', 'tonnage gc history --format json'],
			run: showHistory,
		},
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
				formatOption,
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
