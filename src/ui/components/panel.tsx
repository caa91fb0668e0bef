import { Box, Text } from 'ink';
import type { ReactNode } from 'react';
import { cutText, textWidth } from './fit-text.ts';
import { useGlyphs } from './glyph-context.tsx';

/** What a panel needs. Height includes the title line; the children get `height - 1` lines. */
export interface PanelProps {
	readonly title: string;
	/** Stands at the right end of the title line: a count, an age, a host. */
	readonly detail?: string;
	readonly width: number;
	readonly height: number;
	/** Whether keys go here; the title of a focused panel is bold, of another one dim. */
	readonly focused?: boolean;
	readonly children?: ReactNode;
}

/** A titled region: one rule above, no other borders, so that a small screen keeps its cells for content. */
export function Panel({ title, detail = '', width, height, focused = true, children }: PanelProps): ReactNode {
	const { rule, ellipsis } = useGlyphs();
	const heading = cutText(title, width, { ellipsis });
	const detailRoom = width - textWidth(heading) - 4;
	const shownDetail = detailRoom < 1 ? '' : cutText(detail, detailRoom, { ellipsis });
	const tail = shownDetail === '' ? '' : ` ${shownDetail}`;
	const ruleWidth = width - textWidth(heading) - 1 - textWidth(tail);
	return (
		<Box flexDirection="column" width={width} height={height} overflow="hidden">
			<Text wrap="truncate">
				<Text bold={focused} dimColor={!focused}>
					{heading}
				</Text>
				<Text dimColor>{ruleWidth > 0 ? ` ${rule.repeat(ruleWidth)}${tail}` : ''}</Text>
			</Text>
			{children}
		</Box>
	);
}
