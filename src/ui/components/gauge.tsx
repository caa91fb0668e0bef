import { Text } from 'ink';
import { memo, type ReactNode } from 'react';
import { fitText, textWidth } from './fit-text.ts';
import { useGlyphs } from './glyph-context.tsx';
import type { Glyphs } from './glyphs.ts';
import { type Tone, toneStyle } from './tone.ts';

/** What a gauge needs: `ratio` from 0 to 1, undefined while it is not measured. */
export interface GaugeProps {
	readonly ratio: number | undefined;
	/** All cells together. */
	readonly width: number;
	/** Before the bar, padded to `labelWidth` cells. */
	readonly label?: string;
	readonly labelWidth?: number;
	/** Behind the bar, aligned right in `textWidth` cells. */
	readonly text?: string;
	readonly textCells?: number;
	readonly tone?: Tone;
}

/** A bar of `width` cells filled to `ratio`, in parts of a cell where the glyphs allow. A ratio above 0 never looks empty. */
export function gaugeBar(ratio: number, width: number, glyphs: Glyphs): { filled: string; empty: string } {
	const steps = glyphs.partials.length;
	const full = glyphs.partials[steps - 1] ?? '';
	const bounded = Math.min(1, Math.max(0, Number.isFinite(ratio) ? ratio : 0));
	const parts = Math.max(bounded > 0 ? 1 : 0, Math.floor(bounded * width * steps));
	const wholeCells = Math.floor(parts / steps);
	const filled = full.repeat(wholeCells) + (glyphs.partials[(parts % steps) - 1] ?? '');
	return { filled, empty: glyphs.empty.repeat(Math.max(0, width - textWidth(filled))) };
}

/** One line: label, bar, figure. */
export const Gauge = memo(function Gauge(props: GaugeProps): ReactNode {
	const { ratio, width, label = '', labelWidth = textWidth(label), text = '', tone = 'accent' } = props;
	const { textCells = textWidth(text) } = props;
	const glyphs = useGlyphs();
	const head = labelWidth > 0 ? `${fitText(label, labelWidth, { ellipsis: glyphs.ellipsis })} ` : '';
	const tail = textCells > 0 ? ` ${fitText(text, textCells, { align: 'right', ellipsis: glyphs.ellipsis })}` : '';
	const barWidth = Math.max(0, width - textWidth(head) - textWidth(tail));
	const { filled, empty } = gaugeBar(ratio ?? 0, barWidth, glyphs);
	return (
		<Text wrap="truncate">
			{head}
			<Text {...toneStyle(tone)}>{filled}</Text>
			<Text dimColor>{empty}</Text>
			{tail}
		</Text>
	);
});
