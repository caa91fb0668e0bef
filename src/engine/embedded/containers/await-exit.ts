import type { Store } from '../store.ts';
import { isSameProcess } from '../system/process-identity.ts';
import { ChangeBell } from './change-bell.ts';
import { exitDirectory } from './container-paths.ts';
import { findRecord, hasProcess, isMonitorAlive, isOurs, isProcessAlive } from './container-record.ts';
import { finishExit, lastExitCode } from './finish-exit.ts';

/** How long a change that no watcher reports may go unseen. */
const pollMs = 200;

/**
 * Waits until a container does not run any more and its end is written down; sees to that itself where nobody has.
 * Gives its exit code, 0 where it never ran; also where it has been started again since. `undefined` where the deadline passed first.
 * Rejects with the signal's reason when that aborts.
 */
export async function awaitExit(
	store: Store,
	id: string,
	options: { readonly deadline?: number; readonly signal?: AbortSignal | undefined } = {},
): Promise<number | undefined> {
	const bell = new ChangeBell(exitDirectory(store.paths));
	const awaited = findRecord(store, id)?.process;
	try {
		for (;;) {
			options.signal?.throwIfAborted();
			const record = findRecord(store, id);
			const isOver = record === undefined || !hasProcess(record.status) || !isSameProcess(record.process, awaited);
			if (isOver) return lastExitCode(store, id) ?? 0;
			if (isOurs(record) && !isProcessAlive(record)) {
				await finishExit(store, id);
				continue;
			}
			const leftMs = options.deadline === undefined ? pollMs : Math.min(pollMs, options.deadline - Date.now());
			if (leftMs <= 0) return undefined;
			await bell.wait(leftMs, options.signal);
		}
	} finally {
		bell.close();
	}
}

/** Sees to the ends that nobody has seen to: processes that are gone, whose monitor is gone too. Cheap where there are none. */
export async function finishUnseenExits(store: Store): Promise<void> {
	const running = store.database.all<{ id: string }>(
		`SELECT id FROM container WHERE removing = 0 AND status IN ('running', 'paused', 'restarting')`,
	);
	for (const { id } of running) {
		const record = findRecord(store, id);
		if (record === undefined || !isOurs(record) || isProcessAlive(record) || isMonitorAlive(record)) continue;
		await finishExit(store, id);
	}
}
