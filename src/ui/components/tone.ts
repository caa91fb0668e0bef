/**
 * What a piece of text means to the eye. Colours are the terminal's own sixteen, so that its theme is honoured; each
 * tone that matters also differs in weight, because a monochrome terminal shows no colour at all.
 */
export type Tone = 'plain' | 'muted' | 'strong' | 'accent' | 'good' | 'warning' | 'bad';

/** The attributes of an Ink `<Text>` that a tone stands for. */
export interface ToneStyle {
	readonly color?: 'cyan' | 'green' | 'yellow' | 'red';
	readonly dimColor?: boolean;
	readonly bold?: boolean;
}

const toneStyles: Readonly<Record<Tone, ToneStyle>> = {
	plain: {},
	muted: { dimColor: true },
	strong: { bold: true },
	accent: { color: 'cyan' },
	good: { color: 'green' },
	warning: { color: 'yellow' },
	bad: { color: 'red', bold: true },
};

/** Text attributes of a tone, to spread into an Ink `<Text>`. */
export function toneStyle(tone: Tone): ToneStyle {
	return toneStyles[tone];
}
