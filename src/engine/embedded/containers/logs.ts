import { existsSync } from 'node:fs';
import type { LogLine } from '../../model.ts';
import type { LogOptions } from '../../port-containers.ts';
import type { Store } from '../store.ts';
import { ChangeBell } from './change-bell.ts';
import { containerPaths } from './container-paths.ts';
import { findRecord, hasProcess, isMonitorAlive, isProcessAlive } from './container-record.ts';
import { findTail, GrowingFile } from './log-file.ts';
import { LineJoiner, parseLogRecord } from './log-format.ts';

/** How long a line that no watcher reports may go unseen. */
const pollMs = 200;

/**
 * What a container has written, over all of its runs. Following ends when it ends, after its last line.
 * Rejects with the signal's reason when that aborts.
 */
export async function* readLogs(store: Store, id: string, options: LogOptions): AsyncIterable<LogLine> {
	const path = containerPaths(store.paths, id).log;
	const { position, skippedLines } =
		options.tailLines === undefined ? { position: 0, skippedLines: 0 } : findTail(path, options.tailLines, countLines);
	let left = skippedLines;
	const wanted = (line: LogLine) => left-- <= 0 && (options.sinceAt === undefined || line.at >= options.sinceAt);
	const file = new GrowingFile(path, position);
	const joiner = new LineJoiner();
	const bell = options.follow ? new ChangeBell(path) : undefined;
	try {
		for (;;) {
			const mayGrow = options.follow && isWriting(store, id);
			for (const text of file.lines()) {
				options.signal?.throwIfAborted();
				const record = parseLogRecord(text);
				if (record !== undefined) yield* joiner.push(record).filter(wanted);
			}
			if (!mayGrow) break;
			await bell?.wait(pollMs, options.signal);
		}
		yield* joiner.flush().filter(wanted);
	} finally {
		bell?.close();
		file.close();
	}
}

/** As long as its monitor has not left the exit code, there may be output on the way. */
function isWriting(store: Store, id: string): boolean {
	const record = findRecord(store, id);
	if (record === undefined || !hasProcess(record.status)) return false;
	if (isProcessAlive(record)) return true;
	return isMonitorAlive(record) && !existsSync(containerPaths(store.paths, id).exitFile);
}

function countLines(records: readonly string[]): number {
	const joiner = new LineJoiner();
	let count = 0;
	for (const text of records) {
		const record = parseLogRecord(text);
		if (record !== undefined) count += joiner.push(record).length;
	}
	return count + joiner.flush().length;
}
