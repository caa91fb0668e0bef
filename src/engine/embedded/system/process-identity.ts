import { readFileSync, readlinkSync } from 'node:fs';

/** A process that cannot be taken for a later one with the same number, within one boot. */
export interface ProcessIdentity {
	readonly pid: number;
	/** Clock ticks between boot and the process's start, as the kernel prints them. */
	readonly startTicks: string;
}

/** What a pid and a mount point are relative to; texts as `readlink` gives them, e.g. `pid:[4026531836]`. */
export interface Namespaces {
	readonly mount: string;
	readonly pid: string;
}

/** The identity of a living process; undefined where there is none, or only its zombie. */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
	if (!Number.isInteger(pid) || pid <= 0) return undefined;
	let stat: string;
	try {
		stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
	} catch {
		return undefined;
	}
	return identityFromStat(pid, stat);
}

/** Reads `/proc/PID/stat`; the name in parentheses may itself hold spaces and parentheses. Spec: proc_pid_stat(5) */
export function identityFromStat(pid: number, stat: string): ProcessIdentity | undefined {
	const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
	const state = fields[0];
	const startTicks = fields[19];
	if (startTicks === undefined || state === 'Z' || state === 'X') return undefined;
	return { pid, startTicks };
}

/** True for one and the same process, and for none and none. */
export function isSameProcess(one: ProcessIdentity | undefined, other: ProcessIdentity | undefined): boolean {
	return one?.pid === other?.pid && one?.startTicks === other?.startTicks;
}

/** True while exactly that process lives. */
export function isAlive(identity: ProcessIdentity | undefined): boolean {
	return identity !== undefined && isSameProcess(identifyProcess(identity.pid), identity);
}

/** Sends a signal to exactly that process; false where it does not live any more. */
export function signalProcess(identity: ProcessIdentity | undefined, signal: NodeJS.Signals | number): boolean {
	if (identity === undefined || !isAlive(identity)) return false;
	try {
		process.kill(identity.pid, signal);
		return true;
	} catch (error) {
		if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
		throw error;
	}
}

let own: Namespaces | undefined;

/** The namespaces that this program stands in. */
export function ownNamespaces(): Namespaces {
	own ??= { mount: readlinkSync('/proc/self/ns/mnt'), pid: readlinkSync('/proc/self/ns/pid') };
	return own;
}
