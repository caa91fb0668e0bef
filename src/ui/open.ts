import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EngineError } from '../engine/errors.ts';
import type { Engine } from '../engine/port.ts';
import type { DashboardOptions } from './run-dashboard.tsx';
import { loadWithStyles, terminalObstacle } from './terminal/capabilities.ts';

/**
 * Shows the dashboard until the person quits; resolves with the exit code, the terminal given back as it was: 0, or 1
 * where a defect ended it, which then stands on standard error with the path of its log.
 * @throws EngineError no-terminal
 */
export async function openDashboard(options: DashboardOptions): Promise<number> {
	const obstacle = terminalObstacle(options.streams, options.environment);
	if (obstacle !== undefined) {
		const stream =
			obstacle === 'input-not-a-terminal'
				? 'standard input'
				: obstacle === 'output-not-a-terminal'
					? 'standard output'
					: 'TERM=dumb';
		throw new EngineError('no-terminal', { stream });
	}
	// Loaded only now: commands that draw no screen must not pay for it.
	const { runDashboard } = await loadWithStyles(() => import('./run-dashboard.tsx'));
	const ending = await runDashboard(options);
	if (ending.type === 'quit') return 0;
	const path = writeCrashLog(ending.error, options.crashDirectory ?? tmpdir());
	const message = ending.error instanceof Error ? ending.error.message : String(ending.error);
	options.streams.stderr.write(
		`The dashboard ended because of a defect in itself: ${message}\nContainers run on. The details are in ${path}\n`,
	);
	return 1;
}

/** One frame as plain text, without touching a terminal: its lines are cut to `columns`, and there are `rows` of them. */
export async function printFrame(options: {
	readonly engine: Engine;
	readonly columns: number;
	readonly rows: number;
	/** The overview unless given. */
	readonly tab?: 'overview' | 'containers' | 'images' | 'layers' | 'collect';
	readonly now?: () => number;
}): Promise<string> {
	const { renderPlainFrame } = await import('./run-dashboard.tsx');
	return renderPlainFrame(options);
}

function writeCrashLog(error: unknown, directory: string): string {
	const path = join(directory, `tonnage-crash-${process.pid}-${Date.now()}.log`);
	const text = error instanceof Error ? `${error.stack ?? error.message}\n` : `${String(error)}\n`;
	try {
		mkdirSync(directory, { recursive: true });
		writeFileSync(path, text, { mode: 0o600 });
		return path;
	} catch {
		// Without a place for the log its text is all that can be given.
		return `this text, as ${directory} cannot be written:\n${text}`;
	}
}
