import { existsSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isEngineError } from '../../errors.ts';
import { mountsBelow, unmountOverlay } from '../layers/overlay.ts';
import type { Store } from '../store.ts';
import { readBootId } from '../system/boot-id.ts';
import { type ContainerLock, tryLockContainer } from './container-lock.ts';
import { containerPaths, exitDirectory } from './container-paths.ts';
import {
	type ContainerRecord,
	findRecord,
	hasProcess,
	isMonitorAlive,
	isOurs,
	isProcessAlive,
} from './container-record.ts';
import { abandonStart, recordUnseenExit, releaseRemoved } from './finish-exit.ts';
import { thawAbandoned } from './pause.ts';
import { identifyFromPidFile } from './pid-file.ts';
import { recordRunning } from './start.ts';

/**
 * Makes rows and reality agree again after whatever ended the last commands: adopts containers that run, writes down
 * ends that nobody saw, lets go of what half-done starts left. Never ends a container that runs, never touches one
 * that another process is at work on, or that stands in other namespaces. Costs one look at each container that runs.
 */
export function reconcileContainers(store: Store): void {
	const bundles = readdirSync(store.paths.run).filter((name) => /^[0-9a-f]{64}$/.test(name));
	const running = store.database
		.all<{ id: string }>(
			`SELECT id FROM container WHERE removing = 0 AND status IN ('running', 'paused', 'restarting')`,
		)
		.map(({ id }) => id);
	const exits = listExits(store);
	for (const id of new Set([...bundles, ...running, ...exits])) {
		whileFree(store, id, (record) => reconcile(store, record));
		releaseRemoved(store, id);
	}
	unmountLeftovers(store);
	thawAbandoned(store);
}

function reconcile(store: Store, record: ContainerRecord): void {
	if (!isOurs(record)) return;
	const paths = containerPaths(store.paths, record.id);
	if (hasProcess(record.status)) {
		if (!isProcessAlive(record) && !isMonitorAlive(record)) recordUnseenExit(store, record);
		return;
	}
	if (!existsSync(paths.bundle)) {
		if (existsSync(paths.exitFile)) recordUnseenExit(store, record);
		return;
	}
	// A start that was cut short; it may have come as far as letting the container go.
	const process = identifyFromPidFile(paths.pidFile);
	const monitor = identifyFromPidFile(paths.monitorPidFile, record.id);
	const isWaiting = existsSync(join(paths.runtimeState, 'exec.fifo'));
	if (process !== undefined && monitor !== undefined && !isWaiting && record.bootId === readBootId()) {
		recordRunning(store, record, { process, monitor });
	} else if (existsSync(paths.exitFile)) recordUnseenExit(store, record);
	else abandonStart(store, record);
}

/** Containers with an exit code that somebody has yet to see to. One that nobody can see to any more is rubbish. */
function listExits(store: Store): readonly string[] {
	const directory = exitDirectory(store.paths);
	if (!existsSync(directory)) return [];
	// Other names are those of exit codes that are being written.
	const names = readdirSync(directory).filter((name) => /^[0-9a-f]{64}$/.test(name));
	return names.filter((name) => {
		if (findRecord(store, name) !== undefined) return true;
		rmSync(join(directory, name), { force: true });
		return false;
	});
}

/** An overlay that nobody runs on: from a start or a look that was cut short. */
function unmountLeftovers(store: Store): void {
	for (const mount of mountsBelow(store.paths.containers)) {
		const id = basename(dirname(mount));
		whileFree(store, id, (record) => {
			if (isOurs(record) && !hasProcess(record.status)) unmountOverlay(mount);
		});
	}
}

/** Runs `act` on a container that nobody is at work on, as its row is by then. */
function whileFree(store: Store, id: string, act: (record: ContainerRecord) => void): void {
	let lock: ContainerLock | undefined;
	try {
		lock = tryLockContainer(store, id);
	} catch (error) {
		if (isEngineError(error, 'not-found')) return;
		throw error;
	}
	if (lock === undefined) return;
	try {
		const record = findRecord(store, id);
		if (record !== undefined) act(record);
	} finally {
		lock.release();
	}
}
