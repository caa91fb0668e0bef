/** The words nearest to what was typed, best first; empty where none is near enough to be meant. */
export function suggestWords(typed: string, words: readonly string[]): readonly string[] {
	const limit = Math.max(1, Math.floor(typed.length * 0.4));
	return [...new Set(words)]
		.map((word) => ({ word, distance: word.startsWith(typed) && typed.length > 1 ? 1 : editDistance(typed, word) }))
		.filter(({ distance }) => distance <= Math.min(limit, 3))
		.sort((left, right) => left.distance - right.distance || (left.word < right.word ? -1 : 1))
		.slice(0, 3)
		.map(({ word }) => word);
}

/** Insertions, deletions, replacements and swaps of neighbours. */
function editDistance(left: string, right: string): number {
	let beforePrevious: number[] = [];
	let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
	for (let row = 1; row <= left.length; row++) {
		const current = [row];
		for (let column = 1; column <= right.length; column++) {
			const same = left[row - 1] === right[column - 1];
			let best = Math.min(
				at(previous, column) + 1,
				at(current, column - 1) + 1,
				at(previous, column - 1) + (same ? 0 : 1),
			);
			if (row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]) {
				best = Math.min(best, at(beforePrevious, column - 2) + 1);
			}
			current.push(best);
		}
		beforePrevious = previous;
		previous = current;
	}
	return at(previous, right.length);
}

function at(row: readonly number[], index: number): number {
	return row[index] ?? Number.POSITIVE_INFINITY;
}
