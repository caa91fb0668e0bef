import type { Policy } from '../gc/policy.ts';
import { prunePolicy } from '../gc/presets.ts';

/** The policies of the collect screen, in the order of their key: from the most careful to the most thorough. */
export const presetIds = ['dangling', 'stopped', 'unused', 'system', 'system-all'] as const;
export type PresetId = (typeof presetIds)[number];

/** One policy as the screen shows it. */
export interface Preset {
	readonly title: string;
	/** The command that does the same. */
	readonly command: string;
	readonly policy: Policy;
}

const presets: Readonly<Record<PresetId, Preset>> = {
	dangling: { title: 'dangling images', command: 'tonnage image prune', policy: prunePolicy({ verb: 'image' }) },
	stopped: {
		title: 'stopped containers',
		command: 'tonnage container prune',
		policy: prunePolicy({ verb: 'container' }),
	},
	unused: {
		title: 'unused images',
		command: 'tonnage image prune -a',
		policy: prunePolicy({ verb: 'image', all: true }),
	},
	system: {
		title: 'stopped containers and dangling images',
		command: 'tonnage system prune',
		policy: prunePolicy({ verb: 'system' }),
	},
	'system-all': {
		title: 'everything unused',
		command: 'tonnage system prune -a',
		policy: prunePolicy({ verb: 'system', all: true }),
	},
};

/** One preset by its id. */
export function presetOf(id: PresetId): Preset {
	return presets[id];
}

/** The policy behind a preset. */
export function policyOf(id: PresetId): Policy {
	return presets[id].policy;
}

/** The preset `step` places on; it goes round. */
export function nextPreset(id: PresetId, step: 1 | -1): PresetId {
	const index = presetIds.indexOf(id) + step + presetIds.length;
	return presetIds[index % presetIds.length] ?? id;
}
