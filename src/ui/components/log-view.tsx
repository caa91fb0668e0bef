import { Box, Text } from 'ink';
import { memo, type ReactNode } from 'react';
import { cutText, takeStart, textWidth } from './fit-text.ts';
import { useGlyphs } from './glyph-context.tsx';

/** One line of a log; `text` free of control characters. `key` stays the same while the line exists. */
export interface LogLine {
	readonly key: string;
	readonly text: string;
	readonly stream: 'stdout' | 'stderr';
	/** Already formatted; shown before the text when present. */
	readonly time?: string;
}

/** What a log view needs: the lines in sight, oldest first. */
export interface LogViewProps {
	readonly lines: readonly LogLine[];
	readonly width: number;
	readonly height: number;
	/** Breaks long lines instead of cutting them. */
	readonly wrap?: boolean;
	/** Every occurrence is inverted; compared without regard to case. */
	readonly highlight?: string;
	/** Shown while there is no line. */
	readonly empty?: string;
}

/** A log's tail: the last lines that fit, standard error set apart by a bar before it. */
export function LogView({ lines, width, height, wrap = false, highlight = '', empty = '' }: LogViewProps): ReactNode {
	const shown = lines.slice(-Math.max(0, height));
	return (
		<Box flexDirection="column" width={width} height={height} overflow="hidden" justifyContent="flex-end">
			{shown.map((line) => (
				<Line key={line.key} line={line} width={width} wrap={wrap} highlight={highlight} />
			))}
			{lines.length === 0 && <Text dimColor>{empty}</Text>}
			{shown.length < height && <Box flexGrow={1} />}
		</Box>
	);
}

const Line = memo(function Line(props: { line: LogLine; width: number; wrap: boolean; highlight: string }): ReactNode {
	const { line, width, wrap, highlight } = props;
	const { vertical, ellipsis } = useGlyphs();
	const isError = line.stream === 'stderr';
	const time = line.time === undefined ? '' : `${line.time} `;
	const room = Math.max(1, width - 2 - textWidth(time));
	const parts = wrap ? breakLine(line.text, room) : [cutText(line.text, room, { ellipsis })];
	return (
		<Box flexDirection="column" flexShrink={0}>
			{parts.map((part, index) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: the parts of a line are their positions
				<Text key={index} wrap="truncate">
					<Text {...(isError ? { color: 'red' } : {})}>{isError ? `${vertical} ` : '  '}</Text>
					<Text dimColor>{index === 0 ? time : ' '.repeat(textWidth(time))}</Text>
					{splitMatches(part, highlight).map((piece, at) => (
						// biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a line are their positions
						<Text key={at} inverse={piece.matches}>
							{piece.text}
						</Text>
					))}
				</Text>
			))}
		</Box>
	);
});

/** Splits a text into runs that match `term` (without regard to case) and runs that do not. */
export function splitMatches(text: string, term: string): { text: string; matches: boolean }[] {
	if (term === '') return [{ text, matches: false }];
	const pieces: { text: string; matches: boolean }[] = [];
	const pattern = new RegExp(term.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'gi');
	let from = 0;
	for (const match of text.matchAll(pattern)) {
		if (match.index > from) pieces.push({ text: text.slice(from, match.index), matches: false });
		pieces.push({ text: match[0], matches: true });
		from = match.index + match[0].length;
	}
	if (from < text.length || pieces.length === 0) pieces.push({ text: text.slice(from), matches: false });
	return pieces;
}

function breakLine(text: string, width: number): string[] {
	const parts: string[] = [];
	let rest = text;
	while (textWidth(rest) > width) {
		const head = takeStart(rest, width) || rest.slice(0, 1);
		parts.push(head);
		rest = rest.slice(head.length);
	}
	parts.push(rest);
	return parts;
}
