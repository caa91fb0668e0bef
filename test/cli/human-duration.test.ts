import { expect, test } from 'vitest';
import { humanDuration, timeAgo } from '../../src/cli/human-duration.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const week = 7 * day;
const month = 30 * day;
const year = 365 * day;

// The rows of docker/go-units' own test.
test.each([
	[450, 'Less than a second'],
	[second, '1 second'],
	[47 * second, '47 seconds'],
	[minute, 'About a minute'],
	[3 * minute, '3 minutes'],
	[35 * minute, '35 minutes'],
	[35 * minute + 40 * second, '35 minutes'],
	[hour, 'About an hour'],
	[hour + 45 * minute, '2 hours'],
	[3 * hour, '3 hours'],
	[3 * hour + 59 * minute, '4 hours'],
	[day, '24 hours'],
	[day + 12 * hour, '36 hours'],
	[2 * day, '2 days'],
	[7 * day, '7 days'],
	[13 * day + 5 * hour, '13 days'],
	[2 * week, '2 weeks'],
	[2 * week + 4 * day, '2 weeks'],
	[3 * week, '3 weeks'],
	[4 * week + 3 * day, '4 weeks'],
	[month, '4 weeks'],
	[month + 2 * week, '6 weeks'],
	[2 * month, '2 months'],
	[5 * month + 2 * week, '5 months'],
	[13 * month, '13 months'],
	[24 * month + 2 * week, '2 years'],
	[3 * year + 2 * month, '3 years'],
])('%d ms are "%s"', (ms, text) => {
	expect(humanDuration(ms)).toBe(text);
});

test('what is not known has no age, and what is to come happens now', () => {
	expect(timeAgo(undefined, 5)).toBe('N/A');
	expect(timeAgo(2 * day, day)).toBe('Less than a second ago');
	expect(timeAgo(0, 3 * day)).toBe('3 days ago');
});
