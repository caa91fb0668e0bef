/** Docker's zero instant, for things that have not happened. */
const zeroTime = '0001-01-01T00:00:00Z';

/** RFC 3339 in UTC, with nanosecond digits as Docker has them; the zero instant where it is not known. */
export function rfc3339(at: number | undefined): string {
	return at === undefined ? zeroTime : new Date(at).toISOString().replace(/\.(\d{3})Z$/, '.$1000000Z');
}

/** The form of `CreatedAt` in Docker's listings: `2026-11-20 18:51:03 +0000 UTC`, in the local zone. */
export function goTime(at: number | undefined): string {
	if (at === undefined) return 'N/A';
	const date = new Date(at);
	const offset = -date.getTimezoneOffset();
	const local = new Date(at + offset * 60_000).toISOString();
	return `${local.slice(0, 10)} ${local.slice(11, 19)} ${offsetText(offset)} ${zoneName(date, offset)}`;
}

/** RFC 3339 in the local zone, as Docker's `events` has it: `2026-11-20T20:35:17.123000000+01:00`. */
export function localRfc3339(at: number): string {
	const offset = -new Date(at).getTimezoneOffset();
	const zone = offset === 0 ? 'Z' : offsetText(offset).replace(/(\d\d)$/, ':$1');
	return rfc3339(at + offset * 60_000).replace(/Z$/, zone);
}

function offsetText(minutes: number): string {
	const absolute = Math.abs(minutes);
	const part = (value: number) => String(value).padStart(2, '0');
	return `${minutes < 0 ? '-' : '+'}${part(Math.trunc(absolute / 60))}${part(absolute % 60)}`;
}

/** Go writes the offset again where a zone has no letters. */
function zoneName(date: Date, offset: number): string {
	if (offset === 0) return 'UTC';
	const parts = new Intl.DateTimeFormat('en-US', { timeZoneName: 'short' }).formatToParts(date);
	const name = parts.find((part) => part.type === 'timeZoneName')?.value ?? '';
	return /^[A-Z]+$/.test(name) ? name : offsetText(offset);
}
