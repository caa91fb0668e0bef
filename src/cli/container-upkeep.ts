import { attachToContainer } from './container-attach.ts';
import { copyFiles } from './container-copy.ts';
import { showStats } from './container-stats.ts';
import { showProcesses } from './container-top.ts';
import { renameContainer, updateContainers, updateOptions } from './container-update.ts';
import { detachKeysOption } from './detach-keys.ts';
import { formatOption, noTruncateOption } from './listing.ts';
import type { Operand, Verb } from './verb.ts';

const container: Operand = { name: 'CONTAINER', description: 'A name, an ID or the start of one' };

/** What looks at or changes containers that are there already, beside their lifecycle. */
export const upkeepVerbs: readonly Verb[] = [
	{
		name: 'attach',
		shortcut: 'attach',
		summary: 'Take a running container’s input and output over',
		details:
			'The exit code is the container’s. Where it has a terminal, the detach keys let go of it and leave it running; the exit code is 1 then.',
		operands: [container],
		options: [
			detachKeysOption,
			{ flags: '--no-stdin', description: 'Only its output' },
			{ flags: '--sig-proxy <boolean>', description: 'Hand signals on to it (true); false: they end this command' },
		],
		examples: ['tonnage attach web', 'tonnage attach --no-stdin --sig-proxy=false web'],
		run: attachToContainer,
	},
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
		name: 'cp',
		shortcut: 'cp',
		summary: 'Copy files between a container and this machine',
		details:
			'One of both is CONTAINER:PATH; the other is a path, or "-" for a tar on standard input or output. A path that ends in "/." means what is in that directory. Into a container, files keep the numbers of their owners; out of it, they become yours. No symbolic link leads out of the container.',
		operands: [
			{ name: 'SRC_PATH', description: 'CONTAINER:PATH, a path, or "-"' },
			{ name: 'DEST_PATH', description: 'CONTAINER:PATH, a path, or "-"' },
		],
		options: [
			{
				flags: '-a, --archive',
				description: 'Into a container: all becomes its user’s. Out of it: owners keep their numbers',
			},
			{ flags: '-L, --follow-link', description: 'Copy what SRC_PATH leads to where it is a symbolic link' },
			{ flags: '-q, --quiet', description: 'Say nothing (which is so without it)' },
		],
		examples: ['tonnage cp web:/etc/nginx ./nginx', 'tonnage cp site/. web:/srv', 'tonnage cp web:/var/log - | tar tv'],
		run: copyFiles,
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
