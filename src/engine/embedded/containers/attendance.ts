import { closeSync, existsSync, openSync } from 'node:fs';
import type { Store } from '../store.ts';
import { tryLock } from '../system/syscalls.ts';
import { containerPaths } from './container-paths.ts';
import { finishExit } from './finish-exit.ts';

/** A promise to see to a container's end. While it stands, its monitor does not call for it. */
export interface Attendance {
	/** Waits for nothing: sees to the end if that is near, else leaves it to the monitor. */
	end(): Promise<void>;
}

/** Begins to attend. The container's bundle must be there. A lock on a file, so that it goes with the process. */
export function attend(store: Store, id: string): Attendance {
	const paths = containerPaths(store.paths, id);
	const file = openSync(paths.attended, 'a', 0o600);
	if (!tryLock(file)) {
		closeSync(file);
		throw new Error(`a fresh container is attended already: ${id}`);
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
