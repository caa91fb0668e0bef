import type { Resource, ResourceKey } from '../../engine/model.ts';
import { describeReason, findFate, nameOf, pathTo } from '../../gc/explain.ts';
import type { Plan, PlannedRemoval } from '../../gc/model.ts';
import { keyText } from '../collect-state.ts';
import type { TableCell } from '../components/table.tsx';
import { cleanText, formatBytes, shortId } from '../format.ts';
import type { AppState } from '../state.ts';
import { stepText } from './layer-list.ts';
import { byFigure, byText, type ListModel } from './list-model.ts';

/** What becomes of one line of the collect screen. */
export type CandidateFate =
	/** Marked: it goes. */
	| 'goes'
	/** Unmarked by hand. */
	| 'unmarked'
	/** Something that was unmarked needs it. */
	| 'needed'
	/** Not a candidate of this policy. */
	| 'kept';

/** One line of the collect screen: a candidate, or a thing that is kept. */
export interface CollectRow {
	readonly key: string;
	readonly resource: Resource;
	readonly label: string;
	readonly fate: CandidateFate;
	/** How deep below the thing that it goes with. */
	readonly depth: number;
	/** Place among all lines when they are grouped by reason. */
	readonly place: number;
	readonly why: string;
	/** What removing this alone would free; undefined for what is kept. */
	readonly aloneBytes: number | undefined;
}

const boxes: Readonly<Record<CandidateFate, TableCell>> = {
	goes: { text: '[x]', tone: 'warning' },
	unmarked: { text: '[ ]', tone: 'plain' },
	needed: { text: '[-]', tone: 'muted' },
	kept: { text: ' = ', tone: 'good' },
};

/** Candidates grouped by reason, each with what goes along below it; then, if asked for, what is kept. */
export const collectList: ListModel<CollectRow> = {
	rows: collectRows,
	key: (row) => row.key,
	searchText: (row) => `${row.label} ${row.resource.key.kind} ${row.why} ${shortId(row.resource.key.id)}`,
	noun: ['thing', 'things'],
	rowTone: (row) => (row.fate === 'goes' ? 'plain' : 'muted'),
	empty: emptyCollection,
	columns: [
		{ id: 'fate', title: '', priority: 0, width: [3, 3], cell: (row) => boxes[row.fate] },
		{
			id: 'label',
			title: 'WHAT',
			priority: 0,
			width: [14, 56],
			cell: (row) => `${row.depth === 0 ? '' : `${'  '.repeat(row.depth - 1)}└ `}${row.label}`,
			compare: byText((row) => row.label),
		},
		{
			id: 'kind',
			title: 'KIND',
			priority: 3,
			width: [9, 9],
			cell: (row) => row.resource.key.kind,
			compare: byText((row) => row.resource.key.kind),
		},
		{
			id: 'disk',
			title: 'DISK',
			priority: 0,
			width: [6, 6],
			align: 'right',
			cell: (row) => formatBytes(row.resource.diskBytes),
			compare: byFigure((row) => row.resource.diskBytes),
			descending: true,
		},
		{
			id: 'alone',
			title: 'FREES',
			priority: 2,
			width: [6, 7],
			align: 'right',
			cell: (row) => (row.aloneBytes === undefined ? '' : formatBytes(row.aloneBytes)),
			compare: byFigure((row) => row.aloneBytes),
			descending: true,
		},
		{
			id: 'reason',
			title: 'WHY',
			priority: 0,
			width: [16, 60],
			cell: (row) => row.why,
			compare: (one, other) => one.place - other.place,
		},
	],
};

const keptPrefix = 'kept ';

/** The key of the candidate that a row's key stands for; undefined for a row of what is kept. */
export function candidateKey(rowKey: string | undefined): string | undefined {
	return rowKey === undefined || rowKey.startsWith(keptPrefix) ? undefined : rowKey;
}

