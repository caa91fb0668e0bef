import { isDigest } from '../../engine/digest.ts';
import { describePath, describeReason, findFate, pathTo } from '../../gc/explain.ts';
import type { Plan } from '../../gc/model.ts';
import { cleanText, formatAgo, formatBytes, shortId } from '../format.ts';
import type { AppState } from '../state.ts';
import { type CollectRow, collectList } from './collect-list.ts';
import { factLines, type Line } from './lines.ts';

/** Why the thing under the cursor goes or stays, with the whole path that keeps it. */
export function collectLines(state: AppState, width: number): readonly Line[] {
	const { plan, full } = state.collect;
	const key = state.lists.collect.cursorKey;
	const row = collectList.rows(state).find((one) => one.key === key);
	if (row === undefined || plan === undefined || full === undefined) return [];
	const fact = (label: string, text: string) => factLines(label, text, width);
	const { resource } = row;
	const detail = resource.detail === '' ? '' : `, ${cleanText(resource.detail)}`;
	return [
		...fact('What', `${resource.key.kind} ${row.label}${detail} ${idWords(resource.key.id)}`),
		...fact('Bytes', bytesWords(row)),
		...fact(
			'Used',
			`stored ${formatAgo(resource.storedAt, state.now)}${resource.lastUsedAt === undefined ? '' : `, last used ${formatAgo(resource.lastUsedAt, state.now)}`}`,
		),
		...fact(row.fate !== 'goes' ? 'Stays' : 'Goes', whyWords(row, row.fate === 'kept' ? full : plan)),
	];
}

function whyWords(row: CollectRow, plan: Plan): string {
	const { key } = row.resource;
	if (row.fate === 'unmarked') return 'you unmarked it; it stays with everything that it needs';
	const path = describePath(plan, key);
	const end = pathTo(plan, key).at(-1) ?? key;
	const fate = findFate(plan, end);
	// Such a pin is this screen's own way of keeping what was unmarked.
	const isUnmarked = fate?.type === 'kept' && fate.reason.type === 'root' && fate.reason.root === 'pinned';
	return cleanText(`${path}: ${isUnmarked ? 'you unmarked it' : describeReason(plan, end)}`);
}

function idWords(id: string): string {
	return isDigest(id) ? ` (${shortId(id)})` : '';
}

function bytesWords({ resource, aloneBytes }: CollectRow): string {
	const own = `${formatBytes(resource.diskBytes)} on disk`;
	return aloneBytes === undefined || aloneBytes === resource.diskBytes
		? own
		: `${own}; removing it alone, with what only it needs, frees ${formatBytes(aloneBytes)}`;
}
