import type { LogLine } from '../../model.ts';

/**
 * One line of a container's log as the monitor writes it: `2024-05-01T12:00:00.123456789+02:00 stdout F text`, where
 * `P` marks a piece of a line that goes on in the next one of its stream. undefined for anything else.
 * Spec: Kubernetes CRI logging
 */
export function parseLogRecord(line: string): LogLine | undefined {
	const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d) (stdout|stderr) ([FP]) ?/.exec(
		line,
	);
	if (match === null) return undefined;
	const [head, seconds = '', fraction = '', zone = '', stream, tag] = match;
	const wholeSecond = Date.parse(`${seconds}${zone}`);
	const nanoseconds = fraction.padEnd(9, '0');
	return {
		stream: stream === 'stderr' ? 'stderr' : 'stdout',
		at: wholeSecond + Math.floor(Number(nanoseconds) / 1_000_000),
		timestamp: `${new Date(wholeSecond).toISOString().slice(0, 19)}.${nanoseconds}Z`,
		text: line.slice(head.length),
		partial: tag === 'P',
	};
}

/** Longer lines are handed out in pieces, so that no container can make a reader hold more. */
const longestLine = 1024 * 1024;

/** Puts lines together again that were written in pieces; stdout and stderr apart, in the order of their ends. */
export class LineJoiner {
	readonly #open = new Map<LogLine['stream'], LogLine>();

	/** The lines that are complete with this record. */
	push(record: LogLine): readonly LogLine[] {
		const begun = this.#open.get(record.stream);
		const line = begun === undefined ? record : { ...begun, text: begun.text + record.text, partial: record.partial };
		if (line.partial && line.text.length < longestLine) {
			this.#open.set(record.stream, line);
			return [];
		}
		this.#open.delete(record.stream);
		return [line];
	}

	/** What has not been ended by a newline. */
	flush(): readonly LogLine[] {
		const rest = [...this.#open.values()];
		this.#open.clear();
		return rest;
	}
}
