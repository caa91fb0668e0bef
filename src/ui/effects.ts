import { isEngineError } from '../engine/errors.ts';
import type { Engine } from '../engine/port.ts';
import type { Action } from './actions.ts';
import { type CommandId, disabledReason } from './commands.ts';
import type { EffectContext } from './effect-context.ts';
import { createReading } from './effects-reading.ts';
import { createWork } from './effects-work.ts';
import { isAbort, noticeOf } from './failure-notice.ts';
import { keyContext, resolveKey } from './resolve-key.ts';
import { type AppState, topOverlay } from './state.ts';
import type { Store } from './store.ts';
import { isTooSmall } from './views/layout.ts';

/** What the effects work with. */
export interface EffectsOptions {
	readonly engine: Engine;
	readonly store: Store<AppState, Action>;
	readonly quit: () => void;
	readonly repaint: () => void;
	/** Loads the lists again, soon. */
	readonly reload: () => void;
	/** For what should not have happened. */
	readonly crash: (error: unknown) => void;
}

/** The part of the dashboard that does things: keys and commands in, engine calls out, actions back. */
export interface Effects {
	/** One key, as `keymap.ts` writes it. */
	press(chord: string): void;
	/** One command, whatever its key. */
	perform(command: CommandId): void;
	/** Ends streams; resolves when removals under way have come to a safe stop. */
	stop(): Promise<void>;
}

/** Makes the effects of one dashboard. */
export function createEffects(options: EffectsOptions): Effects {
	const { store } = options;
	const ending = new AbortController();
	const context: EffectContext = { ...options, ending: ending.signal };
	const work = createWork(context);
	const reading = createReading(context);

	/** An engine's refusal is a message, an abort is silent, anything else ends the dashboard. */
	const guard = async (act: () => Promise<void>): Promise<void> => {
		try {
			await act();
		} catch (error) {
			if (ending.signal.aborted || isAbort(error)) return;
			if (isEngineError(error)) store.dispatch({ type: 'notice-shown', notice: noticeOf(error) });
			else options.crash(error);
		}
	};

	/** The commands that the state alone cannot do; the others go to the reducer. */
	const outside: Partial<Record<CommandId, (state: AppState) => void>> = {
		'app.quit': () => options.quit(),
		'app.repaint': () => options.repaint(),
		'app.reload': () => options.reload(),
		'container.start': (state) => void guard(() => work.startContainers(state)),
		'container.pause': (state) => void guard(() => work.pauseContainers(state)),
		'container.logs': (state) => void guard(() => reading.followLog(state)),
		'container.inspect': (state) => void guard(() => reading.inspectContainer(state)),
		'image.inspect': (state) => void guard(() => reading.inspectImage(state)),
	};

	const perform = (command: CommandId): void => {
		const state = store.getState();
		const reason = disabledReason(command, state);
		if (reason !== undefined) {
			store.dispatch({ type: 'notice-shown', notice: { tone: 'warning', text: reason, hint: undefined } });
			return;
		}
		const act = outside[command];
		if (act !== undefined) {
			act(state);
			return;
		}
		if (command === 'app.back' && state.stack.length === 0 && state.tab === 'collect') work.stopSweep();
		store.dispatch({ type: 'commanded', command });
		const question = topOverlay(state);
		if (question?.type !== 'confirm') return;
		const isYes = command === 'dialog.yes' || (command === 'dialog.accept' && question.choice === 'yes');
		if (isYes) void guard(() => work.execute(question.confirmation));
	};

	return {
		perform,
		press: (chord) => {
			const state = store.getState();
			if (isTooSmall(state)) {
				// Nothing is on screen that a key could be about.
				if (chord === 'q' || chord === 'ctrl-c') options.quit();
				return;
			}
			if (state.notice !== undefined) store.dispatch({ type: 'notice-expired' });
			const meaning = resolveKey(keyContext(state), chord);
			if (meaning?.type === 'text') store.dispatch({ type: 'text-typed', text: meaning.text });
			if (meaning?.type === 'command') perform(meaning.command);
		},
		stop: async () => {
			ending.abort();
			reading.stop();
			await work.settle();
		},
	};
}
