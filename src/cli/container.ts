import { commitContainer, showChanges } from './container-changes.ts';
import { containerFilterKeys } from './container-filters.ts';
import { inspectContainers } from './container-inspect.ts';
import {
	killContainers,
	pauseContainers,
	removeContainers,
	startContainers,
	stopContainers,
	waitForContainers,
} from './container-lifecycle.ts';
import { listContainers } from './container-list.ts';
import { showLogs } from './container-logs.ts';
import { createOptions, execOptions, runOptions } from './container-options.ts';
import { createContainer, execInContainer, runContainer } from './container-run.ts';
import { upkeepVerbs } from './container-upkeep.ts';
import { detachKeysOption } from './detach-keys.ts';
import { filterOption } from './filters.ts';
import { inspectFormatOption } from './inspection.ts';
import { formatOption, noTruncateOption } from './listing.ts';
import { pruneContainers, pruneOptions } from './prune.ts';
import type { Operand, VerbGroup, VerbOption } from './verb.ts';

const container: Operand = { name: 'CONTAINER', description: 'A name, an ID or the start of one' };
const containers: Operand = { ...container, variadic: true };
const image: Operand = { name: 'IMAGE', description: 'A reference, an image ID or the start of one' };
const command: Operand[] = [
	{ name: 'COMMAND', description: 'What to run instead of the image’s command', optional: true },
	{ name: 'ARG', description: 'Its arguments, options too', optional: true, variadic: true },
];
const graceOption: VerbOption = {
	flags: '-t, --time <seconds>',
	description: 'How long to wait before killing it (10; -1 for ever)',
};

