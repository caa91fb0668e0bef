import * as reasons from './disabled-reasons.ts';
import type { AppState } from './state.ts';

/** What a person can ask for. The id is also the word that tests press. */
export interface Command {
	/** For the help and the docs: a verb first. */
	readonly title: string;
	/** For the key bar: one word, two at most. */
	readonly short: string;
	/** Stops or removes something: asks in a dialog first. */
	readonly danger?: boolean;
	/** Why it cannot be done now, as a sentence; undefined when it can. */
	readonly disabled?: (state: AppState) => string | undefined;
}

/** Every command there is. */
export const commands = {
	'app.quit': { title: 'Quit', short: 'quit' },
	'app.help': { title: 'Show all keys', short: 'help' },
	'app.back': { title: 'Go back, or take away the filter and the marks', short: 'back' },
	'app.repaint': { title: 'Repaint the screen', short: 'repaint' },
	'app.reload': { title: 'Load everything again', short: 'reload' },

	'screen.next': { title: 'Next screen', short: 'next screen' },
	'screen.previous': { title: 'Previous screen', short: 'previous' },
	'screen.overview': { title: 'Overview', short: 'overview' },
	'screen.containers': { title: 'Containers', short: 'containers' },
	'screen.images': { title: 'Images', short: 'images' },
	'screen.layers': { title: 'Layers', short: 'layers' },
	'screen.collect': { title: 'Collect: see what can be freed, and free it', short: 'collect' },

	'move.down': { title: 'Down', short: 'down' },
	'move.up': { title: 'Up', short: 'up' },
	'move.page-down': { title: 'Page down', short: 'page down' },
	'move.page-up': { title: 'Page up', short: 'page up' },
	'move.half-page-down': { title: 'Half a page down', short: 'half down' },
	'move.half-page-up': { title: 'Half a page up', short: 'half up' },
	'move.top': { title: 'To the top', short: 'top' },
	'move.bottom': { title: 'To the bottom', short: 'bottom' },

	'list.details': { title: 'Show details', short: 'details', disabled: reasons.nothingSelected },
	'list.filter': { title: 'Filter by words', short: 'filter' },
	'list.sort-next': { title: 'Sort by the next column', short: 'sort' },
	'list.sort-reverse': { title: 'Reverse the order', short: 'reverse' },
	'list.mark': { title: 'Mark or unmark', short: 'mark', disabled: reasons.nothingSelected },

	'container.start': { title: 'Start', short: 'start', disabled: reasons.cannotStart },
	'container.stop': { title: 'Stop', short: 'stop', danger: true, disabled: reasons.cannotStop },
	'container.restart': { title: 'Restart', short: 'restart', danger: true, disabled: reasons.cannotRestart },
	'container.pause': { title: 'Pause, or let go on', short: 'pause', disabled: reasons.cannotPause },
	'container.remove': { title: 'Remove', short: 'remove', danger: true, disabled: reasons.cannotRemoveContainer },
	'container.logs': { title: 'Show what it wrote', short: 'logs', disabled: reasons.nothingSelected },
	'container.inspect': { title: 'Inspect', short: 'inspect', disabled: reasons.nothingSelected },

	'image.inspect': { title: 'Inspect', short: 'inspect', disabled: reasons.nothingSelected },
	'image.remove': { title: 'Remove', short: 'remove', danger: true, disabled: reasons.cannotRemoveImage },

	'collect.next-policy': { title: 'Next policy', short: 'policy' },
	'collect.previous-policy': { title: 'Previous policy', short: 'previous policy' },
	'collect.mark-all': { title: 'Mark everything, or nothing', short: 'all', disabled: reasons.nothingToCollect },
	'collect.toggle-kept': { title: 'Show or hide what is kept, and why', short: 'kept' },
	'collect.execute': {
		title: 'Remove what is marked',
		short: 'remove marked',
		danger: true,
		disabled: reasons.cannotCollect,
	},

	'logs.follow': { title: 'Follow the end', short: 'follow' },
	'logs.wrap': { title: 'Wrap long lines', short: 'wrap' },
	'logs.timestamps': { title: 'Show times', short: 'times' },

	'dialog.yes': { title: 'Yes', short: 'yes' },
	'dialog.no': { title: 'No', short: 'no' },
	'dialog.accept': { title: 'Take the answer that is chosen', short: 'take' },
	'dialog.switch': { title: 'Choose the other answer', short: 'other answer' },

	'text.accept': { title: 'Keep the text', short: 'keep' },
	'text.cancel': { title: 'Take the text back', short: 'cancel' },
	'text.erase': { title: 'Erase a character', short: 'erase' },
	'text.clear': { title: 'Erase everything', short: 'clear' },
} as const satisfies Record<string, Command>;

export type CommandId = keyof typeof commands;

/** All ids, in the order of the table above. */
export const commandIds = Object.keys(commands) as readonly CommandId[];

/** One command with its optional members in sight. */
export function commandOf(id: CommandId): Command {
	return commands[id];
}

/** Why a command cannot be done now; undefined when it can. */
export function disabledReason(id: CommandId, state: AppState): string | undefined {
	return commandOf(id).disabled?.(state);
}
