import { readFileSync } from 'node:fs';
import { EngineError } from '../../errors.ts';
import type { Confinement } from '../../model.ts';

/** What Docker grants by default. Source: docs.docker.com/engine/containers/run/#runtime-privilege-and-linux-capabilities */
export const defaultCapabilities: readonly string[] = [
	'CAP_CHOWN',
	'CAP_DAC_OVERRIDE',
	'CAP_FSETID',
	'CAP_FOWNER',
	'CAP_MKNOD',
	'CAP_NET_RAW',
	'CAP_SETGID',
	'CAP_SETUID',
	'CAP_SETFCAP',
	'CAP_SETPCAP',
	'CAP_NET_BIND_SERVICE',
	'CAP_SYS_CHROOT',
	'CAP_KILL',
	'CAP_AUDIT_WRITE',
];

/** Every capability there is; its place is its bit. Source: linux/capability.h */
const everyCapability: readonly string[] = (
	'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE ' +
	'NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN ' +
	'SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE ' +
	'MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE'
)
	.split(' ')
	.map((name) => `CAP_${name}`);

/** True for a name without its `CAP_`, in capitals, and for `ALL`. */
export function isCapability(name: string): boolean {
	return name === 'ALL' || everyCapability.includes(`CAP_${name}`);
}

/** All that this host would let us hand on. `status` is a `/proc/PID/status`. */
export function boundingCapabilities(status: string = readFileSync('/proc/self/status', 'latin1')): readonly string[] {
	const bounding = BigInt(`0x${/^CapBnd:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
	return everyCapability.filter((_, bit) => ((bounding >> BigInt(bit)) & 1n) === 1n);
}

/**
 * The capabilities of one container, by Docker's rules: `ALL` first, then what is named. Defaults and `ALL` are cut to
 * what the host grants; what is asked for by name and cannot be had is refused. @throws EngineError unsupported
 */
export function chooseCapabilities(
	confinement: Pick<Confinement, 'addedCapabilities' | 'droppedCapabilities'> | undefined,
	bounding: readonly string[],
): readonly string[] {
	const granted = defaultCapabilities.filter((name) => bounding.includes(name));
	if (confinement === undefined) return granted;
	const { addedCapabilities: added, droppedCapabilities: dropped } = confinement;
	const named = added.filter((name) => name !== 'ALL').map((name) => `CAP_${name}`);
	const missing = named.find((name) => !bounding.includes(name));
	if (missing !== undefined) {
		const why = 'this process does not have it itself, so it cannot be handed on';
		throw new EngineError('unsupported', { operation: `to add the capability ${missing.slice(4)}`, why });
	}
	const base = added.includes('ALL') ? bounding : dropped.includes('ALL') ? [] : granted;
	const without = new Set(dropped.map((name) => `CAP_${name}`));
	return [...new Set([...base, ...named])].filter((name) => !without.has(name));
}
