import { setTimeout as sleep } from 'node:timers/promises';
import type { ReadStream, WriteStream } from 'node:tty';
import { stripVTControlCharacters } from 'node:util';
import { render, renderToString } from 'ink';
import type { Engine } from '../engine/port.ts';
import type { Action } from './actions.ts';
import { App } from './app.tsx';
import { glyphsFor } from './components/glyphs.ts';
import { createEffects } from './effects.ts';
import { startLive } from './effects-live.ts';
import { reduce } from './reduce.ts';
import { type AppState, initialState, type TabId } from './state.ts';
import { createStore } from './store.ts';
import type { Environment } from './terminal/capabilities.ts';
import { openSession } from './terminal/session.ts';

/** What the dashboard is opened with. */
export interface DashboardOptions {
	/** Stays open; the caller closes it afterwards. */
	readonly engine: Engine;
	readonly streams: {
		readonly stdin: ReadStream;
		readonly stdout: WriteStream & { readonly fd: number };
		readonly stderr: NodeJS.WritableStream;
	};
	readonly environment: Environment;
	/** Milliseconds since the epoch; the system's clock unless given. */
	readonly now?: () => number;
	/** Where a defect leaves its log; the system's temporary directory unless given. */
	readonly crashDirectory?: string;
}

/** How a dashboard came to its end. */
export type Ending = { readonly type: 'quit' } | { readonly type: 'crash'; readonly error: unknown };

/** Takes the terminal, shows the dashboard, gives the terminal back. Never rejects: a defect is an ending too. */
export async function runDashboard(options: DashboardOptions): Promise<Ending> {
	const { engine, streams, environment, now = Date.now } = options;
	const ended = Promise.withResolvers<Ending>();
	const quit = () => ended.resolve({ type: 'quit' });
	const crash = (error: unknown) => ended.resolve({ type: 'crash', error });
	const session = openSession({ stdin: streams.stdin, stdout: streams.stdout, environment, onHangup: quit });
	const store = createStore<AppState, Action>(
		reduce,
		initialState({
			identity: engine.identity,
			columns: session.stdout.columns || 80,
			rows: session.stdout.rows || 24,
			now: now(),
		}),
	);
	const resized = () => {
		store.dispatch({ type: 'resized', columns: session.stdout.columns || 80, rows: session.stdout.rows || 24 });
	};
	session.stdout.on('resize', resized);
	const live = startLive({ engine, store, now, crash });
	const effects = createEffects({ engine, store, quit, repaint: session.repaint, reload: live.reload, crash });
	const instance = render(<App store={store} onChord={effects.press} glyphs={glyphsFor(environment)} />, {
		stdin: session.stdin,
		stdout: session.stdout,
		alternateScreen: true,
		// Somebody sits here, whatever a CI variable in the environment makes Ink believe.
		interactive: true,
		patchConsole: false,
		exitOnCtrlC: false,
		maxFps: 30,
	});
	instance.waitUntilExit().then(quit, crash);
	live.reload();
	const ending = await ended.promise;
	live.stop();
	session.stdout.off('resize', resized);
	instance.unmount();
	await Promise.allSettled([instance.waitUntilExit()]);
	session.close();
	await effects.stop();
	return ending;
}

/** The frame of `printFrame`. */
export async function renderPlainFrame(options: {
	readonly engine: Engine;
	readonly columns: number;
	readonly rows: number;
	readonly tab?: TabId;
	readonly now?: () => number;
}): Promise<string> {
	const { engine, columns, rows, tab = 'overview', now = Date.now } = options;
	const store = createStore<AppState, Action>(
		reduce,
		initialState({ identity: engine.identity, columns, rows, now: now() }),
	);
	const [images, containers, volumes, inventory] = await Promise.all([
		engine.images.list(),
		engine.containers.list(),
		engine.volumes.list(),
		engine.store.takeInventory(),
	]);
	store.dispatch({ type: 'world-loaded', world: { images, containers, volumes, inventory }, now: now() });
	store.dispatch({ type: 'commanded', command: `screen.${tab}` });
	await readTwice(engine, store.dispatch);
	const text = renderToString(<App store={store} onChord={() => {}} />, { columns });
	const lines = stripVTControlCharacters(text).split('\n');
	return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

/** A percentage needs two readings; only where something runs. */
async function readTwice(engine: Engine, dispatch: (action: Action) => void): Promise<void> {
	const readings = await engine.containers.stats();
	if (readings.length === 0) return;
	dispatch({ type: 'stats-read', readings });
	await sleep(250);
	dispatch({ type: 'stats-read', readings: await engine.containers.stats() });
}
