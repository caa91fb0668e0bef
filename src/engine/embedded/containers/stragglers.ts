import { readdirSync, readFileSync } from 'node:fs';
import type { StorePaths } from '../paths.ts';
import { identifyProcess, isAlive, type ProcessIdentity, signalProcess } from '../system/process-identity.ts';
import { runtimeRoot } from './container-paths.ts';

/** Killed processes are gone in a moment, unless they wait for a device. */
const patienceMs = 2_000;

/**
 * Ends the monitor and the runtime that a killed start has left at work on a container, before they have told anybody
 * their numbers. Reads every command line of the host, so only for a start that is known to have come to nothing.
 */
export function endStragglers(paths: StorePaths, id: string): void {
	const found = readdirSync('/proc')
		.filter((name) => /^\d+$/.test(name))
		.flatMap((name) => straggler(paths, id, Number(name)) ?? []);
	for (const process of found) signalProcess(process, 'SIGKILL');
	for (let waitedMs = 0; waitedMs < patienceMs && found.some(isAlive); waitedMs += 2) {
		Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
	}
}

/** Not whoever only waits for the container, or asks for it by its id. */
function straggler(paths: StorePaths, id: string, pid: number): ProcessIdentity | undefined {
	// Before its command line is read, so that the number cannot have become somebody else's by the time it is used.
	const identity = identifyProcess(pid);
	try {
		const words = readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0');
		const isMonitor = words[words.indexOf('--cid') + 1] === id;
		const isRuntime = words[words.indexOf('--root') + 1] === runtimeRoot(paths) && words.includes(id);
		return isMonitor || isRuntime ? identity : undefined;
	} catch {
		return undefined;
	}
}
