import type { CommandId } from './commands.ts';
import type { ListId, Overlay, TabId } from './state.ts';

/** Where keys go: a tab, or what lies over it. */
export type KeyContext = TabId | Overlay['type'];

/** A key as people write it: `j`, `G`, `ctrl-u`, `enter`, `space`, `shift-tab`, `page-down`. */
export type Chord = string;

/** "These keys mean this command in these places." The one source of dispatch, key bar, help and docs/keys.md. */
export interface Binding {
	readonly command: CommandId;
	/** The first one is the one that is shown. */
	readonly keys: readonly Chord[];
	readonly contexts: readonly KeyContext[];
	/** Place in the key bar, lowest first; absent: only in the help. */
	readonly bar?: number;
	/** Stays in the key bar when the screen is narrow. */
	readonly pinned?: boolean;
}

const lists: readonly ListId[] = ['containers', 'images', 'layers', 'collect'];
const pagers: readonly KeyContext[] = ['help', 'detail', 'inspect', 'logs'];
const onTabs: readonly KeyContext[] = ['overview', ...lists];
const movable: readonly KeyContext[] = [...lists, ...pagers];

/** Every binding, grouped by what it is about. The order is the order of the help. */
export const keymap: readonly Binding[] = [
	{ command: 'screen.overview', keys: ['1'], contexts: onTabs },
	{ command: 'screen.containers', keys: ['2'], contexts: onTabs },
	{ command: 'screen.images', keys: ['3'], contexts: onTabs },
	{ command: 'screen.layers', keys: ['4'], contexts: onTabs },
	{ command: 'screen.collect', keys: ['5', 'p'], contexts: onTabs },
	{ command: 'screen.next', keys: ['tab'], contexts: onTabs, bar: 70 },
	{ command: 'screen.previous', keys: ['shift-tab'], contexts: onTabs },

	{ command: 'move.down', keys: ['j', 'down'], contexts: movable },
	{ command: 'move.up', keys: ['k', 'up'], contexts: movable },
	{ command: 'move.page-down', keys: ['page-down', 'ctrl-f'], contexts: movable },
	{ command: 'move.page-up', keys: ['page-up', 'ctrl-b'], contexts: movable },
	{ command: 'move.half-page-down', keys: ['ctrl-d'], contexts: movable },
	{ command: 'move.half-page-up', keys: ['ctrl-u'], contexts: movable },
	{ command: 'move.top', keys: ['g', 'home'], contexts: movable },
	{ command: 'move.bottom', keys: ['G', 'end'], contexts: movable },

	{ command: 'list.details', keys: ['enter'], contexts: lists, bar: 10 },
	{ command: 'list.mark', keys: ['space'], contexts: ['containers', 'images', 'collect'], bar: 40 },
	{ command: 'list.filter', keys: ['/'], contexts: [...lists, 'logs'], bar: 50 },
	{ command: 'list.sort-next', keys: ['o'], contexts: lists, bar: 60 },
	{ command: 'list.sort-reverse', keys: ['O'], contexts: lists },

	{ command: 'container.start', keys: ['S'], contexts: ['containers'], bar: 22 },
	{ command: 'container.stop', keys: ['s'], contexts: ['containers'], bar: 21 },
	{ command: 'container.restart', keys: ['r'], contexts: ['containers'], bar: 23 },
	{ command: 'container.pause', keys: ['P'], contexts: ['containers'] },
	{ command: 'container.remove', keys: ['d', 'delete'], contexts: ['containers'], bar: 24 },
	{ command: 'container.logs', keys: ['l'], contexts: ['containers'], bar: 20 },
	{ command: 'container.inspect', keys: ['i'], contexts: ['containers'], bar: 30 },

	{ command: 'image.remove', keys: ['d', 'delete'], contexts: ['images'], bar: 20 },
	{ command: 'image.inspect', keys: ['i'], contexts: ['images'], bar: 30 },

	{ command: 'collect.execute', keys: ['d', 'delete'], contexts: ['collect'], bar: 20 },
	{ command: 'collect.next-policy', keys: [']', 'right'], contexts: ['collect'], bar: 30 },
	{ command: 'collect.previous-policy', keys: ['[', 'left'], contexts: ['collect'] },
	{ command: 'collect.mark-all', keys: ['a'], contexts: ['collect'], bar: 41 },
	{ command: 'collect.toggle-kept', keys: ['v'], contexts: ['collect'], bar: 42 },

	{ command: 'logs.follow', keys: ['f'], contexts: ['logs'], bar: 20 },
	{ command: 'logs.wrap', keys: ['w'], contexts: ['logs'], bar: 21 },
	{ command: 'logs.timestamps', keys: ['t'], contexts: ['logs'], bar: 22 },

	{ command: 'dialog.no', keys: ['n', 'escape', 'q'], contexts: ['confirm'], bar: 2 },
	{ command: 'dialog.yes', keys: ['y'], contexts: ['confirm'], bar: 1 },
	{ command: 'dialog.switch', keys: ['tab', 'shift-tab', 'left', 'right', 'h', 'l'], contexts: ['confirm'], bar: 4 },
	{ command: 'dialog.accept', keys: ['enter'], contexts: ['confirm'], bar: 3 },

	{ command: 'text.accept', keys: ['enter'], contexts: ['filter'], bar: 1 },
	{ command: 'text.cancel', keys: ['escape'], contexts: ['filter'], bar: 2 },
	{ command: 'text.erase', keys: ['backspace'], contexts: ['filter'] },
	{ command: 'text.clear', keys: ['ctrl-u'], contexts: ['filter'] },
	{ command: 'move.down', keys: ['down'], contexts: ['filter'] },
	{ command: 'move.up', keys: ['up'], contexts: ['filter'] },

	{ command: 'app.back', keys: ['escape', 'q'], contexts: pagers, bar: 80, pinned: true },
	{ command: 'app.back', keys: ['escape'], contexts: onTabs },
	{ command: 'app.help', keys: ['?'], contexts: [...onTabs, 'logs', 'inspect', 'detail'], bar: 90, pinned: true },
	{ command: 'app.reload', keys: ['ctrl-r'], contexts: onTabs },
	{ command: 'app.repaint', keys: ['ctrl-l'], contexts: [...onTabs, ...pagers, 'confirm', 'filter'] },
	{ command: 'app.quit', keys: ['q', 'ctrl-c'], contexts: onTabs, bar: 99, pinned: true },
	{ command: 'app.quit', keys: ['ctrl-c'], contexts: [...pagers, 'confirm', 'filter'] },
];

/** The bindings that hold in one place, in the order of the keymap. */
export function bindingsIn(context: KeyContext): readonly Binding[] {
	return keymap.filter(({ contexts }) => contexts.includes(context));
}

const chordNames: Readonly<Record<string, string>> = {
	down: '↓',
	up: '↑',
	left: '←',
	right: '→',
	enter: 'Enter',
	escape: 'Esc',
	space: 'Space',
	tab: 'Tab',
	'shift-tab': 'Shift-Tab',
	'page-down': 'PgDn',
	'page-up': 'PgUp',
	home: 'Home',
	end: 'End',
	backspace: 'Backspace',
	delete: 'Delete',
};

/** A chord as it is printed for people: `↓`, `Ctrl-U`, `Enter`, `G`. */
export function chordName(chord: Chord): string {
	const control = /^ctrl-(.)$/.exec(chord)?.[1];
	return control === undefined ? (chordNames[chord] ?? chord) : `Ctrl-${control.toUpperCase()}`;
}