/** What a person calls a stored thing. */
export function resourceName(resource: Resource): string {
	const { key, label } = resource;
	if (key.kind === 'layer') return stepText(label);
	const isNameless = key.kind === 'image' && label === shortId(key.id);
	return isNameless ? `<none> ${label}` : cleanText(label);
}

/** Why something goes, in a few words; what it goes with stands above it. */
export function removalText(plan: Plan, { resource, reason }: PlannedRemoval): string {
	return reason.type === 'unneeded' ? `with that ${reason.by.kind}` : cleanText(describeReason(plan, resource.key));
}

/** Why a kept thing stays: the path to the root that holds it, or the root's own word. */
export function keepText(plan: Plan, key: ResourceKey): string {
	const path = pathTo(plan, key).slice(1);
	const steps = path.filter(({ kind }, index) => !(kind === 'layer' && index < path.length - 1));
	if (steps.length === 0) return describeReason(plan, key);
	return `← ${steps.map((step) => nameAt(plan, step)).join(' ← ')}`;
}

let remembered: { readonly inputs: readonly unknown[]; readonly rows: readonly CollectRow[] } | undefined;

function collectRows(state: AppState): readonly CollectRow[] {
	const { full, plan, unmarked, showKept } = state.collect;
	if (full === undefined || plan === undefined) return [];
	const inputs = [full, plan, unmarked, showKept];
	// Moving the cursor asks again and again for the same rows.
	if (!inputs.every((input, index) => input === remembered?.inputs[index])) {
		const candidates = candidateRows(full, plan, unmarked);
		remembered = { inputs, rows: showKept ? [...candidates, ...keptRows(full, candidates.length)] : candidates };
	}
	return remembered?.rows ?? [];
}

function candidateRows(full: Plan, plan: Plan, unmarked: ReadonlySet<string>): readonly CollectRow[] {
	const going = new Set(plan.removals.map(({ resource }) => keyText(resource.key)));
	const below = Map.groupBy(full.removals, ({ reason }) => (reason.type === 'unneeded' ? keyText(reason.by) : ''));
	const rows: CollectRow[] = [];
	const add = (removal: PlannedRemoval, depth: number) => {
		const key = keyText(removal.resource.key);
		rows.push({
			key,
			resource: removal.resource,
			label: resourceName(removal.resource),
			fate: going.has(key) ? 'goes' : unmarked.has(key) ? 'unmarked' : 'needed',
			depth: Math.min(depth, 3),
			place: rows.length,
			why: removalText(full, removal),
			aloneBytes: removal.aloneBytes,
		});
		const children = [...(below.get(key) ?? [])].sort((one, other) => other.aloneBytes - one.aloneBytes);
		for (const child of children) add(child, depth + 1);
	};
	const top = [...(below.get('') ?? [])];
	const reasons = [...new Set(top.map((removal) => removalText(full, removal)))];
	top.sort(
		(one, other) =>
			reasons.indexOf(removalText(full, one)) - reasons.indexOf(removalText(full, other)) ||
			other.aloneBytes - one.aloneBytes,
	);
	for (const removal of top) add(removal, 0);
	return rows;
}

function keptRows(full: Plan, before: number): readonly CollectRow[] {
	return full.kept.map(({ resource }, index) => ({
		key: keptPrefix + keyText(resource.key),
		resource,
		label: resourceName(resource),
		fate: 'kept',
		depth: 0,
		place: before + index,
		why: cleanText(keepText(full, resource.key)),
		aloneBytes: undefined,
	}));
}

function nameAt(plan: Plan, key: ResourceKey): string {
	const resource = findFate(plan, key)?.resource;
	return resource === undefined ? keyText(key) : nameOf(resource, plan.takenAt);
}

function emptyCollection(state: AppState): readonly string[] {
	if (state.world === undefined) return ['Looking at what is stored…'];
	return ['Nothing to remove under this policy.', '', '] chooses another policy, v shows what is kept and why.'];
}
