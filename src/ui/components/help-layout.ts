/** One key and its command; `note` says why it cannot be used here. */
export interface HelpEntry {
	readonly keys: string;
	readonly title: string;
	readonly note?: string | undefined;
	readonly danger?: boolean;
}

/** Entries under one heading. */
export interface HelpGroup {
	readonly title: string;
	readonly entries: readonly HelpEntry[];
}

/** One line of a column: a heading, an entry, or nothing. */
export type HelpLine = { readonly title: string } | { readonly entry: HelpEntry } | undefined;

const minColumnWidth = 36;
/** Cells between two columns. */
export const helpColumnGap = 2;

/** Lines that the help takes at this width, all of it: for scrolling. */
export function helpLineCount(groups: readonly HelpGroup[], width: number): number {
	return Math.max(0, ...layOutHelp(groups, width).map((column) => column.length));
}

/** The lines of each column: two columns where there is room for them. */
export function layOutHelp(groups: readonly HelpGroup[], width: number): HelpLine[][] {
	const blocks = groups.map((group): HelpLine[] => [
		{ title: group.title },
		...group.entries.map((entry) => ({ entry })),
		undefined,
	]);
	const total = blocks.reduce((sum, block) => sum + block.length, 0);
	if (width < 2 * minColumnWidth + helpColumnGap || blocks.length < 2) return [blocks.flat().slice(0, -1)];
	const left: HelpLine[] = [];
	const right: HelpLine[] = [];
	for (const block of blocks) (left.length + block.length / 2 <= total / 2 ? left : right).push(...block);
	return [left.slice(0, -1), right.slice(0, -1)];
}
