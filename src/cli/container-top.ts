import type { ContainerProcess } from '../engine/model.ts';
import { UsageError } from './failure.ts';
import { printable } from './printable.ts';
import { renderTable } from './table.ts';
import type { VerbCall } from './verb.ts';

const header = ['UID', 'PID', 'PPID', 'C', 'STIME', 'TTY', 'TIME', 'CMD'];

/** `tonnage top`: the columns of `ps -ef`, as Docker shows them where nothing else is asked for. */
export async function showProcesses({ context, operands }: VerbCall): Promise<undefined> {
	const [name = '', ...options] = operands;
	if (options.length > 0 && options.join(' ') !== '-ef') {
		throw new UsageError(
			'"tonnage top" has the columns of "ps -ef" only.',
			'Leave the options of ps out, or run ps itself: tonnage exec CONTAINER ps …',
		);
	}
	const { containers } = await context.engine();
	const now = context.host.now();
	const rows = (await containers.processes(name)).map((process) => rowOf(process, now));
	context.host.stdout.write(renderTable([header, ...rows]));
	return undefined;
}

function rowOf(process: ContainerProcess, now: number): readonly string[] {
	const share = process.cpuMs / Math.max(1, now - process.startedAt);
	return [
		process.user,
		String(process.pid),
		String(process.parentPid),
		String(Math.min(99, Math.floor(share * 100))),
		startText(process.startedAt, now),
		process.terminal ?? '?',
		timeText(process.cpuMs),
		process.command,
	].map((cell) => printable(cell));
}

/** `hh:mm` within a day, then `Nov20`, then the year. Source: procps ps/output.c */
function startText(at: number, now: number): string {
	const date = new Date(at);
	const part = (value: number) => String(value).padStart(2, '0');
	if (now - at < 86_400_000) return `${part(date.getHours())}:${part(date.getMinutes())}`;
	if (date.getFullYear() !== new Date(now).getFullYear()) return String(date.getFullYear());
	return `${date.toLocaleString('en-US', { month: 'short' })}${part(date.getDate())}`;
}

function timeText(ms: number): string {
	const seconds = Math.floor(ms / 1000);
	return [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
		.map((part) => String(part).padStart(2, '0'))
		.join(':');
}
