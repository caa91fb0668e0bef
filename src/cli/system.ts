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
