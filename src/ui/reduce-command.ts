import type { CommandId } from './commands.ts';
import { confirmationFor } from './confirmation-for.ts';
import { reduceCollectCommand } from './reduce-collect.ts';
import { moveCursor, pageRows, sortByNext, toggleMark, updateList } from './reduce-lists.ts';
import { changeText, pushOverlay, reduceLogsCommand, scrollPager } from './reduce-overlays.ts';
import { type AppState, currentList, type TabId, tabs, topOverlay, topPager } from './state.ts';

/** The commands that need nothing but the state. Those that need the engine only leave their question here, if they ask one. */
export function reduceCommand(state: AppState, command: CommandId): AppState {
	const [family] = command.split('.');
	switch (family) {
		case 'screen':
			return goToTab(state, tabFor(state, command));
		case 'move':
			return move(state, command);
		case 'list':
			return reduceListCommand(state, command);
		case 'logs':
			return reduceLogsCommand(state, command);
		case 'text':
			return changeText(state, command);
		case 'collect':
			if (command !== 'collect.execute') return reduceCollectCommand(state, command);
			return ask(state, command);
		case 'dialog':
			return reduceDialogCommand(state, command);
		case 'container':
		case 'image':
			return ask(state, command);
		default:
			return reduceAppCommand(state, command);
	}
}

function reduceAppCommand(state: AppState, command: CommandId): AppState {
	if (command === 'app.help') return pushOverlay(state, { type: 'help', offset: 0 });
	if (command === 'app.back') return goBack(state);
	return state;
}

/** One step back: what lies on top, else the marks, else the filter, else the result of a collection. */
function goBack(state: AppState): AppState {
	if (state.stack.length > 0) return { ...state, stack: state.stack.slice(0, -1) };
	const list = currentList(state);
	if (list === undefined) return state;
	if (list === 'collect' && state.collect.sweep?.status === 'finished') {
		return { ...state, collect: { ...state.collect, sweep: undefined } };
	}
	if (state.lists[list].marked.size > 0) return updateList(state, list, { marked: new Set() });
	if (state.lists[list].filter !== '') return updateList(state, list, { filter: '' });
	return state;
}

function tabFor(state: AppState, command: CommandId): TabId {
	const current = tabs.indexOf(state.tab);
	if (command === 'screen.next') return tabs[(current + 1) % tabs.length] ?? state.tab;
	if (command === 'screen.previous') return tabs[(current + tabs.length - 1) % tabs.length] ?? state.tab;
	return tabs.find((tab) => command === `screen.${tab}`) ?? state.tab;
}

function goToTab(state: AppState, tab: TabId): AppState {
	return tab === state.tab ? state : { ...state, tab };
}

function move(state: AppState, command: CommandId): AppState {
	const pager = topPager(state);
	if (pager !== undefined) return scrollPager(state, pager, command);
	const field = topOverlay(state);
	if (field?.type === 'filter' && field.target === 'logs') return state;
	const list = currentList(state);
	if (list === undefined) return state;
	const page = pageRows(state);
	switch (command) {
		case 'move.down':
			return moveCursor(state, list, { by: 1 });
		case 'move.up':
			return moveCursor(state, list, { by: -1 });
		case 'move.page-down':
			return moveCursor(state, list, { by: page });
		case 'move.page-up':
			return moveCursor(state, list, { by: -page });
		case 'move.half-page-down':
			return moveCursor(state, list, { by: Math.ceil(page / 2) });
		case 'move.half-page-up':
			return moveCursor(state, list, { by: -Math.ceil(page / 2) });
		case 'move.top':
			return moveCursor(state, list, { to: 'top' });
		default:
			return moveCursor(state, list, { to: 'bottom' });
	}
}

function reduceListCommand(state: AppState, command: CommandId): AppState {
	const overlay = topOverlay(state);
	if (command === 'list.filter' && overlay?.type === 'logs') {
		return pushOverlay(state, { type: 'filter', target: 'logs', before: overlay.filter });
	}
	const list = currentList(state);
	if (list === undefined) return state;
	switch (command) {
		case 'list.filter':
			return pushOverlay(state, { type: 'filter', target: list, before: state.lists[list].filter });
		case 'list.sort-next':
			return sortByNext(state, list);
		case 'list.sort-reverse':
			return updateList(state, list, { reversed: !state.lists[list].reversed });
		case 'list.mark':
			return list === 'collect' ? reduceCollectCommand(state, command) : toggleMark(state, list);
		case 'list.details':
			return pushOverlay(state, { type: 'detail', list, offset: 0 });
		default:
			return state;
	}
}

function ask(state: AppState, command: CommandId): AppState {
	const confirmation = confirmationFor(state, command);
	return confirmation === undefined ? state : pushOverlay(state, { type: 'confirm', confirmation, choice: 'no' });
}

function reduceDialogCommand(state: AppState, command: CommandId): AppState {
	const overlay = topOverlay(state);
	if (overlay?.type !== 'confirm') return state;
	const below = state.stack.slice(0, -1);
	if (command !== 'dialog.switch') return { ...state, stack: below };
	return { ...state, stack: [...below, { ...overlay, choice: overlay.choice === 'no' ? 'yes' : 'no' }] };
}
