import type { Action } from './actions.ts';
import type { CommandId } from './commands.ts';
import { updateList } from './reduce-lists.ts';
import { type AppState, LOG_LINES_KEPT, type LogsOverlay, type Overlay, type Pager, topOverlay } from './state.ts';
import { pagerHeight, pagerLineCount } from './views/pager.ts';

/** The actions that are about something lying over a tab. */
export type OverlayAction = Extract<
	Action,
	{ readonly type: 'text-typed' | 'inspect-opened' | 'logs-opened' | 'log-lines-read' | 'log-ended' }
>;

/** What is typed, opened or read into an overlay. */
export function reduceOverlays(state: AppState, action: OverlayAction): AppState {
	switch (action.type) {
		case 'text-typed':
			return setText(state, (text) => text + action.text);
		case 'inspect-opened':
			return pushOverlay(state, { type: 'inspect', offset: 0, ...action.view });
		case 'logs-opened':
			return pushOverlay(state, {
				type: 'logs',
				containerId: action.containerId,
				name: action.name,
				lines: [],
				droppedCount: 0,
				open: true,
				following: true,
				wrapping: false,
				timestamps: false,
				filter: '',
				offset: 0,
			});
		case 'log-lines-read':
			return updateLogs(state, action.containerId, (logs) => {
				const lines = [...logs.lines, ...action.lines];
				const excess = Math.max(0, lines.length - LOG_LINES_KEPT);
				return {
					...logs,
					lines: lines.slice(excess),
					droppedCount: logs.droppedCount + excess,
					// The window stays on the lines that it showed while others drop out before it.
					offset: Math.max(0, logs.offset - excess),
				};
			});
		case 'log-ended':
			return updateLogs(state, action.containerId, (logs) => ({ ...logs, open: false }));
	}
}

/** Puts something on top. */
export function pushOverlay(state: AppState, overlay: Overlay): AppState {
	return { ...state, stack: [...state.stack, overlay] };
}

/** Moves a pager's window by a `move.…` command. A log stops following when it leaves its end, and follows again there. */
export function scrollPager(state: AppState, pager: Pager, command: CommandId): AppState {
	const height = pagerHeight(state, pager);
	const last = Math.max(0, pagerLineCount(state, pager) - height);
	const from = pager.type === 'logs' && pager.following ? last : Math.min(pager.offset, last);
	const half = Math.ceil(height / 2);
	const steps: Partial<Record<CommandId, number>> = {
		'move.down': 1,
		'move.up': -1,
		'move.page-down': height,
		'move.page-up': -height,
		'move.half-page-down': half,
		'move.half-page-up': -half,
		'move.top': -last,
		'move.bottom': last,
	};
	const offset = Math.min(Math.max(0, from + (steps[command] ?? 0)), last);
	const following = { following: offset === last };
	return replaceTop(state, { ...pager, offset, ...(pager.type === 'logs' ? following : {}) } as Overlay);
}

/** The switches of the log view. */
export function reduceLogsCommand(state: AppState, command: CommandId): AppState {
	const logs = topOverlay(state);
	if (logs?.type !== 'logs') return state;
	switch (command) {
		case 'logs.follow': {
			// Where it stops following, the window stays on what is on screen.
			const last = Math.max(0, pagerLineCount(state, logs) - pagerHeight(state, logs));
			return replaceTop(state, { ...logs, following: !logs.following, offset: last });
		}
		case 'logs.wrap':
			return replaceTop(state, { ...logs, wrapping: !logs.wrapping, offset: 0, following: true });
		case 'logs.timestamps':
			return replaceTop(state, { ...logs, timestamps: !logs.timestamps });
		default:
			return state;
	}
}

/** The keys of a text field. */
export function changeText(state: AppState, command: CommandId): AppState {
	const field = topOverlay(state);
	if (field?.type !== 'filter') return state;
	switch (command) {
		case 'text.accept':
			return { ...state, stack: state.stack.slice(0, -1) };
		case 'text.cancel': {
			const restored = setText(state, () => field.before);
			return { ...restored, stack: restored.stack.slice(0, -1) };
		}
		case 'text.erase':
			return setText(state, (text) => [...text].slice(0, -1).join(''));
		case 'text.clear':
			return setText(state, () => '');
		default:
			return state;
	}
}

function setText(state: AppState, change: (text: string) => string): AppState {
	const field = topOverlay(state);
	if (field?.type !== 'filter') return state;
	const { target } = field;
	if (target !== 'logs') return updateList(state, target, { filter: change(state.lists[target].filter) });
	const stack = state.stack.map((overlay) =>
		overlay.type === 'logs' ? { ...overlay, filter: change(overlay.filter), following: true } : overlay,
	);
	return { ...state, stack };
}

function updateLogs(state: AppState, containerId: string, change: (logs: LogsOverlay) => LogsOverlay): AppState {
	const isThis = (overlay: Overlay) => overlay.type === 'logs' && overlay.containerId === containerId;
	if (!state.stack.some(isThis)) return state;
	const stack = state.stack.map((overlay) => (isThis(overlay) ? change(overlay as LogsOverlay) : overlay));
	return { ...state, stack };
}

function replaceTop(state: AppState, overlay: Overlay): AppState {
	return { ...state, stack: [...state.stack.slice(0, -1), overlay] };
}
