const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** A length of time in Docker's words: `Less than a second`, `About an hour`, `3 days`. */
export function humanDuration(ms: number): string {
	const seconds = Math.trunc(ms / second);
	if (seconds < 1) return 'Less than a second';
	if (seconds === 1) return '1 second';
	if (seconds < 60) return `${seconds} seconds`;
	const minutes = Math.trunc(ms / minute);
	if (minutes === 1) return 'About a minute';
	if (minutes < 60) return `${minutes} minutes`;
	const hours = Math.trunc(ms / hour + 0.5);
	if (hours === 1) return 'About an hour';
	if (hours < 48) return `${hours} hours`;
	if (hours < 24 * 7 * 2) return `${Math.trunc(hours / 24)} days`;
	if (hours < 24 * 30 * 2) return `${Math.trunc(hours / 24 / 7)} weeks`;
	if (hours < 24 * 365 * 2) return `${Math.trunc(hours / 24 / 30)} months`;
	return `${Math.trunc(ms / hour / 24 / 365)} years`;
}

/** `3 days ago`; `N/A` where the instant is not known. A clock that was set back counts as now. */
export function timeAgo(at: number | undefined, now: number): string {
	return at === undefined ? 'N/A' : `${humanDuration(Math.max(0, now - at))} ago`;
}
