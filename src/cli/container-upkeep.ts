import { showStats } from './container-stats.ts';
import { showProcesses } from './container-top.ts';
import { renameContainer, updateContainers, updateOptions } from './container-update.ts';
import { formatOption, noTruncateOption } from './listing.ts';
import type { Operand, Verb } from './verb.ts';

const container: Operand = { name: 'CONTAINER', description: 'A name, an ID or the start of one' };

/** What looks at or changes containers that are there already, beside their lifecycle. */
export const upkeepVerbs: readonly Verb[] = [
	{
		name: 'rename',
		shortcut: 'rename',
		summary: 'Give a container another name',
		operands: [container, { name: 'NEW_NAME', description: 'One that is not taken' }],
		options: [],
		examples: ['tonnage rename web web-old'],
		run: renameContainer,
	},
	{
		name: 'top',
		shortcut: 'top',
		summary: 'Show the processes of a container',
		operands: [
			container,
			{
				name: 'PS_OPTIONS',
				description: 'As Docker has it; only "-ef", which is so without it',
				optional: true,
				variadic: true,
			},
		],
		options: [],
		examples: ['tonnage top web'],
		passThrough: true,
		run: showProcesses,
	},
	{
		name: 'update',
		shortcut: 'update',
		summary: 'Change the limits of containers, running ones at once',
		operands: [{ ...container, variadic: true }],
		options: updateOptions,
		examples: ['tonnage update --memory 256m --cpus 0.5 web'],
		run: updateContainers,
	},
	{
		name: 'stats',
		shortcut: 'stats',
		summary: 'Show what containers use, each second anew',
		operands: [{ ...container, optional: true, variadic: true }],
		options: [
			{ flags: '-a, --all', description: 'Also containers that do not run' },
			formatOption,
			{ flags: '--no-stream', description: 'Only once' },
			noTruncateOption,
		],
		examples: ['tonnage stats', 'tonnage stats --no-stream --format json web'],
		run: showStats,
	},
];
