import { totalmem } from 'node:os';
import type { ContainerStats } from '../../model.ts';
import type { Store } from '../store.ts';
import { cgroupPath, readCgroupUsage } from '../system/cgroups.ts';
import { hasProcess, listRecords } from './container-record.ts';

/** One reading for every running container: kernel files only, about 0.1 ms each. */
export function readStats(store: Store): readonly ContainerStats[] {
	return listRecords(store).flatMap((record) => {
		if (!hasProcess(record.status)) return [];
		const usage = readCgroupUsage(cgroupPath(record.id));
		if (usage === undefined) return [];
		return [
			{
				id: record.id,
				takenAt: store.now(),
				cpuNs: usage.cpuNs,
				memoryBytes: usage.memoryBytes,
				memoryLimitBytes: usage.memoryLimitBytes ?? totalmem(),
				pidCount: usage.pidCount,
				blockReadBytes: usage.blockReadBytes,
				blockWrittenBytes: usage.blockWrittenBytes,
			},
		];
	});
}
