import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineJoiner, parseLogRecord } from '../../../../src/engine/embedded/containers/log-format.ts';

test('a record is read with its time in UTC, to the nanosecond', () => {
	expect(parseLogRecord('2024-05-01T14:00:00.123456789+02:00 stdout F hello  world ')).toEqual({
		stream: 'stdout',
		at: Date.UTC(2024, 4, 1, 12, 0, 0, 123),
		timestamp: '2024-05-01T12:00:00.123456789Z',
		text: 'hello  world ',
		partial: false,
	});
	expect(parseLogRecord('2024-05-01T12:00:00Z stderr P ')).toMatchObject({
		stream: 'stderr',
		timestamp: '2024-05-01T12:00:00.000000000Z',
		text: '',
		partial: true,
	});
	expect(parseLogRecord('2024-05-01T12:00:00.5-00:30 stderr F x')?.timestamp).toBe('2024-05-01T12:30:00.500000000Z');
	expect(parseLogRecord('2024-05-01T12:00:00Z stdout F')?.text).toBe('');
});

test.each([
	'',
	'nonsense',
	'2024-05-01T12:00:00Z stdin F x',
	'2024-05-01T12:00:00Z stdout X x',
	'2024-05-01 stdout F x',
])('"%s" is no record', (line) => {
	expect(parseLogRecord(line)).toBeUndefined();
});

test('control characters of a container stay what they are', () => {
	expect(parseLogRecord('2024-05-01T12:00:00Z stdout F \u001b[31mred\r')?.text).toBe('\u001b[31mred\r');
});

test('pieces of lines are joined for each stream by itself, however they are mixed', () => {
	const piece = fc.record({
		stream: fc.constantFrom('stdout' as const, 'stderr' as const),
		text: fc.string(),
		partial: fc.boolean(),
	});
	fc.assert(
		fc.property(fc.array(piece), (pieces) => {
			const joiner = new LineJoiner();
			const records = pieces.map((each) => ({ ...each, at: 0, timestamp: '' }));
			const lines = [...records.flatMap((record) => joiner.push(record)), ...joiner.flush()];
			for (const stream of ['stdout', 'stderr'] as const) {
				const own = pieces.filter((each) => each.stream === stream);
				expect(
					lines
						.filter((line) => line.stream === stream)
						.map(({ text }) => text)
						.join(''),
				).toBe(own.map(({ text }) => text).join(''));
				const ends = own.filter(({ partial }) => !partial).length + (own.at(-1)?.partial === true ? 1 : 0);
				expect(lines.filter((line) => line.stream === stream)).toHaveLength(ends);
			}
		}),
	);
});

test('a line without end is handed out in pieces that a reader can hold', () => {
	const joiner = new LineJoiner();
	const record = { stream: 'stdout', at: 0, timestamp: '', text: 'x'.repeat(8192), partial: true } as const;
	const lines = Array.from({ length: 1000 }, () => joiner.push(record)).flat();
	expect(lines.length).toBeGreaterThan(1);
	for (const { text } of lines) expect(text.length).toBeLessThan(2 * 1024 * 1024);
});
