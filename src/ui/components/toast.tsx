import { Box, Text } from 'ink';
import type { ReactNode } from 'react';
import { wrapWords } from './fit-text.ts';
import { useGlyphs } from './glyph-context.tsx';
import { toneStyle } from './tone.ts';

/** What a toast needs: what happened, and the next step. */
export interface ToastProps {
	readonly tone: 'good' | 'warning' | 'bad' | 'plain';
	readonly text: string;
	readonly hint?: string | undefined;
	readonly width: number;
	/** Lines it may take at most, 3 unless said otherwise. */
	readonly maxLines?: number;
}

/** The lines of a toast, for reserving its height. */
export function toastLines({ text, hint, width, maxLines = 3 }: ToastProps): string[] {
	const room = Math.max(1, width - 2);
	const body = wrapWords(text, room);
	const help = hint === undefined ? [] : wrapWords(hint, room);
	return [...body, ...help].slice(0, maxLines);
}

/** A message that comes and goes at the foot of the screen. */
export function Toast(props: ToastProps): ReactNode {
	const { tone, text, width } = props;
	const glyphs = useGlyphs();
	const lines = toastLines(props);
	const bodyCount = wrapWords(text, Math.max(1, width - 2)).length;
	const sign = tone === 'plain' ? glyphs.separator : glyphs[tone];
	return (
		<Box flexDirection="column" width={width} height={lines.length} flexShrink={0}>
			{lines.map((line, index) => (
				<Text
					// biome-ignore lint/suspicious/noArrayIndexKey: lines of a fixed text have no other identity
					key={index}
					wrap="truncate"
					{...(index < bodyCount ? toneStyle(tone) : toneStyle('muted'))}
				>
					{`${index === 0 ? sign : ' '} ${line}`}
				</Text>
			))}
		</Box>
	);
}
