import Table from 'cli-table3';

/** Docker's measures: so many spaces between columns, which are at least so wide with them. */
const gap = 3;
const minimumWidth = 10;

const noBorders = Object.fromEntries(
	[
		...['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right'],
		...['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'],
	].map((name) => [name, '']),
);

/** Aligned columns without borders, as Docker prints them; every line ends with a newline. Cells must be printable. */
export function renderTable(rows: readonly (readonly string[])[]): string {
	const columnCount = Math.max(...rows.map(({ length }) => length));
	if (columnCount < 1) return '\n'.repeat(rows.length);
	const table = new Table({
		chars: noBorders,
		style: { head: [], border: [], 'padding-left': 0, 'padding-right': gap },
	});
	// Padding the first line makes every column wide enough without measuring the others here too.
	for (const [place, row] of rows.entries()) {
		const cells = Array.from({ length: columnCount }, (_, column) => row[column] ?? '');
		table.push(place === 0 ? cells.map((cell) => cell.padEnd(minimumWidth - gap)) : cells);
	}
	return `${table.toString().replace(/ +$/gm, '')}\n`;
}
