import { Box, Text } from 'ink';
import { memo, type ReactNode } from 'react';
import { type Cut, fitText } from './fit-text.ts';
import { useGlyphs } from './glyph-context.tsx';
import type { Glyphs } from './glyphs.ts';
import { scrollThumb } from './scroll.ts';
import { tableGapWidth, tableGutterWidth, tableRowCount } from './table-layout.ts';
import { type Tone, toneStyle } from './tone.ts';

/** One column as it is drawn; `width` in cells, decided by the view-model. */
export interface TableColumn {
	readonly id: string;
	readonly title: string;
	readonly width: number;
	readonly align?: 'left' | 'right';
	/** What gives way in a text that is too long; 'end' unless said otherwise. */
	readonly cut?: Cut;
	/** Set on the column that the rows are sorted by. */
	readonly sorted?: 'ascending' | 'descending';
}

/** Formatted text free of control characters, or such a text with a meaning of its own. */
export type TableCell = string | { readonly text: string; readonly tone: Tone };

/** One row; `cells` in the order of the columns. Keep the object the same while nothing in it changes: it is memo'd. */
export interface TableRow {
	readonly key: string;
	readonly cells: readonly TableCell[];
	readonly marked?: boolean;
	/** Tone of the cells that have none of their own. */
	readonly tone?: Tone;
}

/** What a table needs. Height includes the heading line. */
export interface TableProps {
	readonly columns: readonly TableColumn[];
	/** The rows in sight, from `offset` on; those that do not fit are left out. */
	readonly rows: readonly TableRow[];
	readonly width: number;
	readonly height: number;
	/** Index into all rows (not only those in sight). */
	readonly cursor?: number | undefined;
	/** Index of `rows[0]` among all rows; see scrollOffset. */
	readonly offset?: number;
	/** How many rows there are in all; draws a scroll bar when they do not fit. */
	readonly count?: number;
	/** Whether keys go to this table: an unfocused one underlines its cursor instead of inverting it. */
	readonly focused?: boolean;
	/** Lines shown instead of rows when there are none. */
	readonly empty?: readonly string[];
}

/** A list with columns, a cursor and marks. One `<Text>` per row, drawn again only when its row changed. */
export function Table(props: TableProps): ReactNode {
	const { columns, rows, width, height, cursor, offset = 0, count = rows.length, focused = true, empty = [] } = props;
	const glyphs = useGlyphs();
	const shown = rows.slice(0, tableRowCount(height));
	const thumb = scrollThumb(offset, count, tableRowCount(height));
	return (
		<Box flexDirection="column" width={width} height={height} overflow="hidden">
			<Heading columns={columns} width={width} glyphs={glyphs} />
			{shown.map((row, index) => (
				<Row
					key={row.key}
					row={row}
					columns={columns}
					width={width}
					glyphs={glyphs}
					state={offset + index !== cursor ? 'idle' : focused ? 'current' : 'remembered'}
					bar={thumb === undefined ? '' : index >= thumb.start && index < thumb.end ? glyphs.thumb : glyphs.track}
				/>
			))}
			{count === 0 &&
				empty.slice(0, tableRowCount(height)).map((line, index) => (
					// biome-ignore lint/suspicious/noArrayIndexKey: lines of a fixed text have no other identity
					<Text key={index} wrap="truncate" dimColor>
						{' '.repeat(tableGutterWidth) + line}
					</Text>
				))}
		</Box>
	);
}

interface HeadingProps {
	readonly columns: readonly TableColumn[];
	readonly width: number;
	readonly glyphs: Glyphs;
}

const Heading = memo(function Heading({ columns, width, glyphs }: HeadingProps): ReactNode {
	const titles = columns.map((column) => {
		const arrow = column.sorted === undefined ? '' : ` ${glyphs[column.sorted]}`;
		return fitText(column.title + arrow, column.width, { align: column.align ?? 'left', ellipsis: glyphs.ellipsis });
	});
	const line = ' '.repeat(tableGutterWidth) + titles.join(' '.repeat(tableGapWidth));
	return (
		<Text bold wrap="truncate">
			{fitText(line.trimEnd(), width, { ellipsis: glyphs.ellipsis })}
		</Text>
	);
});

interface RowProps {
	readonly row: TableRow;
	readonly columns: readonly TableColumn[];
	readonly width: number;
	readonly glyphs: Glyphs;
	readonly state: 'idle' | 'current' | 'remembered';
	readonly bar: string;
}

const Row = memo(function Row({ row, columns, width, glyphs, state, bar }: RowProps): ReactNode {
	const gutter = (state === 'idle' ? ' ' : glyphs.pointer) + (row.marked ? glyphs.mark : ' ');
	const texts = columns.map((column, index) => {
		const cell = row.cells[index] ?? '';
		const text = fitText(typeof cell === 'string' ? cell : cell.text, column.width, {
			align: column.align ?? 'left',
			cut: column.cut ?? 'end',
			ellipsis: glyphs.ellipsis,
		});
		return index === 0 ? text : ' '.repeat(tableGapWidth) + text;
	});
	const barWidth = bar === '' ? 0 : 1;
	if (state !== 'idle') {
		// One style for the whole line: colours under inverse are hard to read, and one change of style is cheaper to send.
		const line = fitText(gutter + texts.join(''), width - barWidth, { ellipsis: glyphs.ellipsis });
		return (
			<Text wrap="truncate">
				<Text inverse={state === 'current'} underline={state === 'remembered'}>
					{line}
				</Text>
				{bar}
			</Text>
		);
	}
	const used = tableGutterWidth + columns.reduce((sum, column) => sum + column.width + tableGapWidth, -tableGapWidth);
	return (
		<Text wrap="truncate" {...toneStyle(row.tone ?? 'plain')}>
			{row.marked ? <Text {...toneStyle('accent')}>{gutter}</Text> : gutter}
			{texts.map((text, index) => {
				const cell = row.cells[index] ?? '';
				if (typeof cell === 'string') return text;
				return (
					<Text key={columns[index]?.id} {...toneStyle(cell.tone)}>
						{text}
					</Text>
				);
			})}
			{bar === '' ? '' : ' '.repeat(Math.max(0, width - used - barWidth)) + bar}
		</Text>
	);
});
