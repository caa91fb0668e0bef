import { expect, test } from 'vitest';
import type { ContainerId, ContainerStats } from '../../src/engine/model.ts';
import { addReadings, cpuPercentBetween, type FiguresById, HISTORY_LENGTH } from '../../src/ui/rates.ts';

const id = 'a'.repeat(64) as ContainerId;

function reading(takenAt: number, cpuNs: number, memoryBytes = 1000): ContainerStats {
	return {
		id,
		takenAt,
		cpuNs,
		memoryBytes,
		memoryLimitBytes: 5000,
		pidCount: 2,
		blockReadBytes: undefined,
		blockWrittenBytes: undefined,
	};
}

function after(...readings: readonly ContainerStats[]): FiguresById {
	return readings.reduce<FiguresById>((figures, one) => addReadings(figures, [one]), new Map());
}

test.each([
	['half a CPU', { cpuNs: 0, takenAt: 0 }, { cpuNs: 500_000_000, takenAt: 1000 }, 50],
	['two CPUs', { cpuNs: 0, takenAt: 0 }, { cpuNs: 4_000_000_000, takenAt: 2000 }, 200],
	['nothing', { cpuNs: 7, takenAt: 0 }, { cpuNs: 7, takenAt: 1000 }, 0],
	['no time', { cpuNs: 0, takenAt: 5 }, { cpuNs: 9, takenAt: 5 }, undefined],
	['a counter that went back', { cpuNs: 9, takenAt: 0 }, { cpuNs: 1, takenAt: 1000 }, undefined],
])('%s between two readings', (_, earlier, later, percent) => {
	expect(cpuPercentBetween(earlier, later)).toBe(percent);
});

test('one reading gives memory but no percentage', () => {
	const figures = after(reading(1000, 10)).get(id);
	expect(figures).toMatchObject({ cpuPercent: undefined, memoryBytes: 1000, cpuHistory: [], memoryHistory: [1000] });
});

test('the second reading gives a percentage, and the history grows', () => {
	const figures = after(reading(1000, 0), reading(2000, 1e9, 3000)).get(id);
	expect(figures).toMatchObject({ cpuPercent: 100, cpuHistory: [100], memoryHistory: [1000, 3000] });
});

test('the history is bounded and keeps the newest', () => {
	const readings = Array.from({ length: HISTORY_LENGTH + 30 }, (_, index) => reading(index * 1000, 0, index));
	const figures = after(...readings).get(id);
	expect(figures?.memoryHistory).toHaveLength(HISTORY_LENGTH);
	expect(figures?.memoryHistory.at(-1)).toBe(HISTORY_LENGTH + 29);
});

test('the same reading twice changes nothing', () => {
	const once = after(reading(1000, 0), reading(2000, 5));
	expect(addReadings(once, [reading(2000, 5)]).get(id)).toBe(once.get(id));
});

test('a counter that starts again starts the history again', () => {
	const figures = after(reading(1000, 0), reading(2000, 5e8), reading(3000, 1)).get(id);
	expect(figures).toMatchObject({ cpuPercent: undefined, cpuHistory: [], memoryHistory: [1000] });
});

test('what gives no reading does not run and drops out', () => {
	expect(addReadings(after(reading(1000, 0)), []).size).toBe(0);
});