/** `tonnage container …`, with Docker's short forms. */
export const containerVerbs: VerbGroup = {
	noun: 'container',
	summary: 'Look at and manage containers',
	verbs: [
		{
			name: 'run',
			shortcut: 'run',
			summary: 'Create a container and run it',
			details:
				'The exit code is the container’s; 125 where the container is not to blame, 126 or 127 where its command cannot be executed.',
			operands: [image, ...command],
			options: runOptions,
			examples: [
				'tonnage run --rm -it --network none app:1 sh',
				'tonnage run -d --name web --network host -v data:/data --memory 256m app:1',
			],
			passThrough: true,
			runsContainer: true,
			run: runContainer,
		},
		{
			name: 'exec',
			shortcut: 'exec',
			summary: 'Run a command in a running container',
			operands: [
				container,
				{ name: 'COMMAND', description: 'What to run' },
				{ name: 'ARG', description: 'Its arguments, options too', optional: true, variadic: true },
			],
			options: execOptions,
			examples: ['tonnage exec web ls /', 'tonnage exec -it web sh'],
			passThrough: true,
			runsContainer: true,
			run: execInContainer,
		},
		{
			name: 'ls',
			aliases: ['ps', 'list'],
			shortcut: 'ps',
			summary: 'List containers',
			operands: [],
			options: [
				{ flags: '-a, --all', description: 'All containers, not only running ones' },
				filterOption(containerFilterKeys),
				formatOption,
				{ flags: '-n, --last <count>', description: 'Only the newest so many, in any status' },
				{ flags: '-l, --latest', description: 'Only the newest, in any status' },
				noTruncateOption,
				{ flags: '-q, --quiet', description: 'Only the IDs' },
				{ flags: '-s, --size', description: 'Show sizes' },
			],
			examples: ['tonnage ps -a -s', 'tonnage ps -aq --filter status=exited', 'tonnage ps --format json'],
			run: listContainers,
		},
		{
			name: 'create',
			shortcut: 'create',
			summary: 'Create a container without starting it',
			operands: [image, ...command],
			options: createOptions,
			examples: ['tonnage create --name job --network none app:1 make all'],
			passThrough: true,
			run: createContainer,
		},
		{
			name: 'start',
			shortcut: 'start',
			summary: 'Start stopped containers',
			operands: [containers],
			options: [
				{ flags: '-a, --attach', description: 'Show its output and take over its exit code' },
				detachKeysOption,
				{ flags: '-i, --interactive', description: 'As -a, and give it standard input' },
			],
			examples: ['tonnage start web', 'tonnage start -a job'],
			run: startContainers,
		},
		{
			name: 'stop',
			shortcut: 'stop',
			summary: 'Stop running containers',
			operands: [containers],
			options: [graceOption],
			examples: ['tonnage stop web', 'tonnage stop -t 1 web job'],
			run: (call) => stopContainers(call, 'stop'),
		},
		{
			name: 'restart',
			shortcut: 'restart',
			summary: 'Stop containers and start them again',
			operands: [containers],
			options: [graceOption],
			examples: ['tonnage restart web'],
			run: (call) => stopContainers(call, 'restart'),
		},
		{
			name: 'kill',
			shortcut: 'kill',
			summary: 'Send a signal to running containers',
			operands: [containers],
			options: [{ flags: '-s, --signal <signal>', description: 'Which one (SIGKILL)' }],
			examples: ['tonnage kill web', 'tonnage kill -s HUP web'],
			run: killContainers,
		},
		{
			name: 'pause',
			shortcut: 'pause',
			summary: 'Stop all processes of containers where they stand',
			operands: [containers],
			options: [],
			examples: ['tonnage pause web'],
			run: (call) => pauseContainers(call, 'pause'),
		},
		{
			name: 'unpause',
			shortcut: 'unpause',
			summary: 'Let paused containers go on',
			operands: [containers],
			options: [],
			examples: ['tonnage unpause web'],
			run: (call) => pauseContainers(call, 'unpause'),
		},
		{
			name: 'wait',
			shortcut: 'wait',
			summary: 'Wait until containers have stopped, and print their exit codes',
			operands: [containers],
			options: [],
			examples: ['tonnage wait job'],
			run: waitForContainers,
		},
		{
			name: 'rm',
			aliases: ['remove'],
			shortcut: 'rm',
			summary: 'Remove containers with their writable layers',
			operands: [containers],
			options: [
				{ flags: '-f, --force', description: 'Also running ones: they are killed first' },
				{ flags: '-v, --volumes', description: 'With their anonymous volumes' },
			],
			examples: ['tonnage rm job', 'tonnage rm -f web'],
			run: removeContainers,
		},
		{
			name: 'logs',
			shortcut: 'logs',
			summary: 'Show what a container wrote',
			operands: [container],
			options: [
				{ flags: '-f, --follow', description: 'Go on as long as it runs' },
				{ flags: '-n, --tail <count>', description: 'Only so many lines from the end (all)' },
				{ flags: '-t, --timestamps', description: 'Each line with its time' },
				{ flags: '--since <time>', description: 'Only since then: 10m, 2026-11-20T18:00:00Z' },
			],
			examples: ['tonnage logs --tail 20 -f web', 'tonnage logs -t --since 10m web'],
			run: showLogs,
		},
		{
			name: 'inspect',
			summary: 'Show everything about containers, as JSON',
			operands: [containers],
			options: [inspectFormatOption, { flags: '-s, --size', description: 'With sizes (they are always there)' }],
			examples: ["tonnage container inspect -f '{{.State.ExitCode}}' job"],
			run: inspectContainers,
		},
		{
			name: 'commit',
			shortcut: 'commit',
			summary: 'Make an image of a container’s files',
			operands: [container, { name: 'REPOSITORY[:TAG]', description: 'Name of the new image', optional: true }],
			options: [
				{ flags: '-a, --author <author>', description: 'Who made it' },
				{
					flags: '-c, --change <instruction>',
					description: 'A Dockerfile instruction to apply, e.g. "CMD sh"; may be given several times',
					repeatable: true,
				},
				{ flags: '-m, --message <text>', description: 'Comment in the history' },
				{ flags: '-p, --pause', description: 'Pause a running container meanwhile (that is so without it)' },
				{ flags: '--no-pause', description: 'Let it run; files may change while they are read' },
			],
			examples: ["tonnage commit -m 'with the fix' web app:2"],
			run: commitContainer,
		},
		{
			name: 'diff',
			shortcut: 'diff',
			summary: 'Show which files a container added (A), changed (C) or deleted (D)',
			operands: [container],
			options: [],
			examples: ['tonnage diff web'],
			run: showChanges,
		},
		...upkeepVerbs,
		{
			name: 'prune',
			summary: 'Remove stopped containers',
			operands: [],
			options: [...pruneOptions],
			examples: ['tonnage container prune --dry-run', 'tonnage container prune -f --filter until=24h'],
			run: pruneContainers,
		},
	],
};
