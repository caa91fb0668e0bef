import { filterOption } from './filters.ts';
import { formatOption } from './listing.ts';
import { pruneOptions, pruneVolumes } from './prune.ts';
import type { VerbGroup } from './verb.ts';
import { listVolumes, volumeFilterKeys } from './volume-list.ts';

/** `tonnage volume …`. */
export const volumeVerbs: VerbGroup = {
	noun: 'volume',
	summary: 'Look at and clear out volumes',
	verbs: [
		{
			name: 'ls',
			aliases: ['list'],
			summary: 'List volumes',
			operands: [],
			options: [filterOption(volumeFilterKeys), formatOption, { flags: '-q, --quiet', description: 'Only the names' }],
			examples: ['tonnage volume ls', 'tonnage volume ls --filter dangling=true -q'],
			run: listVolumes,
		},
		{
			name: 'prune',
			summary: 'Remove volumes that no container uses',
			details: 'Without -a only anonymous ones.',
			operands: [],
			options: [{ flags: '-a, --all', description: 'Also those with a name' }, ...pruneOptions],
			examples: ['tonnage volume prune --dry-run', 'tonnage volume prune -a --filter label!=keep'],
			run: pruneVolumes,
		},
	],
};
