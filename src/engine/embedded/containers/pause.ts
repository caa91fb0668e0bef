import { setTimeout as pause } from 'node:timers/promises';
import { EngineError } from '../../errors.ts';
import type { Store } from '../store.ts';
import { cgroupPath, isFrozen, isToldToFreeze, setFrozen } from '../system/cgroups.ts';
import { tryLockContainer, withContainerLock } from './container-lock.ts';
import { type ContainerRecord, findRecord, hasProcess, listRecords, requireRecord } from './container-record.ts';
import { finishExitLocked } from './finish-exit.ts';
import { refuseForeign } from './start.ts';

/** Freezing takes moments; past this, some process waits for a device and will not write either. */
const freezePatienceMs = 2_000;
/** Freezing takes about 1 ms. */
const tellAgainMs = 50;

/**
 * Stops every process of a container where it stands. The row is written last: what was frozen for nobody is let go
 * at the next opening. @throws EngineError wrong-status, unsupported, timeout, locked
 */
export async function pauseContainer(store: Store, id: string): Promise<void> {
	await withContainerLock(store, id, async () => {
		await finishExitLocked(store, id);
		const record = requireRecord(store, id);
		if (record.status !== 'running') throw wrongStatus(record, 'pause');
		refuseForeign(record, 'pause');
		const path = cgroupPath(id);
		if (!setFrozen(path, true)) {
			throw new EngineError('unsupported', {
				operation: `to pause container ${record.name}`,
				why: 'this host has no freezer for control groups',
			});
		}
		try {
			await awaitFrozen(path);
			if (!isFrozen(path)) {
				throw new EngineError('timeout', { operation: `pausing container ${record.name}`, afterMs: freezePatienceMs });
			}
			recordPause(store, record, 'paused');
		} catch (error) {
			setFrozen(path, false);
			throw error;
		}
	});
}

/** Lets a paused container go on. @throws EngineError wrong-status, unsupported, locked */
export async function unpauseContainer(store: Store, id: string): Promise<void> {
	await withContainerLock(store, id, () => {
		const record = requireRecord(store, id);
		if (record.status !== 'paused') throw wrongStatus(record, 'unpause');
		refuseForeign(record, 'unpause');
		letGoOn(store, record);
	});
}

/** What is frozen hears no signal: lets it go on where it is paused, and does nothing where it is not. @throws EngineError locked */
export async function unpauseForSignal(store: Store, id: string): Promise<void> {
	if (findRecord(store, id)?.status !== 'paused') return;
	await withContainerLock(store, id, () => {
		const record = findRecord(store, id);
		if (record?.status === 'paused') letGoOn(store, record);
	});
}

/** The row first: one that still is frozen when we are killed in between is let go at the next opening. */
function letGoOn(store: Store, record: ContainerRecord): void {
	recordPause(store, record, 'running');
	setFrozen(cgroupPath(record.id), false);
}

function recordPause(store: Store, record: ContainerRecord, status: 'paused' | 'running'): void {
	store.database.writeVolatile(() => {
		store.database.run(
			'UPDATE container SET status = ?, generation = ? WHERE id = ?',
			status,
			store.database.nextGeneration(),
			record.id,
		);
		store.database.recordEvent(
			status === 'paused' ? 'pause' : 'unpause',
			{ kind: 'container', id: record.id },
			{ name: record.name, image: record.imageReference },
		);
	});
}

function wrongStatus(record: ContainerRecord, operation: string): EngineError<'wrong-status'> {
	return new EngineError('wrong-status', { container: record.name, operation, status: record.status });
}

async function awaitFrozen(path: string): Promise<void> {
	for (let waitedMs = 0; waitedMs < freezePatienceMs && !isFrozen(path); waitedMs++) {
		await pause(1);
		// The first freezer (cgroup v1) misses what is born while it freezes, and then waits for ever: it is told
		// again, and now and then to let go first. Source: runc libcontainer/cgroups/fs/freezer.go
		if (waitedMs % tellAgainMs !== tellAgainMs - 1 || isFrozen(path)) continue;
		setFrozen(path, false);
		await pause(5);
		setFrozen(path, true);
	}
}

/** Runs `act` while a container's processes stand still. The caller holds its lock, so that recovery knows why they do. */
export async function whileFrozen<T>(id: string, act: () => Promise<T>): Promise<T> {
	const path = cgroupPath(id);
	if (!setFrozen(path, true)) return await act();
	try {
		await awaitFrozen(path);
		return await act();
	} finally {
		setFrozen(path, false);
	}
}

/** Lets go on whatever a command froze that has been killed since; what is paused stays so. */
export function thawAbandoned(store: Store): void {
	for (const record of listRecords(store)) {
		if (!hasProcess(record.status) || record.status === 'paused' || !isToldToFreeze(cgroupPath(record.id))) continue;
		const lock = tryLockContainer(store, record.id);
		if (lock === undefined) continue;
		// Somebody may have paused it between our look and the lock.
		if (findRecord(store, record.id)?.status !== 'paused') setFrozen(cgroupPath(record.id), false);
		lock.release();
	}
}
