import type { ContainerId, ContainerStats, Instant } from '../engine/model.ts';

/** Samples that a chart can look back on: two minutes at one a second. */
export const HISTORY_LENGTH = 120;

/** What one running container uses now, and used lately. */
export interface ContainerFigures {
	/** Percent of one CPU since the sample before; undefined until there are two. */
	readonly cpuPercent: number | undefined;
	readonly memoryBytes: number;
	readonly memoryLimitBytes: number;
	readonly pidCount: number;
	/** Oldest first, at most `HISTORY_LENGTH`; percent of one CPU. */
	readonly cpuHistory: readonly number[];
	/** Oldest first, at most `HISTORY_LENGTH`; bytes. */
	readonly memoryHistory: readonly number[];
	readonly cpuNs: number;
	readonly takenAt: Instant;
}

export type FiguresById = ReadonlyMap<ContainerId, ContainerFigures>;

/**
 * The figures after one more reading of all running containers. Containers without a reading drop out: they do not run.
 * A reading that is no newer than the last one leaves the figures as they are.
 */
export function addReadings(before: FiguresById, readings: readonly ContainerStats[]): FiguresById {
	return new Map(readings.map((reading) => [reading.id, addReading(before.get(reading.id), reading)]));
}

/** Percent of one CPU between two counters; undefined where no time has passed or the counter was reset. */
export function cpuPercentBetween(
	earlier: { readonly cpuNs: number; readonly takenAt: Instant },
	later: { readonly cpuNs: number; readonly takenAt: Instant },
): number | undefined {
	const elapsedNs = (later.takenAt - earlier.takenAt) * 1e6;
	const usedNs = later.cpuNs - earlier.cpuNs;
	if (elapsedNs <= 0 || usedNs < 0) return undefined;
	return (usedNs / elapsedNs) * 100;
}

function addReading(before: ContainerFigures | undefined, reading: ContainerStats): ContainerFigures {
	if (before !== undefined && reading.takenAt <= before.takenAt) return before;
	// A counter that went back belongs to a new run of the same container: its history starts again.
	const sameRun = before !== undefined && reading.cpuNs >= before.cpuNs ? before : undefined;
	const cpuPercent = sameRun === undefined ? undefined : cpuPercentBetween(sameRun, reading);
	return {
		cpuPercent,
		memoryBytes: reading.memoryBytes,
		memoryLimitBytes: reading.memoryLimitBytes,
		pidCount: reading.pidCount,
		cpuHistory: cpuPercent === undefined ? (sameRun?.cpuHistory ?? []) : append(sameRun?.cpuHistory ?? [], cpuPercent),
		memoryHistory: append(sameRun?.memoryHistory ?? [], reading.memoryBytes),
		cpuNs: reading.cpuNs,
		takenAt: reading.takenAt,
	};
}

function append(history: readonly number[], value: number): readonly number[] {
	return [...history.slice(-(HISTORY_LENGTH - 1)), value];
}
