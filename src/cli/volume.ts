import { inspectVolumes } from './container-inspect.ts';
import { filterOption } from './filters.ts';
import { inspectFormatOption } from './inspection.ts';
import { formatOption } from './listing.ts';
import { pruneOptions, pruneVolumes } from './prune.ts';
import type { VerbGroup } from './verb.ts';
import { createVolume, removeVolumes } from './volume-change.ts';
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
			name: 'create',
			summary: 'Make a volume',
			details:
				'Without a name one is made up, and the volume counts as anonymous. One that is there already stays as it is.',
			operands: [{ name: 'VOLUME', description: 'Its name', optional: true }],
			options: [{ flags: '--label <label>', description: 'key=value; may be given several times', repeatable: true }],
			examples: ['tonnage volume create data', 'tonnage volume create --label keep=yes data'],
			run: createVolume,
		},
		{
			name: 'inspect',
			summary: 'Show everything about volumes, as JSON',
			operands: [{ name: 'VOLUME', description: 'A name', variadic: true }],
			options: [inspectFormatOption],
			examples: ['tonnage volume inspect data', "tonnage volume inspect -f '{{.Mountpoint}}' data"],
			run: inspectVolumes,
		},
		{
			name: 'rm',
			aliases: ['remove'],
			summary: 'Remove volumes with everything in them',
			operands: [{ name: 'VOLUME', description: 'A name', variadic: true }],
			options: [{ flags: '-f, --force', description: 'What is not there is no failure' }],
			examples: ['tonnage volume rm data'],
			run: removeVolumes,
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
