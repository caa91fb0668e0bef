import { existsSync } from 'node:fs';
import { EngineError } from '../../errors.ts';
import { unmountOverlay } from '../layers/overlay.ts';
import { unlinkTree } from '../layers/unlink-tree.ts';
import type { StorePaths } from '../paths.ts';
import { cgroupPath, listCgroupProcesses, removeCgroups, setFrozen } from '../system/cgroups.ts';
import { signalProcess } from '../system/process-identity.ts';
import { containerPaths } from './container-paths.ts';
import { identifyFromPidFile } from './pid-file.ts';

/** Killed processes are gone in a moment, unless they wait for a device. */
const patienceMs = 10_000;

/**
 * Lets go of everything a container has besides its files and its row: processes, control groups, the runtime's
 * record, mounts, sockets. Ends what still lives of it. Idempotent; costs a few file look-ups where there is nothing.
 * The caller has made sure that it may end.
 * @throws EngineError timeout, io-failed
 */
export function releaseContainer(store: { readonly paths: StorePaths }, id: string): void {
	const paths = containerPaths(store.paths, id);
	// The bundle is made first and goes last: without one there is at most a mount.
	if (!existsSync(paths.bundle)) {
		unmountOverlay(paths.merged);
		return;
	}
	emptyCgroup(cgroupPath(id), () => {
		// First the monitor, or it would call us back for an end that we bring about ourselves.
		signalProcess(identifyFromPidFile(paths.monitorPidFile, id), 'SIGKILL');
	});
	unlinkTree(paths.runtimeState);
	unmountOverlay(paths.merged);
	unlinkTree(paths.bundle);
}

function emptyCgroup(path: string, beforeKilling: () => void): void {
	for (let waitedMs = 0; !removeCgroups(path); waitedMs += 2) {
		if (waitedMs > patienceMs) {
			throw new EngineError('timeout', { operation: `ending what is in ${path}`, afterMs: patienceMs });
		}
		const pids = listCgroupProcesses(path);
		if (pids.length > 0) {
			beforeKilling();
			for (const pid of pids) killQuietly(pid);
			// What is frozen does not die before it is let go, and what is dying takes a moment.
			setFrozen(path, false);
		}
		Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
	}
}

function killQuietly(pid: number): void {
	try {
		process.kill(pid, 'SIGKILL');
	} catch {}
}
