import { expect, test } from 'vitest';
import { textWidth } from '../../../src/ui/components/fit-text.ts';
import { tableGapWidth, tableGutterWidth, tableMarginWidth } from '../../../src/ui/components/table-layout.ts';
import type { ListId } from '../../../src/ui/state.ts';
import type { TableView } from '../../../src/ui/views/list-model.ts';
import { fitColumns } from '../../../src/ui/views/list-model.ts';
import { listTable } from '../../../src/ui/views/lists.ts';
import { loadedState } from '../../support/loaded-state.ts';

const shown: readonly [ListId, number, string[]][] = [
	['containers', 120, ['NAME', 'STATUS', 'CPU', 'MEM', 'PIDS', 'SIZE', 'VIRTUAL', 'IMAGE', 'AGE']],
	['containers', 80, ['NAME', 'STATUS', 'CPU', 'MEM', 'SIZE', 'IMAGE', 'AGE']],
	['containers', 60, ['NAME', 'STATUS', 'CPU', 'MEM', 'SIZE']],
	['images', 120, ['REPOSITORY', 'TAG', 'IMAGE ID', 'AGE', 'SIZE', 'SHARED', 'UNIQUE', 'USED', '']],
	['images', 80, ['REPOSITORY', 'TAG', 'IMAGE ID', 'AGE', 'SIZE', 'SHARED', 'UNIQUE', 'USED']],
	['images', 60, ['REPOSITORY', 'TAG', 'SIZE', 'SHARED', 'UNIQUE', 'USED']],
	['layers', 120, ['MADE BY', 'LAYER', 'SIZE', 'DISK', 'IMAGES', 'HELD BY']],
	['layers', 80, ['MADE BY', 'SIZE', 'DISK', 'IMAGES', 'HELD BY']],
	['layers', 60, ['MADE BY', 'DISK', 'HELD BY']],
	['collect', 120, ['', 'WHAT', 'KIND', 'DISK', 'FREES', 'WHY']],
	['collect', 80, ['', 'WHAT', 'KIND', 'DISK', 'FREES', 'WHY']],
	['collect', 60, ['', 'WHAT', 'DISK', 'FREES', 'WHY']],
];

test.each(shown)('%s at %i columns shows %j', async (list, width, titles) => {
	const state = await loadedState();
	const table = listTable(state, list, { width, height: 20 });
	expect(table.columns.map(({ title }) => title)).toEqual(titles);
});

test.each(['containers', 'images', 'layers', 'collect'] as const)(
	'%s fits into every width from 60 to 200',
	async (list) => {
		const state = await loadedState();
		for (let width = 60; width <= 200; width++) {
			expect(usedWidth(listTable(state, list, { width, height: 20 }))).toBeLessThanOrEqual(width);
		}
	},
);

test('figures stand in columns that never cut them', async () => {
	const state = await loadedState();
	for (const list of ['containers', 'images', 'layers', 'collect'] as const) {
		for (const width of [60, 80, 120]) {
			const { columns, rows } = listTable(state, list, { width, height: 60 });
			for (const [index, column] of columns.entries()) {
				if (column.align !== 'right') continue;
				for (const { cells } of rows) {
					const cell = cells[index] ?? '';
					expect(textWidth(typeof cell === 'string' ? cell : cell.text)).toBeLessThanOrEqual(column.width);
				}
			}
		}
	}
});

test('columns go by priority, and what is left over goes to those that have more to show', () => {
	const columns = [
		{ id: 'a', title: 'A', priority: 0, width: [4, 20] as const, cell: () => 'x'.repeat(12) },
		{ id: 'b', title: 'B', priority: 2, width: [6, 6] as const, cell: () => 'y' },
		{ id: 'c', title: 'C', priority: 1, width: [6, 6] as const, cell: () => 'z' },
	];
	const widths = (width: number) =>
		fitColumns(columns, [1], { width, list: { sortBy: '' } }).map(({ column, width: cells }) => `${column.id}${cells}`);
	expect(widths(60)).toEqual(['a12', 'b6', 'c6']);
	expect(widths(24)).toEqual(['a4', 'b6', 'c6']);
	expect(widths(22)).toEqual(['a10', 'c6']);
	expect(widths(13)).toEqual(['a9']);
});

test('the arrow stands on the column that rows are sorted by, and turns', async () => {
	const state = await loadedState();
	const sorted = (reversed: boolean) => {
		const list = { ...state.lists.images, sortBy: 'size', reversed };
		const table = listTable({ ...state, lists: { ...state.lists, images: list } }, 'images', {
			width: 120,
			height: 20,
		});
		return table.columns
			.filter(({ sorted: arrow }) => arrow !== undefined)
			.map(({ id, sorted: arrow }) => `${id} ${arrow}`);
	};
	expect(sorted(false)).toEqual(['size descending']);
	expect(sorted(true)).toEqual(['size ascending']);
});

test('hostile names reach no cell', async () => {
	const state = await loadedState();
	const [first, ...rest] = state.world?.containers ?? [];
	if (first === undefined || state.world === undefined) throw new Error('no container');
	const name = 'evil\u001b[2J\u009b31m\u202e';
	const containers = [{ ...first, name, imageReference: name }, ...rest];
	const table = listTable({ ...state, world: { ...state.world, containers } }, 'containers', {
		width: 120,
		height: 20,
	});
	expect(JSON.stringify(table.rows)).not.toMatch(/\\u00(?:1b|9b)|\u202e|\u009b/);
	expect(JSON.stringify(table.rows)).toContain('evil');
});

function usedWidth({ columns }: TableView): number {
	const cells = columns.reduce((sum, { width }) => sum + width, 0);
	return tableGutterWidth + cells + tableGapWidth * (columns.length - 1) + tableMarginWidth;
}
