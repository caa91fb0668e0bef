import { setTimeout as sleep } from 'node:timers/promises';
import { isEngineError } from '../engine/errors.ts';
import type { EngineEvent } from '../engine/model.ts';
import type { Engine } from '../engine/port.ts';
import type { Action } from './actions.ts';
import { createBatch } from './batch.ts';
import { isAbort, noticeOf } from './failure-notice.ts';
import { type AppState, EVENTS_KEPT, runningContainers, topOverlay } from './state.ts';
import type { Store } from './store.ts';
import { layoutOf } from './views/layout.ts';
import { selectedContainer, selectedImage } from './views/lists.ts';

/** Events that arrive within this time are drawn together. */
const eventBatchMs = 40;
/** Changes that come within this time cost one loading. */
const reloadDelayMs = 60;
/** The second reading comes sooner, so that the first percentages stand there early. */
const secondReadingMs = 350;
const readingMs = 1000;
const measureMs = 10_000;
const measureBudgetMs = 100;
const clockMs = 30_000;
/** The cursor rests this long on a row before its details are asked for. */
const inspectDelayMs = 50;
/** A notice stays this long; one with a next step to read stays longer. */
const noticeMs = { brief: 5000, long: 12_000 } as const;

/** What keeps the state up to date by itself. */
export interface Live {
	/** Loads the lists once, now; rejects as the engine does. */
	load(): Promise<void>;
	/** Loads the lists soon; many calls in a row cost one loading. */
	reload(): void;
	stop(): void;
}

/**
 * Follows the engine: its events lead to loading the lists again, and only while something runs its figures are read.
 * At rest nothing is asked and nothing is painted.
 */
export function startLive(options: {
	readonly engine: Engine;
	readonly store: Store<AppState, Action>;
	readonly now: () => number;
	readonly crash: (error: unknown) => void;
}): Live {
	const { engine, store, now } = options;
	const ending = new AbortController();
	const { signal } = ending;
	const somethingRuns = () => !signal.aborted && runningContainers(store.getState()).length > 0;

	/** An engine's refusal is a message, an abort is silent, anything else ends the dashboard. */
	const guard = async (act: () => Promise<void>): Promise<void> => {
		try {
			await act();
		} catch (error) {
			if (signal.aborted || isAbort(error)) return;
			if (isEngineError(error)) store.dispatch({ type: 'notice-shown', notice: noticeOf(error) });
			else options.crash(error);
		}
	};

	const load = async () => {
		const [images, containers, volumes, inventory] = await Promise.all([
			engine.images.list(),
			engine.containers.list(),
			engine.volumes.list(),
			engine.store.takeInventory(),
		]);
		if (signal.aborted) return;
		store.dispatch({ type: 'world-loaded', world: { images, containers, volumes, inventory }, now: now() });
	};
	const reload = once(async () => {
		await sleep(reloadDelayMs, undefined, { signal });
		// From here on a change is not in this loading any more and asks for another one.
		return () => guard(load);
	}, guard);

	const readFigures = async () => {
		const readings = await engine.containers.stats();
		if (!signal.aborted) store.dispatch({ type: 'stats-read', readings });
	};
	const keepReading = single(async () => {
		for (let delayMs = secondReadingMs; somethingRuns(); delayMs = readingMs) {
			await guard(readFigures);
			await sleep(delayMs, undefined, { signal });
		}
	}, guard);
	const keepMeasuring = single(async () => {
		while (somethingRuns()) {
			await sleep(measureMs, undefined, { signal });
			if (!somethingRuns()) return;
			await engine.containers.measure({ budgetMs: measureBudgetMs });
			reload();
		}
	}, guard);
	const keepTime = async () => {
		for (;;) {
			await sleep(clockMs, undefined, { signal });
			store.dispatch({ type: 'time-passed', now: now() });
		}
	};
	const followEvents = async () => {
		// From the beginning: what is remembered there is what happened lately.
		const batch = createBatch<EngineEvent>(eventBatchMs, (events) => {
			if (!signal.aborted) store.dispatch({ type: 'events-arrived', events: events.slice(-EVENTS_KEPT) });
		});
		for await (const event of engine.events({ signal, sinceSequence: 0 })) {
			batch.add(event);
			reload();
		}
	};

	const inspectSelected = createInspector({ engine, store, guard });
	const expireNotice = createNoticeClock(store);
	const unsubscribe = store.subscribe(() => {
		inspectSelected();
		expireNotice();
		if (!somethingRuns()) return;
		keepReading();
		keepMeasuring();
	});
	void guard(keepTime);
	void guard(followEvents);

	return {
		load,
		reload,
		stop: () => {
			unsubscribe();
			ending.abort();
		},
	};
}

type Guard = (act: () => Promise<void>) => Promise<void>;

/** A function that starts `act` unless it is under way. */
function single(act: () => Promise<void>, guard: Guard): () => void {
	let isUnderWay = false;
	return () => {
		if (isUnderWay) return;
		isUnderWay = true;
		void guard(act).finally(() => {
			isUnderWay = false;
		});
	};
}

/**
 * A function that starts `wait` unless it waits already, and then the work that `wait` resolves with, one at a time. A
 * call during the work leads to one more round.
 */
function once(wait: () => Promise<() => Promise<void>>, guard: Guard): () => void {
	let isWaiting = false;
	let work: Promise<void> = Promise.resolve();
	return () => {
		if (isWaiting) return;
		isWaiting = true;
		void guard(async () => {
			try {
				const start = await wait();
				await work;
				isWaiting = false;
				work = start();
			} finally {
				isWaiting = false;
			}
			await work;
		});
	};
}

/** Asks for the details of what is under the cursor, where they are on screen and not those of now. */
function createInspector({
	engine,
	store,
	guard,
}: {
	readonly engine: Engine;
	readonly store: Store<AppState, Action>;
	readonly guard: Guard;
}): () => void {
	let inspected: unknown;
	let timer: NodeJS.Timeout | undefined;
	return () => {
		const state = store.getState();
		if (layoutOf(state).detail === undefined && topOverlay(state)?.type !== 'detail') return;
		const container = state.tab === 'containers' ? selectedContainer(state)?.container : undefined;
		const image = state.tab === 'images' ? selectedImage(state)?.image : undefined;
		// The very object: a loading brings new ones, and with them the need to ask again.
		const subject = container ?? image;
		if (subject === undefined || subject === inspected) return;
		inspected = subject;
		clearTimeout(timer);
		timer = setTimeout(() => {
			void guard(async () => {
				if (container !== undefined) {
					store.dispatch({ type: 'container-inspected', detail: await engine.containers.inspect(container.id) });
				} else if (image !== undefined) {
					store.dispatch({ type: 'image-inspected', detail: await engine.images.inspect(image.id) });
				}
			});
		}, inspectDelayMs);
		timer.unref();
	};
}

/** Takes each notice away when its time is over. */
function createNoticeClock(store: Store<AppState, Action>): () => void {
	let timed = 0;
	return () => {
		const { notice } = store.getState();
		if (notice === undefined || notice.serial === timed) return;
		const { serial } = notice;
		timed = serial;
		const stayMs = notice.hint === undefined ? noticeMs.brief : noticeMs.long;
		setTimeout(() => store.dispatch({ type: 'notice-expired', serial }), stayMs).unref();
	};
}
