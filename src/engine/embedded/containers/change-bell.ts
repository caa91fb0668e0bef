import { type FSWatcher, watch } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** Wakes a waiting loop when something changes at a path. Where nothing can be watched, its waits only time out. */
export class ChangeBell {
	readonly #watcher: FSWatcher | undefined;
	#ring: () => void = () => {};
	#hasRung = false;

	constructor(path: string) {
		try {
			this.#watcher = watch(path, () => {
				this.#hasRung = true;
				this.#ring();
			});
			this.#watcher.on('error', () => this.#watcher?.close());
		} catch {
			// Not there, or the host is out of inotify watches.
			this.#watcher = undefined;
		}
	}

	/** Resolves at the next change, at one since the last wait, or after `mostMs`. Rejects with the signal's reason. */
	async wait(mostMs: number, signal?: AbortSignal): Promise<void> {
		signal?.throwIfAborted();
		if (!this.#hasRung) {
			const timer = new AbortController();
			const rung = new Promise<void>((resolve) => {
				this.#ring = resolve;
			});
			const stop = signal === undefined ? timer.signal : AbortSignal.any([timer.signal, signal]);
			try {
				await Promise.race([rung, pause(mostMs, undefined, { signal: stop })]);
			} catch {
				signal?.throwIfAborted();
			} finally {
				timer.abort();
			}
		}
		this.#hasRung = false;
	}

	close(): void {
		this.#watcher?.close();
	}
}
