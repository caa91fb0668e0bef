import { Box, Text } from 'ink';
import type { ReactNode } from 'react';
import { cutText, fitText, textWidth } from './fit-text.ts';
import { useGlyphs } from './glyph-context.tsx';
import { type Tone, toneStyle } from './tone.ts';

/** One answer. `key` is the letter that picks it. */
export interface DialogChoice {
	readonly id: string;
	readonly key: string;
	readonly title: string;
	/** Removes or stops something: never the default. */
	readonly danger?: boolean;
}

/** One line of a dialog's body; longer ones are cut, so wrap them first. */
export type DialogLine = string | { readonly text: string; readonly tone: Tone };

/** What a dialog needs. It stands in the middle of a region of `width` × `height` cells, over what is there. */
export interface DialogProps {
	readonly title: string;
	readonly lines: readonly DialogLine[];
	readonly choices: readonly DialogChoice[];
	/** Id of the choice that Enter picks; see defaultChoice. */
	readonly selected: string;
	/** 'bad' for a dialog about removing. */
	readonly tone?: Tone;
	readonly width: number;
	readonly height: number;
}

/** The choice that Enter picks unless the person moves: the first one without danger ("no"). */
export function defaultChoice(choices: readonly DialogChoice[]): string | undefined {
	return choices.find((choice) => !choice.danger)?.id ?? choices[0]?.id;
}

/** The choice beside the selected one, `step` places on; it goes round. */
export function moveChoice(choices: readonly DialogChoice[], selected: string, step: number): string {
	const index = choices.findIndex((choice) => choice.id === selected);
	const next = (((index + step) % choices.length) + choices.length) % choices.length;
	return choices[next]?.id ?? selected;
}

/** Cells that a body line may take in a dialog shown in a region of `width` cells: for wrapping the text beforehand. */
export function dialogTextWidth(width: number): number {
	return Math.max(1, Math.min(width - 2, 76) - 4);
}

/** A question in the middle of the screen. Says how many lines did not fit rather than dropping them in silence. */
export function Dialog({ title, lines, choices, selected, tone = 'plain', width, height }: DialogProps): ReactNode {
	const { corners, rule, vertical, ellipsis } = useGlyphs();
	const choiceText = choices.map((choice) => ` ${choice.key} ${choice.title} `);
	const longest = Math.max(
		textWidth(title) + 2,
		textWidth(choiceText.join(' ')),
		...lines.map((line) => textWidth(typeof line === 'string' ? line : line.text)),
	);
	const inner = Math.min(longest, dialogTextWidth(width));
	const body = fitLines(lines, height - 4);
	const side = toneStyle(tone);
	const blank = <Edge vertical={vertical} style={side} content={' '.repeat(inner)} />;
	return (
		<Box position="absolute" width={width} height={height} alignItems="center" justifyContent="center">
			<Box flexDirection="column" width={inner + 4} flexShrink={0}>
				<Text wrap="truncate" {...side}>
					{corners[0]}
					{rule} <Text bold>{cutText(title, inner - 1, { ellipsis })}</Text>{' '}
					{rule.repeat(Math.max(0, inner - 1 - textWidth(cutText(title, inner - 1, { ellipsis }))))}
					{corners[1]}
				</Text>
				{body.map((line, index) => (
					<Edge
						// biome-ignore lint/suspicious/noArrayIndexKey: lines of a fixed text have no other identity
						key={index}
						vertical={vertical}
						style={side}
						content={
							<Text {...toneStyle(typeof line === 'string' ? 'plain' : line.tone)}>
								{fitText(typeof line === 'string' ? line : line.text, inner, { ellipsis })}
							</Text>
						}
					/>
				))}
				{height - 4 > body.length && blank}
				<Edge
					vertical={vertical}
					style={side}
					content={
						<>
							{choices.map((choice, index) => (
								<Text key={choice.id}>
									{index === 0 ? '' : ' '}
									<Text
										inverse={choice.id === selected}
										bold={choice.id === selected}
										{...(choice.danger && choice.id !== selected ? toneStyle('bad') : {})}
									>
										{choiceText[index]}
									</Text>
								</Text>
							))}
							{' '.repeat(Math.max(0, inner - textWidth(choiceText.join(' '))))}
						</>
					}
				/>
				<Text wrap="truncate" {...side}>
					{corners[2] + rule.repeat(inner + 2) + corners[3]}
				</Text>
			</Box>
		</Box>
	);
}

/** A line between the two borders; a nested style must not leak into the borders. */
function Edge(props: { vertical: string; style: ReturnType<typeof toneStyle>; content: ReactNode }): ReactNode {
	return (
		<Text wrap="truncate">
			<Text {...props.style}>{props.vertical}</Text> {props.content} <Text {...props.style}>{props.vertical}</Text>
		</Text>
	);
}

function fitLines(lines: readonly DialogLine[], room: number): readonly DialogLine[] {
	if (lines.length <= room) return lines;
	const kept = Math.max(0, room - 1);
	return [...lines.slice(0, kept), { text: `and ${lines.length - kept} more lines`, tone: 'muted' }];
}
