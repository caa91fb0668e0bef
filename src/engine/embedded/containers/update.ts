import { EngineError } from '../../errors.ts';
import type { ResourceLimits } from '../../model.ts';
import type { LimitChange } from '../../port-containers.ts';
import type { Store } from '../store.ts';
import { writeLimits } from '../system/cgroup-limits.ts';
import { cgroupPath } from '../system/cgroups.ts';
import { isSystemError } from '../system/syscalls.ts';
import { withContainerLock } from './container-lock.ts';
import { type ContainerRecord, hasProcess, requireRecord } from './container-record.ts';
import { checkedLimits } from './run-settings.ts';
import { refuseForeign } from './start.ts';

/**
 * Changes the limits of a container, at once where it runs, and for its next starts. What the kernel refuses is
 * written down nowhere. @throws EngineError invalid-argument, unsupported, locked
 */
export async function updateContainer(store: Store, id: string, change: LimitChange): Promise<void> {
	await withContainerLock(store, id, () => {
		const record = requireRecord(store, id);
		const limits = checkedLimits({ ...record.settings.limits, ...change });
		if (hasProcess(record.status)) {
			refuseForeign(record, 'update');
			apply(record, limits);
		}
		store.database.write(() => {
			store.database.run(
				'UPDATE container SET settings = ?, generation = ? WHERE id = ?',
				JSON.stringify({ ...record.settings, limits }),
				store.database.nextGeneration(),
				id,
			);
			const attributes = { name: record.name, image: record.imageReference };
			store.database.recordEvent('update', { kind: 'container', id }, attributes);
		});
	});
}

function apply(record: ContainerRecord, limits: ResourceLimits): void {
	try {
		writeLimits(cgroupPath(record.id), limits);
	} catch (error) {
		// Whatever of it was written before the refusal is taken back.
		try {
			writeLimits(cgroupPath(record.id), record.settings.limits);
		} catch {}
		if (isSystemError(error, 'EBUSY')) {
			const why = 'the container uses more than that now';
			throw new EngineError('invalid-argument', { argument: 'the memory limit', why }, { cause: error });
		}
		if (error instanceof Error && 'code' in error) {
			const operation = 'set the limits of';
			const path = `container ${record.name}`;
			throw new EngineError('io-failed', { operation, path, code: String(error.code) }, { cause: error });
		}
		throw error;
	}
}
