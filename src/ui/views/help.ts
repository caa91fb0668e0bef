import { commandOf, disabledReason } from '../commands.ts';
import type { HelpEntry, HelpGroup } from '../components/help-layout.ts';
import { type Binding, bindingsIn, chordName, type KeyContext } from '../keymap.ts';
import { type AppState, topOverlay } from '../state.ts';

/** How places are called in the help and in docs/keys.md. */
export const contextTitles: Readonly<Record<KeyContext, string>> = {
	overview: 'Overview',
	containers: 'Containers',
	images: 'Images',
	layers: 'Layers',
	collect: 'Collect',
	help: 'This help',
	detail: 'Details',
	inspect: 'Inspect',
	logs: 'Logs',
	filter: 'While typing a filter',
	confirm: 'In a question',
};

/** How families of commands are called, by the first part of their id, in the order of the help. */
const familyTitles: readonly (readonly [family: string, title: string])[] = [
	['container', 'Containers'],
	['image', 'Images'],
	['collect', 'Collect'],
	['logs', 'Logs'],
	['list', 'List'],
	['move', 'Moving'],
	['screen', 'Screens'],
	['dialog', 'In a question'],
	['text', 'While typing'],
	['app', 'Everywhere'],
];

/** The keys of a place with their commands, grouped by what they are about. */
export function groupsFor(context: KeyContext, note?: (binding: Binding) => string | undefined): readonly HelpGroup[] {
	const bindings = bindingsIn(context);
	return familyTitles.flatMap(([family, title]) => {
		const own = bindings.filter(({ command }) => command.startsWith(`${family}.`));
		if (own.length === 0) return [];
		const entries = own.map((binding): HelpEntry => {
			const { title: entryTitle, danger = false } = commandOf(binding.command);
			return { keys: binding.keys.map(chordName).join(' '), title: entryTitle, danger, note: note?.(binding) };
		});
		return [{ title, entries }];
	});
}

/** The help over a place: its keys, and those of the log view and of questions, which have no room for a help of their own. */
export function helpGroups(state: AppState): readonly HelpGroup[] {
	const context = helpContext(state);
	const here = groupsFor(context, ({ command }) => {
		// Only what a key would answer with; the sentence itself comes when it is pressed.
		return disabledReason(command, state) === undefined ? undefined : 'not now';
	});
	if (context === 'logs') return here;
	const elsewhere = (['logs', 'confirm', 'filter'] as const).map(
		(place): HelpGroup => ({
			title: contextTitles[place],
			entries: groupsFor(place)
				.filter(({ title }) => (place === 'logs' ? title === 'Logs' : title !== 'Everywhere' && title !== 'Moving'))
				.flatMap(({ entries }) => entries),
		}),
	);
	return [...here, ...elsewhere];
}

function helpContext(state: AppState): KeyContext {
	const below = state.stack.filter(({ type }) => type !== 'help').at(-1);
	return topOverlay(state)?.type === 'help' ? (below?.type ?? state.tab) : state.tab;
}
