import { closeSync, existsSync, openSync } from 'node:fs';
import type { Store } from '../store.ts';
import { isSystemError, tryLock } from '../system/syscalls.ts';
import { containerPaths } from './container-paths.ts';
import { finishExit } from './finish-exit.ts';

/** A promise to see to a container's end. While it stands, its monitor does not call for it. */
export interface Attendance {
	/** Waits for nothing: sees to the end if that is near, else leaves it to the monitor. */
	end(): Promise<void>;
}

/** Begins to attend. A lock on a file, so that it goes with the process. undefined where somebody does already, or nothing runs. */
export function attend(store: Store, id: string): Attendance | undefined {
	const paths = containerPaths(store.paths, id);
	const file = openIfThere(paths.attended);
	if (file === undefined) return undefined;
	if (!tryLock(file)) {
		closeSync(file);
		return undefined;
	}
	let ended = false;
	return {
		end: async () => {
			if (ended) return;
			ended = true;
			closeSync(file);
			// The monitor writes the exit code before it asks for the lock: whoever saw the lock held has written.
			if (existsSync(paths.exitFile)) await finishExit(store, id);
		},
	};
}

/** The file lies in the bundle, which goes when the container ends. */
function openIfThere(path: string): number | undefined {
	try {
		return openSync(path, 'a', 0o600);
	} catch (error) {
		if (isSystemError(error, 'ENOENT')) return undefined;
		throw error;
	}
}
