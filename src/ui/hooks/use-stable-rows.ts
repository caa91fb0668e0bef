import { useEffect, useRef } from 'react';
import type { TableCell, TableRow } from '../components/table.tsx';

/** The same rows, each as the object that it was in the frame before wherever nothing in it changed: the table draws only others. */
export function useStableRows(rows: readonly TableRow[]): readonly TableRow[] {
	const before = useRef<ReadonlyMap<string, TableRow>>(new Map());
	const stable = rows.map((row) => {
		const old = before.current.get(row.key);
		return old !== undefined && isSameRow(old, row) ? old : row;
	});
	useEffect(() => {
		before.current = new Map(stable.map((row) => [row.key, row]));
	});
	return stable;
}

function isSameRow(one: TableRow, other: TableRow): boolean {
	return (
		one.marked === other.marked &&
		one.tone === other.tone &&
		one.cells.length === other.cells.length &&
		one.cells.every((cell, index) => isSameCell(cell, other.cells[index] ?? ''))
	);
}

function isSameCell(one: TableCell, other: TableCell): boolean {
	if (typeof one === 'string' || typeof other === 'string') return one === other;
	return one.text === other.text && one.tone === other.tone;
}
