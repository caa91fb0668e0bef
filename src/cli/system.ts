import { eventFilterKeys, showEvents } from './events.ts';
import { filterOption } from './filters.ts';
import { formatOption } from './listing.ts';
import { pruneOptions, pruneSystem } from './prune.ts';
import { showDiskUsage } from './system-df.ts';
import type { VerbGroup } from './verb.ts';

/** `tonnage system …`. */
export const systemVerbs: VerbGroup = {
	noun: 'system',
	summary: 'See where the bytes are, and free them',
	verbs: [
		{
			name: 'df',
			summary: 'Show how much the store holds and how much of it could go',
			details:
				'SIZE and RECLAIMABLE are apparent bytes, as Docker counts. DISK and FREES are allocated bytes: what the disk really loses, and what the prune verbs with -a would give back. The lines down to Total add up to it.',
			operands: [],
			options: [
				formatOption,
				{ flags: '-v, --verbose', description: 'Every image, container and volume with what it weighs' },
			],
			examples: ['tonnage system df', 'tonnage system df -v', 'tonnage system df --format json'],
			run: showDiskUsage,
		},
		{
			name: 'events',
			shortcut: 'events',
			summary: 'Show what changes, as it happens',
			details:
				'The store keeps its last ten thousand events. With --since those come first; with --until it ends there.',
			operands: [],
			options: [
				filterOption(eventFilterKeys),
				{ flags: '--format <format>', description: '"json" (one object a line), or a template such as "{{.Action}}"' },
				{ flags: '--since <time>', description: 'Also what has happened since then: 10m, 2026-11-20T18:00:00Z' },
				{ flags: '--until <time>', description: 'Only until then' },
			],
			examples: [
				'tonnage events --since 10m --filter type=container',
				'tonnage events --filter event=die --format json',
			],
			run: showEvents,
		},
		{
			name: 'prune',
			summary: 'Remove stopped containers and the images that nothing needs',
			operands: [],
			options: [
				{ flags: '-a, --all', description: 'Also images with a name that no container uses' },
				{ flags: '--volumes', description: 'Also anonymous volumes that no container uses' },
				...pruneOptions,
			],
			examples: ['tonnage system prune --dry-run', 'tonnage system prune -a -f --filter until=168h'],
			run: pruneSystem,
		},
	],
};
