import { readFileSync, readlinkSync, statSync } from 'node:fs';
import { EngineError } from '../../errors.ts';
import type { ContainerProcess } from '../../model.ts';
import type { Store } from '../store.ts';
import { cgroupPath, listCgroupProcesses } from '../system/cgroups.ts';
import { hasProcess, requireRecord } from './container-record.ts';
import { refuseForeign } from './start.ts';

/** What the kernel counts times in, per second, whatever its own clock does. Spec: proc_pid_stat(5), USER_HZ */
const ticksPerSecond = 100;

/**
 * What runs in a container, by process id: read from the kernel's files, no process started.
 * @throws EngineError wrong-status, unsupported
 */
export function listProcesses(store: Store, id: string): readonly ContainerProcess[] {
	const record = requireRecord(store, id);
	if (!hasProcess(record.status)) {
		const operation = 'show the processes of';
		throw new EngineError('wrong-status', { container: record.name, operation, status: record.status });
	}
	refuseForeign(record, 'show the processes of');
	const users = readUsers();
	const bootAt = readBootInstant();
	return listCgroupProcesses(cgroupPath(id))
		.toSorted((one, other) => one - other)
		.flatMap((pid) => readProcess(pid, { users, bootAt }) ?? []);
}

/** undefined where it has ended meanwhile. */
function readProcess(
	pid: number,
	{ users, bootAt }: { readonly users: ReadonlyMap<number, string>; readonly bootAt: number },
): ContainerProcess | undefined {
	try {
		const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
		const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
		const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
		const field = (place: number) => Number(fields[place - 3] ?? 0);
		const { uid } = statSync(`/proc/${pid}`);
		const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
		return {
			pid,
			parentPid: field(4),
			user: users.get(uid) ?? String(uid),
			startedAt: Math.floor(bootAt + (field(22) * 1000) / ticksPerSecond),
			cpuMs: ((field(14) + field(15)) * 1000) / ticksPerSecond,
			terminal: field(7) === 0 ? undefined : readTerminal(pid),
			command: words.length > 0 ? words.join(' ') : `[${name}]`,
		};
	} catch {
		return undefined;
	}
}

/** `pts/0`, where one of its streams is its terminal. */
function readTerminal(pid: number): string {
	for (const stream of [0, 1, 2]) {
		try {
			const target = readlinkSync(`/proc/${pid}/fd/${stream}`);
			if (/^\/dev\/(pts\/|tty)/.test(target)) return target.slice('/dev/'.length);
		} catch {}
	}
	return '?';
}

function readBootInstant(): number {
	const seconds = /^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'latin1'))?.[1];
	return Number(seconds ?? 0) * 1000;
}

/** The host's names, as its own `ps` would show them. */
function readUsers(): ReadonlyMap<number, string> {
	let text = '';
	try {
		text = readFileSync('/etc/passwd', 'utf8');
	} catch {}
	const rows = text.split('\n').map((line) => line.split(':'));
	return new Map(rows.flatMap(([name, , uid]) => (name && uid ? [[Number(uid), name] as const] : [])));
}
