import { readFileSync } from 'node:fs';

/** Spec: runtime-spec config.md#posix-process (v1.2.0) */
export interface ProcessLimit {
	readonly type: string;
	readonly soft: number;
	readonly hard: number;
}

/** What containers get, whatever the shell that started them had; cut to what this host grants. */
const wanted: readonly { readonly type: string; readonly title: string; readonly value: number }[] = [
	{ type: 'RLIMIT_NOFILE', title: 'Max open files', value: 1_048_576 },
	{ type: 'RLIMIT_NPROC', title: 'Max processes', value: 4_194_304 },
];

/** The limits of a container's processes. Raising a hard limit needs a capability that many hosts do not give. `limits` is a `/proc/PID/limits`. */
export function clampedLimits(limits: string = readFileSync('/proc/self/limits', 'latin1')): readonly ProcessLimit[] {
	return wanted.map(({ type, title, value }) => {
		const line = limits.split('\n').find((candidate) => candidate.startsWith(title)) ?? '';
		const hardText = line.slice(title.length).trim().split(/\s+/)[1];
		const hard = hardText === undefined || hardText === 'unlimited' ? value : Math.min(value, Number(hardText));
		return { type, soft: hard, hard };
	});
}
