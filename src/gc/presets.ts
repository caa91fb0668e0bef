import { EngineError } from '../engine/errors.ts';
import type { Instant } from '../engine/model.ts';
import type { DemotableRoot, Demotion, LabelFilter, Policy } from './policy.ts';

/** What a prune verb of Docker's asks for. */
export interface PruneRequest {
	readonly verb: 'image' | 'container' | 'volume' | 'system';
	/** `-a`: named things that nothing uses, too. */
	readonly all?: boolean;
	/** `--volumes` of `system prune`. */
	readonly volumes?: boolean;
	/** `--filter until=`: only what was created before. */
	readonly until?: Instant | undefined;
	readonly labels?: readonly LabelFilter[];
}

/**
 * The policy of a prune verb: Docker's meaning, and no grace, as Docker has none. What nothing reaches at all goes
 * with every verb, whatever the filters say: dead ingests, orphans, and the image that was hidden for a container
 * that goes.
 * @throws EngineError invalid-argument where `until` meets volumes, which have no age that Docker would ask for
 */
export function prunePolicy(request: PruneRequest): Policy {
	const { verb, all = false, volumes = false, until, labels = [] } = request;
	const takesVolumes = verb === 'volume' || (verb === 'system' && volumes);
	if (takesVolumes && until !== undefined) {
		throw new EngineError('invalid-argument', { argument: '--filter until', why: 'it cannot be used with volumes' });
	}
	const rules: readonly (readonly [DemotableRoot, string])[] = [
		...(verb === 'container' || verb === 'system' ? [['container', 'stopped container'] as const] : []),
		...(verb === 'image' || verb === 'system' ? [['untagged', 'dangling image'] as const] : []),
		...((verb === 'image' || verb === 'system') && all ? [['tag', 'unused image'] as const] : []),
		...(takesVolumes ? [['anonymous-volume', 'unused anonymous volume'] as const] : []),
		...(verb === 'volume' && all ? [['named-volume', 'unused volume'] as const] : []),
	];
	return {
		name: `${verb} prune${all && verb !== 'container' ? ' -a' : ''}${verb === 'system' && volumes ? ' --volumes' : ''}`,
		demotions: rules.map(([root, rule]): Demotion => ({ roots: [root], rule, createdBefore: until, labels })),
		graceMs: 0,
	};
}

/** Takes nothing but what nothing reaches: the plan of what is garbage already. */
export const garbagePolicy: Policy = { name: 'garbage', demotions: [], graceMs: 0 };
