import { type CommandId, commandOf, disabledReason } from '../commands.ts';
import { textWidth } from '../components/fit-text.ts';
import type { KeyHint } from '../components/key-bar.tsx';
import type { Tone } from '../components/tone.ts';
import { cleanText, formatBytes, formatNumberOf } from '../format.ts';
import { bindingsIn, chordName } from '../keymap.ts';
import { keyContext } from '../resolve-key.ts';
import { type AppState, currentList, runningContainers, type TabId, tabs, topPager } from '../state.ts';
import { fitLine, type Line, lineWidth, type Span, span, spread } from './lines.ts';
import { chosenImages, listNoun, rowCount, visibleKeys } from './lists.ts';

/** The first line: who and where we are, and how full the disk is. */
export function headerLine(state: AppState): Line {
	const { kind, endpoint } = state.identity;
	const space = state.world?.inventory.filesystem;
	const left: Line = [
		' ',
		span('tonnage', 'strong'),
		span(`  ${kind}  `, 'accent'),
		span(cleanText(endpoint), 'muted'),
	];
	if (space === undefined) return spread(left, [], state.columns);
	const ratio = space.capacityBytes === 0 ? 1 : space.availableBytes / space.capacityBytes;
	const tone: Tone = ratio < 0.05 ? 'bad' : ratio < 0.15 ? 'warning' : 'plain';
	const free = span(`${formatBytes(space.availableBytes)} free`, tone);
	return spread(left, ['  ', free, span(` of ${formatBytes(space.capacityBytes)} `, 'muted')], state.columns);
}

const tabTitles: Readonly<Record<TabId, string>> = {
	overview: 'Overview',
	containers: 'Containers',
	images: 'Images',
	layers: 'Layers',
	collect: 'Collect',
};

/** The numbered screens with what is in them, and the rule below with the present one drawn heavy. */
export function tabLines(
	state: AppState,
	rule: { readonly light: string; readonly heavy: string },
): readonly [Line, Line] {
	const full = tabs.map((tab, index) => `${index + 1} ${tabTitles[tab]}${tabCount(state, tab)}`);
	const brief = tabs.map((tab, index) => `${index + 1} ${tabTitles[tab]}`);
	const room = state.columns - 2 * tabs.length - 1;
	const texts = full.reduce((sum, text) => sum + textWidth(text), 0) <= room ? full : brief;
	const gap = texts === full ? '   ' : '  ';
	const titles: (Span | string)[] = [' '];
	const below: Span[] = [span(rule.light, 'muted')];
	for (const [index, text] of texts.entries()) {
		const active = tabs[index] === state.tab;
		const last = index === texts.length - 1;
		titles.push(span(text, active ? 'accent' : 'muted'), last ? '' : gap);
		below.push(
			active ? span(rule.heavy.repeat(textWidth(text)), 'accent') : span(rule.light.repeat(textWidth(text)), 'muted'),
		);
		if (!last) below.push(span(rule.light.repeat(gap.length), 'muted'));
	}
	const used = lineWidth(below);
	below.push(span(rule.light.repeat(Math.max(0, state.columns - used)), 'muted'));
	return [fitLine(titles, state.columns), fitLine(below, state.columns)];
}

function tabCount(state: AppState, tab: TabId): string {
	if (state.world === undefined) return '';
	switch (tab) {
		case 'overview':
			return '';
		case 'containers': {
			const running = runningContainers(state).length;
			return ` ${running === 0 ? '' : `${running}/`}${state.world.containers.length}`;
		}
		case 'images':
			return ` ${state.world.images.length}`;
		case 'layers':
			return ` ${rowCount(state, 'layers')}`;
		case 'collect':
			return state.summary === undefined ? '' : ` ${formatBytes(state.summary.unused.bytes)}`;
	}
}

/** The line above the key bar: how much of the list is in sight, and what is under way. */
export function statusLine(state: AppState): Line {
	const work = [...new Set(state.work.values())].map((word) => cleanText(word)).join(', ');
	const right: Line = work === '' ? [] : [span(`${work}… `, 'warning')];
	const list = topPager(state) === undefined ? currentList(state) : undefined;
	if (list === undefined || state.world === undefined) return spread([], right, state.columns);
	const { filter, marked } = state.lists[list];
	const [singular, plural] = listNoun(list);
	const total = rowCount(state, list);
	const words = [
		filter === ''
			? formatNumberOf(total, singular, plural)
			: `${visibleKeys(state, list).length} of ${formatNumberOf(total, singular, plural)} with "${cleanText(filter)}"`,
		...(marked.size === 0 ? [] : [`${marked.size} marked${markedBytes(state)}`]),
	];
	return spread([span(` ${words.join(' · ')}`, 'muted')], right, state.columns);
}

function markedBytes(state: AppState): string {
	if (state.tab === 'containers') {
		const marked = state.world?.containers.filter(({ id }) => state.lists.containers.marked.has(id)) ?? [];
		return `, ${formatBytes(marked.reduce((sum, { diskBytes }) => sum + (diskBytes ?? 0), 0))} on disk`;
	}
	if (state.tab !== 'images') return '';
	const images = new Map(chosenImages(state).map(({ image }) => [image.id, image.uniqueBytes ?? 0]));
	return `, ${formatBytes([...images.values()].reduce((sum, bytes) => sum + bytes, 0))} unique`;
}

/** The keys of the place that has them, the most important first; those that do nothing now are marked. */
export function keyHints(state: AppState): readonly KeyHint[] {
	// Where there is little room, keys that do nothing now would only push others out of sight.
	const isShown = (command: CommandId) => state.columns >= 100 || disabledReason(command, state) === undefined;
	return bindingsIn(keyContext(state))
		.filter(({ bar, command }) => bar !== undefined && isShown(command))
		.sort((one, other) => (one.bar ?? 0) - (other.bar ?? 0))
		.map(({ command, keys, pinned = false }) => ({
			keys: chordName(keys[0] ?? ''),
			title: commandOf(command).short,
			disabled: disabledReason(command, state) !== undefined,
			pinned,
		}));
}
