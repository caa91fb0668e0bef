import { shortDigest } from '../engine/digest.ts';
import type { Resource, ResourceKey, ResourceKind } from '../engine/model.ts';
import { describeReason, findFate, nameOf } from '../gc/explain.ts';
import type { Plan } from '../gc/model.ts';
import { exactBytes, humanSize } from './human-size.ts';
import { printable } from './printable.ts';
import { shorten } from './shorten.ts';
import { renderTable } from './table.ts';

/** How many lines each side of a plan has unless everything was asked for. */
const shownRemovals = 20;
const shownKeeps = 10;
const nameColumns = 44;

/** What people look for first. */
const kindOrder: readonly ResourceKind[] = [
	'container',
	'image',
	'volume',
	'orphan',
	'ingest',
	'trash',
	'layer',
	'tag',
	'blob',
	'lease',
];

/**
 * A plan as text: what goes and why, with its own allocated bytes (they add up to the total) and with what would go
 * with it alone; then what stays and what holds it. Shortened unless `full`, with a count of the rest.
 */
export function renderPlan(plan: Plan, { full }: { readonly full: boolean }): string {
	const goes = full ? plan.removals : byKind(plan.removals);
	const stays = byKind(plan.kept);
	return [
		`Plan ${shortDigest(plan.id)} of "${plan.policy.name}"\n`,
		side({
			title: 'GOES',
			entries: goes,
			limit: full ? Number.POSITIVE_INFINITY : shownRemovals,
			columns: ['BYTES', 'ALONE', 'WHY'],
			cells: ({ resource, aloneBytes }) => [
				grouped(resource.diskBytes),
				grouped(aloneBytes),
				whyGone(plan, resource.key),
			],
			plan,
			full,
		}),
		side({
			title: 'STAYS',
			entries: stays,
			limit: full ? Number.POSITIVE_INFINITY : shownKeeps,
			columns: ['BYTES', 'WHY'],
			cells: ({ resource }) => [grouped(resource.diskBytes), describeReason(plan, resource.key)],
			plan,
			full,
		}),
	].join('\n');
}

/** Bytes for people who check: exact, and rounded beside. */
export function bothSizes(bytes: number): string {
	return bytes < 1000 ? exactBytes(bytes) : `${exactBytes(bytes)} (${humanSize(bytes, 4)})`;
}

/** `1 thing`, `7 things`. */
export function countThings(count: number): string {
	return `${count} thing${count === 1 ? '' : 's'}`;
}

interface Side<Entry> {
	readonly title: string;
	readonly entries: readonly Entry[];
	readonly limit: number;
	readonly columns: readonly string[];
	readonly cells: (entry: Entry) => readonly string[];
	readonly plan: Plan;
	readonly full: boolean;
}

function side<Entry extends { readonly resource: Resource }>(options: Side<Entry>): string {
	const { title, entries, limit, columns, cells, plan, full } = options;
	if (entries.length === 0) return `${title}: nothing\n`;
	const shown = entries.slice(0, limit);
	const rows = shown.map((entry) => {
		const name = printable(nameOf(entry.resource, plan.takenAt));
		return [full ? name : shorten(name, nameColumns), ...cells(entry).map((cell) => printable(cell))];
	});
	const lines = alignFigures([[title, ...columns], ...rows]);
	const rest = entries.slice(limit);
	const more =
		rest.length === 0 ? '' : `… and ${rest.length} more with ${exactBytes(sumOf(rest))}; --verbose shows them\n`;
	return `${renderTable(lines)}${more}${countThings(entries.length)}, ${bothSizes(sumOf(entries))}\n`;
}

/** A name is only the handle of its image: what speaks against the name is what speaks against the image. */
function whyGone(plan: Plan, key: ResourceKey): string {
	const fate = findFate(plan, key);
	const isNamed = fate?.reason.type === 'unneeded' && fate.reason.by.kind === 'tag' && key.kind === 'image';
	return describeReason(plan, isNamed ? fate.reason.by : key);
}

function byKind<Entry extends { readonly resource: Resource }>(entries: readonly Entry[]): readonly Entry[] {
	const rank = ({ resource }: Entry) => kindOrder.indexOf(resource.key.kind);
	return entries.toSorted(
		(left, right) => rank(left) - rank(right) || right.resource.diskBytes - left.resource.diskBytes,
	);
}

/** Between the name and the reason everything is a figure, and figures end at the same column. */
function alignFigures(lines: readonly (readonly string[])[]): readonly (readonly string[])[] {
	const widths: number[] = [];
	for (const line of lines)
		line.forEach((cell, column) => {
			widths[column] = Math.max(widths[column] ?? 0, cell.length);
		});
	return lines.map((line) =>
		line.map((cell, column) =>
			column === 0 || column === line.length - 1 ? cell : cell.padStart(widths[column] ?? 0),
		),
	);
}

function sumOf(entries: readonly { readonly resource: Resource }[]): number {
	return entries.reduce((sum, { resource }) => sum + resource.diskBytes, 0);
}

function grouped(bytes: number): string {
	return exactBytes(bytes).replace(/ B$/, '');
}
