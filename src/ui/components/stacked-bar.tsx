import { Text } from 'ink';
import { memo, type ReactNode } from 'react';
import { useGlyphs } from './glyph-context.tsx';
import { type Tone, toneStyle } from './tone.ts';

/** One part of a whole; `value` in any unit, the same for all. */
export interface BarSegment {
	readonly id: string;
	readonly value: number;
	readonly tone: Tone;
}

/** What a stacked bar needs. What the segments leave of `total` stays empty. */
export interface StackedBarProps {
	readonly segments: readonly BarSegment[];
	readonly total: number;
	readonly width: number;
}

/**
 * Cells of each segment. They sum up to the cells of the segments' sum (largest remainders), and a value above 0 has at
 * least one cell as long as there are cells.
 */
export function segmentCells(values: readonly number[], total: number, width: number): number[] {
	if (total <= 0 || width <= 0) return values.map(() => 0);
	const exact = values.map((value) => (Math.max(0, value) / total) * width);
	const cells = exact.map((share) => (share > 0 ? Math.max(1, Math.floor(share)) : 0));
	const sum = exact.reduce((one, other) => one + other, 0);
	let spare = Math.min(width, Math.round(sum)) - cells.reduce((one, other) => one + other, 0);
	const byRemainder = exact.map((share, index) => ({ index, rest: share - (cells[index] ?? 0) }));
	byRemainder.sort((one, other) => other.rest - one.rest);
	for (const { index } of byRemainder) {
		if (spare <= 0) break;
		cells[index] = (cells[index] ?? 0) + 1;
		spare--;
	}
	while (spare < 0) {
		const widest = cells.indexOf(Math.max(...cells));
		if ((cells[widest] ?? 0) <= 1) break;
		cells[widest] = (cells[widest] ?? 0) - 1;
		spare++;
	}
	return cells;
}

/** The glyph that fills the segment at `index`: for a legend that can be read without colour. */
export function segmentGlyph(fills: readonly string[], index: number): string {
	return fills[index % fills.length] ?? '';
}

/** One line: how a whole divides into parts. Each part has a filling of its own, so that it can be read without colour. */
export const StackedBar = memo(function StackedBar({ segments, total, width }: StackedBarProps): ReactNode {
	const { fills } = useGlyphs();
	const values = segments.map((segment) => segment.value);
	const cells = segmentCells(values, total, width);
	return (
		<Text wrap="truncate">
			{segments.map((segment, index) => (
				<Text key={segment.id} {...toneStyle(segment.tone)}>
					{segmentGlyph(fills, index).repeat(cells[index] ?? 0)}
				</Text>
			))}
		</Text>
	);
});
