import type { Engine } from '../../src/engine/port.ts';
import type { Action } from '../../src/ui/actions.ts';
import { App } from '../../src/ui/app.tsx';
import type { CommandId } from '../../src/ui/commands.ts';
import type { TableRow } from '../../src/ui/components/table.tsx';
import { createEffects } from '../../src/ui/effects.ts';
import { startLive } from '../../src/ui/effects-live.ts';
import { bindingsIn } from '../../src/ui/keymap.ts';
import { reduce } from '../../src/ui/reduce.ts';
import { keyContext } from '../../src/ui/resolve-key.ts';
import { type AppState, currentList, initialState } from '../../src/ui/state.ts';
import { createStore, type Store } from '../../src/ui/store.ts';
import { listTable } from '../../src/ui/views/lists.ts';
import { type Frame, type FrameSize, type MountedFrame, mountFrame } from './frame-renderer.tsx';

/** A person at the dashboard who speaks in commands instead of keys, and reads the screen. */
export interface AppDriver {
	readonly store: Store<AppState, Action>;
	readonly state: () => AppState;
	readonly screen: MountedFrame;
	/** Presses the key that the keymap has for the command in the place that has the keys; fails where it has none. */
	press(command: CommandId): Promise<void>;
	/** Types text into whatever takes it. */
	type(text: string): Promise<void>;
	/** Waits until the condition holds; fails with the last frame after five seconds. */
	until(what: string, holds: (state: AppState) => boolean): Promise<void>;
	/** Waits until the screen contains the text. */
	see(text: string): Promise<Frame>;
	/** Moves the cursor of the list on screen to the first row that contains the text. */
	select(text: string): Promise<void>;
	resize(size: FrameSize): Promise<void>;
	/** True once the person has quit. */
	readonly hasQuit: () => boolean;
	/** What should not have happened. */
	readonly defects: readonly unknown[];
	stop(): Promise<void>;
}

/** The whole application on an engine, its first loading done, drawn into a terminal emulator. */
export async function openApp(options: {
	readonly engine: Engine;
	readonly now: () => number;
	readonly size?: FrameSize;
	/** Sent before the first loading, e.g. readings of the last minute; they must not be older than those to come. */
	readonly history?: readonly Action[];
}): Promise<AppDriver> {
	const { engine, now, size = { columns: 120, rows: 40 }, history = [] } = options;
	const store = createStore<AppState, Action>(reduce, initialState({ identity: engine.identity, ...size, now: now() }));
	const defects: unknown[] = [];
	let quit = false;
	const crash = (error: unknown) => defects.push(error);
	const live = startLive({ engine, store, now, crash });
	const effects = createEffects({
		engine,
		store,
		quit: () => {
			quit = true;
		},
		repaint: () => {},
		reload: live.reload,
		crash,
	});
	// First, so that the readings of the live part are not older than these.
	for (const action of history) store.dispatch(action);
	await live.load();
	const screen = await mountFrame(<App store={store} onChord={effects.press} />, size);
	const until = async (what: string, holds: (state: AppState) => boolean) => {
		const deadline = performance.now() + 5000;
		while (!holds(store.getState())) {
			if (performance.now() > deadline) {
				throw new Error(`Never: ${what}\n${(await screen.frame()).lines.join('\n')}`);
			}
			await new Promise((resolve) => setTimeout(resolve, 5));
		}
	};
	const press = async (command: CommandId) => {
		const context = keyContext(store.getState());
		const binding = bindingsIn(context).find((one) => one.command === command);
		const chord = binding?.keys[0];
		if (chord === undefined) throw new Error(`No key for ${command} in ${context}`);
		effects.press(chord);
		await screen.frame();
	};
	return {
		store,
		state: store.getState,
		screen,
		press,
		until,
		defects,
		hasQuit: () => quit,
		type: async (text) => {
			for (const character of text) effects.press(character === ' ' ? 'space' : character);
			await screen.frame();
		},
		see: (text) => screen.waitFor(text),
		select: async (text) => {
			const list = currentList(store.getState());
			if (list === undefined) throw new Error('There is no list on screen');
			const rowText = (row: TableRow) =>
				row.cells.map((cell) => (typeof cell === 'string' ? cell : cell.text)).join(' ');
			effects.press('g');
			for (;;) {
				const state = store.getState();
				const { cursor, offset } = state.lists[list];
				const row = listTable(state, list, { width: 200, height: 1000 }).rows[cursor - offset];
				if (row !== undefined && rowText(row).includes(text)) break;
				effects.press('j');
				if (store.getState() === state) throw new Error(`No row contains "${text}"`);
			}
			await screen.frame();
		},
		resize: async (next) => {
			store.dispatch({ type: 'resized', ...next });
			await screen.resize(next);
		},
		stop: async () => {
			live.stop();
			await effects.stop();
			screen.unmount();
		},
	};
}
