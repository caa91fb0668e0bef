import { takeStart, textWidth } from '../components/fit-text.ts';

/** Lines of a document broken to `width` columns; what is carried over stands below its own beginning. */
export function inspectLines(lines: readonly string[], width: number): readonly string[] {
	return lines.flatMap((line) => {
		if (textWidth(line) <= width) return [line];
		const indent = ' '.repeat(Math.min(Math.floor(width / 2), (/^ */.exec(line)?.[0].length ?? 0) + 4));
		const broken: string[] = [];
		let rest = line;
		while (textWidth(rest) > width) {
			const head = takeStart(rest, width);
			if (head === '') break;
			broken.push(head);
			rest = indent + rest.slice(head.length);
		}
		return [...broken, rest];
	});
}
