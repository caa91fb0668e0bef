/** What stands where a figure was not measured. */
export const UNKNOWN = '–';

const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/**
 * Bytes in decimal units with three significant digits, as Docker prints them: `0B`, `999kB`, `12.3MB`, `1.05GB`.
 * At most 6 characters wide; `–` where not measured.
 */
export function formatBytes(bytes: number | undefined): string {
	if (bytes === undefined || !Number.isFinite(bytes)) return UNKNOWN;
	let value = Math.abs(bytes);
	let unit = 0;
	// 999.5 would be written as 1000 with three digits, so it belongs to the next unit already.
	while (value >= (unit === 0 ? 1000 : 999.5) && unit < byteUnits.length - 1) {
		value /= 1000;
		unit += 1;
	}
	const digits = unit === 0 ? String(Math.round(value)) : trimZeros(value.toPrecision(3));
	return `${bytes < 0 ? '-' : ''}${digits}${byteUnits[unit]}`;
}

/** Percent of one CPU or of a whole: `0%`, `0.4%`, `12.3%`, `134%`. At most 6 characters; `–` where not measured. */
export function formatPercent(percent: number | undefined): string {
	if (percent === undefined || !Number.isFinite(percent)) return UNKNOWN;
	if (percent === 0) return '0%';
	if (percent < 0.05) return '<0.1%';
	if (percent < 99.95) return `${percent.toFixed(1)}%`;
	return `${Math.min(99_999, Math.round(percent))}%`;
}

const ageSteps: readonly (readonly [ms: number, unit: string])[] = [
	[365 * 86_400_000, 'y'],
	[30 * 86_400_000, 'mo'],
	[7 * 86_400_000, 'w'],
	[86_400_000, 'd'],
	[3_600_000, 'h'],
	[60_000, 'm'],
];

/** A span of time in its largest unit: `<1m`, `5m`, `3h`, `2d`, `6w`, `4mo`, `2y`. At most 4 characters below a century. */
export function formatSpan(ms: number): string {
	// Weeks read well up to two months; months only from then on.
	for (const [stepMs, unit] of ageSteps) {
		if (unit === 'mo' && ms < 2 * stepMs) continue;
		if (unit === 'w' && ms < 2 * stepMs) continue;
		if (ms >= stepMs) return `${Math.floor(ms / stepMs)}${unit}`;
	}
	return '<1m';
}

/** The age of an instant, as `formatSpan` says it; `–` where the instant is unknown. An instant to come counts as now. */
export function formatAge(at: number | undefined, now: number): string {
	return at === undefined ? UNKNOWN : formatSpan(Math.max(0, now - at));
}

/** As `formatAge`, in a sentence: `just now`, `5m ago`. */
export function formatAgo(at: number | undefined, now: number): string {
	if (at === undefined) return 'at an unknown time';
	const age = formatAge(at, now);
	return age === '<1m' ? 'just now' : `${age} ago`;
}

/** The 12 hex digits that people know an id or a digest by. */
export function shortId(id: string): string {
	return cleanText(id)
		.replace(/^sha256:/, '')
		.slice(0, 12);
}

/** A whole number with thousands apart: `1,234`. */
export function formatCount(count: number): string {
	return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1 image`, `2 images`, `no images`, `3 copies` (given a plural of its own). */
export function formatNumberOf(count: number, noun: string, plural = `${noun}s`): string {
	return `${count === 0 ? 'no' : formatCount(count)} ${count === 1 ? noun : plural}`;
}

/** Up to `most` items in a sentence: `a, b and 3 more`. */
export function formatList(items: readonly string[], most = 3): string {
	if (items.length <= most) return items.join(', ');
	return `${items.slice(0, most).join(', ')} and ${items.length - most} more`;
}

// Whole escape sequences first, so that no readable remains of them are left behind.
const escapeSequences =
	/\u001b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?|[ -/]*[0-~])/g;
const controlCharacters = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;

/**
 * Text from elsewhere (names, labels, logs, messages) made harmless for a terminal: no escape sequence, no control
 * character, no change of writing direction; tabs and newlines become single spaces.
 */
export function cleanText(text: string): string {
	return text
		.replace(escapeSequences, '')
		.replace(/[\t\n\r]+/g, ' ')
		.replace(controlCharacters, '');
}

function trimZeros(digits: string): string {
	return digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits;
}
