import { expect, test } from 'vitest';
import { type StatusFacts, statusText } from '../../src/cli/container-status.ts';

const now = Date.UTC(2026, 10, 20, 12);
const hour = 3_600_000;
const never = { exitCode: undefined, startedAt: undefined, finishedAt: undefined };

test.each<[StatusFacts, string]>([
	[{ ...never, status: 'created' }, 'Created'],
	[{ ...never, status: 'running', startedAt: now - 2 * hour }, 'Up 2 hours'],
	[{ ...never, status: 'paused', startedAt: now - 60_000 }, 'Up About a minute (Paused)'],
	[{ status: 'exited', exitCode: 0, startedAt: now - hour, finishedAt: now - 300_000 }, 'Exited (0) 5 minutes ago'],
	[
		{ status: 'exited', exitCode: 137, startedAt: now - hour, finishedAt: now - 500 },
		'Exited (137) Less than a second ago',
	],
	[
		{ status: 'restarting', exitCode: 1, startedAt: now - hour, finishedAt: now - 3000 },
		'Restarting (1) 3 seconds ago',
	],
	[{ ...never, status: 'dead' }, 'Dead'],
])('%o is shown as "%s"', (facts, text) => {
	expect(statusText(facts, now)).toBe(text);
});
