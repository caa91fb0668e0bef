import { Box, Text } from 'ink';
import type { ReactNode } from 'react';
import { cutText, fitText, textWidth } from './fit-text.ts';
import { useGlyphs } from './glyph-context.tsx';
import { type HelpGroup, type HelpLine, helpColumnGap, layOutHelp } from './help-layout.ts';
import { toneStyle } from './tone.ts';

/** What the help needs; `offset` is the first line shown when not all fit (see help-layout.ts). */
export interface HelpListProps {
	readonly groups: readonly HelpGroup[];
	readonly width: number;
	readonly height: number;
	readonly offset?: number;
}

/** Every key of the screen, in two columns where there is room. */
export function HelpList({ groups, width, height, offset = 0 }: HelpListProps): ReactNode {
	const columns = layOutHelp(groups, width);
	const columnWidth = Math.floor((width - helpColumnGap * (columns.length - 1)) / columns.length);
	const keyWidth = Math.max(0, ...groups.flatMap((group) => group.entries.map((entry) => textWidth(entry.keys))));
	return (
		<Box width={width} height={height} overflow="hidden" columnGap={helpColumnGap}>
			{columns.map((lines, column) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: a column is its position
				<Box key={column} flexDirection="column" width={columnWidth} flexShrink={0}>
					{lines.slice(offset, offset + height).map((line, index) => (
						// biome-ignore lint/suspicious/noArrayIndexKey: lines of a fixed text have no other identity
						<Line key={index} line={line} width={columnWidth} keyWidth={Math.min(keyWidth, 14)} />
					))}
				</Box>
			))}
		</Box>
	);
}

function Line({ line, width, keyWidth }: { line: HelpLine; width: number; keyWidth: number }): ReactNode {
	const { ellipsis } = useGlyphs();
	if (line === undefined) return <Text> </Text>;
	if ('title' in line) {
		return (
			<Text bold wrap="truncate">
				{cutText(line.title, width, { ellipsis })}
			</Text>
		);
	}
	const { keys, title, note, danger } = line.entry;
	const text = note === undefined ? title : `${title} (${note})`;
	return (
		<Text wrap="truncate" dimColor={note !== undefined}>
			{'  '}
			<Text {...(note === undefined ? { color: 'cyan' } : {})} bold={note === undefined}>
				{fitText(keys, keyWidth, { ellipsis })}
			</Text>
			{'  '}
			<Text {...(danger && note === undefined ? toneStyle('bad') : {})}>
				{cutText(text, Math.max(0, width - keyWidth - 4), { ellipsis })}
			</Text>
		</Text>
	);
}
