import { presetIds, presetOf } from '../collect-presets.ts';
import type { SweepState } from '../collect-state.ts';
import { formatBytes, formatNumberOf } from '../format.ts';
import type { AppState } from '../state.ts';
import { blankLine, fitLine, type Line, span } from './lines.ts';

/** The lines above the collect screen's table: the policy, and what it would free or has freed. */
export function collectHead(state: AppState, width: number): readonly Line[] {
	return [policyLine(state, width), outcomeLine(state), blankLine].map((line) => fitLine(line, width));
}

function policyLine(state: AppState, width: number): Line {
	const { preset } = state.collect;
	const { title, command } = presetOf(preset);
	const place = `${presetIds.indexOf(preset) + 1} of ${presetIds.length}`;
	return [
		'  ',
		span('‹ ', 'muted'),
		span(title, 'strong'),
		span(` › ${place}`, 'muted'),
		width >= 90 ? span(`   as ${command}`, 'muted') : '',
	];
}

function outcomeLine({ collect }: AppState): Line {
	const { sweep, full, plan } = collect;
	if (sweep !== undefined) return sweepLine(sweep);
	if (full === undefined || plan === undefined) return ['  ', span('Looking at what is stored…', 'muted')];
	const marked = span(formatBytes(plan.reclaimableBytes), plan.reclaimableBytes > 0 ? 'warning' : 'plain');
	const things = formatNumberOf(full.removals.length, 'thing');
	if (full.removals.length === 0) return ['  Nothing to free.'];
	if (plan === full) return ['  Would free ', marked, ` with ${things}.`];
	return ['  Would free ', marked, ` of ${formatBytes(full.reclaimableBytes)}, ${plan.removals.length} of ${things}.`];
}

function sweepLine({ plan, status, freedBytes, removedCount, left, aborted }: SweepState): Line {
	const freed = `${formatBytes(freedBytes)} of ${formatBytes(plan.reclaimableBytes)} planned`;
	if (status === 'running') {
		return ['  ', span('Removing… ', 'warning'), `${removedCount} of ${plan.removals.length}, freed ${freed}`];
	}
	const word = left.length > 0 || aborted ? span('Partly done: ', 'warning') : span('Done: ', 'good');
	const rest = left.length === 0 ? '' : `, ${left.length} left`;
	return ['  ', word, `freed ${freed}, ${removedCount} removed${rest}.`];
}
