import { Text } from 'ink';
import type { ReactNode } from 'react';
import { takeEnd, takeStart, textWidth } from './fit-text.ts';

/** What a text field shows. It takes no input itself: value and cursor come from the state. */
export interface TextFieldProps {
	readonly label: string;
	readonly value: string;
	/** UTF-16 index into `value` where the next character goes. */
	readonly cursor: number;
	/** All cells, the label's included. */
	readonly width: number;
	readonly placeholder?: string;
}

/** The part of a field in sight: what stands before, under and behind the cursor, at most `width` cells together. */
export function fieldWindow(
	value: string,
	cursor: number,
	width: number,
): { before: string; under: string; behind: string } {
	const under = firstCharacter(value.slice(cursor)) || ' ';
	const before = takeEnd(value.slice(0, cursor), Math.max(0, width - textWidth(under)));
	const room = width - textWidth(before) - textWidth(under);
	return { before, under, behind: takeStart(value.slice(cursor + under.length), Math.max(0, room)) };
}

/** One line: label, text and an inverted cell where the cursor is. */
export function TextField({ label, value, cursor, width, placeholder = '' }: TextFieldProps): ReactNode {
	const head = label === '' ? '' : `${label} `;
	const room = Math.max(1, width - textWidth(head));
	const { before, under, behind } = fieldWindow(value, cursor, room);
	return (
		<Text wrap="truncate">
			<Text bold>{head}</Text>
			{before}
			<Text inverse>{under}</Text>
			{value === '' ? <Text dimColor>{takeStart(placeholder, room - 1)}</Text> : behind}
		</Text>
	);
}

function firstCharacter(text: string): string {
	for (const { segment } of new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text)) return segment;
	return '';
}
