import type { ContainerSummary } from '../engine/model.ts';
import { humanDuration } from './human-duration.ts';

/** What STATUS is made of. */
export type StatusFacts = Pick<ContainerSummary, 'status' | 'exitCode' | 'startedAt' | 'finishedAt'>;

/** STATUS as Docker writes it: `Up 2 hours`, `Exited (0) 5 minutes ago`, `Created`. */
export function statusText(container: StatusFacts, now: number): string {
	const since = (at: number | undefined) => humanDuration(Math.max(0, now - (at ?? now)));
	const ended = `(${container.exitCode ?? 0}) ${since(container.finishedAt)} ago`;
	switch (container.status) {
		case 'running':
			return `Up ${since(container.startedAt)}`;
		case 'paused':
			return `Up ${since(container.startedAt)} (Paused)`;
		case 'restarting':
			return `Restarting ${ended}`;
		case 'dead':
			return 'Dead';
		case 'created':
			return 'Created';
		case 'exited':
			return container.finishedAt === undefined ? 'Created' : `Exited ${ended}`;
		default: {
			const never: never = container.status;
			return never;
		}
	}
}
