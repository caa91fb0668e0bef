import { closeSync, constants, existsSync, openSync } from 'node:fs';
import type { Store } from '../store.ts';
import { isSystemError, tryLock } from '../system/syscalls.ts';
import { containerPaths } from './container-paths.ts';
import { finishExit } from './finish-exit.ts';

/** A promise to see to a container's end. While it stands, its monitor does not call for it. */
export interface Attendance {
	/** Waits for nothing: sees to the end if that is near, else leaves it to the monitor. */
	end(): Promise<void>;
}

/**
 * Begins to attend: a lock on the bundle, so that it goes with the process, and with the bundle. undefined where
 * somebody does already, or nothing runs.
 */
export function attend(store: Store, id: string): Attendance | undefined {
	const paths = containerPaths(store.paths, id);
	const bundle = openIfThere(paths.bundle);
	if (bundle === undefined) return undefined;
	if (!tryLock(bundle)) {
		closeSync(bundle);
		return undefined;
	}
	let ended = false;
	return {
		end: async () => {
			if (ended) return;
			ended = true;
			closeSync(bundle);
			// The monitor writes the exit code before it asks for the lock: whoever saw the lock held has written.
			if (existsSync(paths.exitFile)) await finishExit(store, id);
		},
	};
}

function openIfThere(path: string): number | undefined {
	try {
		return openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
	} catch (error) {
		if (isSystemError(error, 'ENOENT')) return undefined;
		throw error;
	}
}
