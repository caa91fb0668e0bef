const decimalUnits = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB'] as const;

/**
 * Bytes as Docker writes them: decimal units, so many significant digits, no trailing zeros, no space.
 * Lists have 3 digits, `system df` 4. What would round up to 1000 goes to the next unit.
 */
export function humanSize(bytes: number, digits: 3 | 4 = 3): string {
	let value = bytes;
	let unit = 0;
	while (rounded(value, digits) >= 1000 && unit < decimalUnits.length - 1) {
		value /= 1000;
		unit++;
	}
	return `${rounded(value, digits)}${decimalUnits[unit]}`;
}

/** Whole bytes with separators, for plans, where every byte counts: `1,234,567 B`. */
export function exactBytes(bytes: number): string {
	return `${bytes.toString().replace(/\B(?=(\d{3})+$)/g, ',')} B`;
}

function rounded(value: number, digits: number): number {
	return Number(value.toPrecision(digits));
}
