import { type FSWatcher, watch } from 'node:fs';
import type { EngineEvent } from '../model.ts';
import type { EventOptions } from '../port.ts';
import type { Store } from './store.ts';

/** How often a store is asked where the kernel cannot tell us of changes. Reads shared memory, not the disk. */
const pollMs = 500;

/**
 * Events as processes commit them, this one or others. Woken by inotify on the store's `changed` file, so an idle
 * store costs nothing. Ends when the signal aborts.
 */
export async function* watchEvents(store: Store, options: EventOptions): AsyncGenerator<EngineEvent> {
	const { sinceAt = 0, untilAt = Infinity } = options;
	let last = options.sinceSequence ?? (options.sinceAt === undefined ? store.database.lastEventSequence() : 0);
	const alarm = createAlarm();
	const stopWatching = watchChanges(store, alarm.ring);
	const stopTimer = ringAt(untilAt, () => store.now(), alarm.ring);
	options.signal.addEventListener('abort', alarm.ring, { once: true });
	try {
		while (!options.signal.aborted) {
			const events = store.database.eventsSince(last);
			for (const event of events) {
				last = event.sequence;
				if (event.at > untilAt) return;
				if (event.at < sinceAt) continue;
				yield event;
				if (options.signal.aborted) return;
			}
			if (events.length > 0) continue;
			if (store.now() >= untilAt) return;
			await alarm.rung();
		}
	} finally {
		options.signal.removeEventListener('abort', alarm.ring);
		stopTimer();
		stopWatching();
	}
}

/** Rings once at an instant. A timer holds no more than 2^31 ms. */
function ringAt(at: number, now: () => number, ring: () => void): () => void {
	if (at === Infinity) return () => {};
	let timer: NodeJS.Timeout | undefined;
	const wait = () => {
		const leftMs = at - now();
		if (leftMs <= 0) ring();
		else timer = setTimeout(wait, Math.min(leftMs, 2 ** 31 - 1));
	};
	wait();
	return () => clearTimeout(timer);
}

/** Remembers one ring until somebody waits for it, so that none is lost between a look and a wait. */
function createAlarm(): { readonly ring: () => void; readonly rung: () => Promise<void> } {
	let wasRung = false;
	let wake: (() => void) | undefined;
	return {
		ring: () => {
			wasRung = true;
			wake?.();
		},
		rung: async () => {
			if (!wasRung) await new Promise<void>((resolve) => (wake = resolve));
			wasRung = false;
			wake = undefined;
		},
	};
}

function watchChanges(store: Store, ring: () => void): () => void {
	let watcher: FSWatcher | undefined;
	let timer: NodeJS.Timeout | undefined;
	const poll = () => {
		let version = store.database.dataVersion();
		timer ??= setInterval(() => {
			const now = store.database.dataVersion();
			if (now !== version) ring();
			version = now;
		}, pollMs);
	};
	try {
		watcher = watch(store.paths.changed, ring);
		// Out of watches, or the file was replaced: slower, but not blind.
		watcher.on('error', poll);
	} catch {
		poll();
	}
	return () => {
		watcher?.close();
		clearInterval(timer);
	};
}
