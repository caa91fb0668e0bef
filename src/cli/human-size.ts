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

const binaryUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** Memory as Docker's `stats` writes it: binary units, 4 significant digits. */
export function humanMemory(bytes: number): string {
	let value = bytes;
	let unit = 0;
	while (value >= 1024 && unit < binaryUnits.length - 1) {
		value /= 1024;
		unit++;
	}
	return `${rounded(value, 4)}${binaryUnits[unit]}`;
}

/** Whole bytes with separators, for plans, where every byte counts: `1,234,567 B`. */
export function exactBytes(bytes: number): string {
	return `${bytes.toString().replace(/\B(?=(\d{3})+$)/g, ',')} B`;
}

function rounded(value: number, digits: number): number {
	return Number(value.toPrecision(digits));
}
