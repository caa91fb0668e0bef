import type { CommandId } from './commands.ts';
import { bindingsIn, type Chord, type KeyContext } from './keymap.ts';
import { type AppState, topOverlay } from './state.ts';

/** What one key press means. */
export type Meaning =
	| { readonly type: 'command'; readonly command: CommandId }
	/** For the text field that has the keys. */
	| { readonly type: 'text'; readonly text: string };

/** The members of Ink's key description that matter here. */
export interface PressedKey {
	readonly upArrow: boolean;
	readonly downArrow: boolean;
	readonly leftArrow: boolean;
	readonly rightArrow: boolean;
	readonly pageDown: boolean;
	readonly pageUp: boolean;
	readonly home: boolean;
	readonly end: boolean;
	readonly return: boolean;
	readonly escape: boolean;
	readonly ctrl: boolean;
	readonly shift: boolean;
	readonly tab: boolean;
	readonly backspace: boolean;
	readonly delete: boolean;
	readonly meta: boolean;
}

/** The place that has the keys: what lies on top, else the tab. */
export function keyContext(state: AppState): KeyContext {
	return topOverlay(state)?.type ?? state.tab;
}

/** What a chord means in a place; undefined for a key that means nothing there. */
export function resolveKey(context: KeyContext, chord: Chord): Meaning | undefined {
	const binding = bindingsIn(context).find(({ keys }) => keys.includes(chord));
	if (binding !== undefined) return { type: 'command', command: binding.command };
	if (context !== 'filter') return undefined;
	if (chord === 'space') return { type: 'text', text: ' ' };
	return isTyped(chord) ? { type: 'text', text: chord } : undefined;
}

/**
 * The chords of one report of the terminal. Keys that were held down or pasted arrive as one text and are several
 * chords; a report that is not a key of ours is none.
 */
export function chordsOf(input: string, key: PressedKey): readonly Chord[] {
	const named = nameOf(key);
	if (named !== undefined) return [named];
	if (key.ctrl) return input.length === 1 ? [`ctrl-${input}`] : [];
	if (key.meta) return [];
	return [...input].flatMap((character) => {
		if (character === ' ') return ['space'];
		if (character === '\r' || character === '\n') return ['enter'];
		if (character === '\t') return ['tab'];
		if (character === '\u007f' || character === '\b') return ['backspace'];
		return isTyped(character) ? [character] : [];
	});
}

function nameOf(key: PressedKey): Chord | undefined {
	if (key.upArrow) return 'up';
	if (key.downArrow) return 'down';
	if (key.leftArrow) return 'left';
	if (key.rightArrow) return 'right';
	if (key.pageDown) return 'page-down';
	if (key.pageUp) return 'page-up';
	if (key.home) return 'home';
	if (key.end) return 'end';
	if (key.return) return 'enter';
	if (key.escape) return 'escape';
	if (key.tab) return key.shift ? 'shift-tab' : 'tab';
	if (key.backspace) return 'backspace';
	if (key.delete) return 'delete';
	return undefined;
}

function isTyped(chord: Chord): boolean {
	return [...chord].length === 1 && !/\p{Cc}/u.test(chord);
}
