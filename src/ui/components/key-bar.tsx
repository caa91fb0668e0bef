import { Text } from 'ink';
import { memo, type ReactNode } from 'react';
import { textWidth } from './fit-text.ts';

/** One key and what it does. */
export interface KeyHint {
	readonly keys: string;
	readonly title: string;
	/** Shown dimmed: the key exists but does nothing here. */
	readonly disabled?: boolean;
	/** Stays when others are dropped for want of room. */
	readonly pinned?: boolean;
}

/** What the key bar needs: the hints in order of importance. */
export interface KeyBarProps {
	readonly hints: readonly KeyHint[];
	readonly width: number;
}

const gap = '  ';

/** The hints that fit into `width` cells, in their order: pinned ones first get their room, then the others by order. */
export function fitKeyHints(hints: readonly KeyHint[], width: number): KeyHint[] {
	let room = width + gap.length;
	const kept = new Set<KeyHint>();
	for (const hint of [...hints.filter((one) => one.pinned), ...hints.filter((one) => !one.pinned)]) {
		const needed = textWidth(hint.keys) + 1 + textWidth(hint.title) + gap.length;
		if (needed > room) {
			// A later, shorter hint must not jump the queue: what is missing would seem to be missing at random.
			if (!hint.pinned) break;
			continue;
		}
		kept.add(hint);
		room -= needed;
	}
	return hints.filter((hint) => kept.has(hint));
}

/** One line of keys at the foot of a screen. */
export const KeyBar = memo(function KeyBar({ hints, width }: KeyBarProps): ReactNode {
	return (
		<Text wrap="truncate">
			{fitKeyHints(hints, width).map((hint, index) => (
				<Text key={hint.keys + hint.title} dimColor={hint.disabled ?? false}>
					{index === 0 ? '' : gap}
					<Text bold={!hint.disabled} {...(hint.disabled ? {} : { color: 'cyan' })}>
						{hint.keys}
					</Text>
					{` ${hint.title}`}
				</Text>
			))}
		</Text>
	);
});
