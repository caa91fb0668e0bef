import { Box, Text } from 'ink';
import { memo, type ReactNode } from 'react';
import { toneStyle } from '../components/tone.ts';
import type { Line } from '../views/lines.ts';

/** Lines of a view, one below the other; each is drawn again only when its text or tones changed. */
export function TextLines({ lines }: { readonly lines: readonly Line[] }): ReactNode {
	return (
		<Box flexDirection="column" flexShrink={0}>
			{lines.map((line, index) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: a line is its position
				<TextLine key={index} line={line} />
			))}
		</Box>
	);
}

/** One line of a view. */
export const TextLine = memo(
	function TextLine({ line }: { readonly line: Line }): ReactNode {
		return (
			<Text wrap="truncate">
				{line.length === 0 ? ' ' : ''}
				{line.map((piece, index) =>
					typeof piece === 'string' ? (
						piece
					) : (
						// biome-ignore lint/suspicious/noArrayIndexKey: a piece is its position
						<Text key={index} {...toneStyle(piece.tone)}>
							{piece.text}
						</Text>
					),
				)}
			</Text>
		);
	},
	(before, after) => isSameLine(before.line, after.line),
);

function isSameLine(one: Line, other: Line): boolean {
	return (
		one.length === other.length &&
		one.every((piece, index) => {
			const twin = other[index];
			if (typeof piece === 'string' || typeof twin === 'string') return piece === twin;
			return piece.text === twin?.text && piece.tone === twin.tone;
		})
	);
}
