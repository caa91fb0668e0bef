import { setTimeout as pause } from 'node:timers/promises';
import type { Store } from '../store.ts';
import { cgroupPath, isFrozen, setFrozen } from '../system/cgroups.ts';
import { tryLockContainer } from './container-lock.ts';
import { hasProcess, listRecords } from './container-record.ts';

/** Freezing takes moments; past this, some process waits for a device and will not write either. */
const freezePatienceMs = 2_000;

/** Runs `act` while a container's processes stand still. The caller holds its lock, so that recovery knows why they do. */
export async function whileFrozen<T>(id: string, act: () => Promise<T>): Promise<T> {
	const path = cgroupPath(id);
	if (!setFrozen(path, true)) return await act();
	try {
		for (let waitedMs = 0; waitedMs < freezePatienceMs && !isFrozen(path); waitedMs++) await pause(1);
		return await act();
	} finally {
		setFrozen(path, false);
	}
}

/** Lets go on whatever a command froze that has been killed since. Nobody else freezes. */
export function thawAbandoned(store: Store): void {
	for (const record of listRecords(store)) {
		if (!hasProcess(record.status) || !isFrozen(cgroupPath(record.id))) continue;
		const lock = tryLockContainer(store, record.id);
		if (lock === undefined) continue;
		setFrozen(cgroupPath(record.id), false);
		lock.release();
	}
}
