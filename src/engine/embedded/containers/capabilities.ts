import { readFileSync } from 'node:fs';

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

/** The bits of the capabilities above. Source: linux/capability.h */
const bits: Readonly<Record<string, bigint>> = {
	CAP_CHOWN: 0n,
	CAP_DAC_OVERRIDE: 1n,
	CAP_FOWNER: 3n,
	CAP_FSETID: 4n,
	CAP_KILL: 5n,
	CAP_SETGID: 6n,
	CAP_SETUID: 7n,
	CAP_SETPCAP: 8n,
	CAP_NET_BIND_SERVICE: 10n,
	CAP_NET_RAW: 13n,
	CAP_SYS_CHROOT: 18n,
	CAP_MKNOD: 27n,
	CAP_AUDIT_WRITE: 29n,
	CAP_SETFCAP: 31n,
};

/** The default capabilities, without those that this host would not let us hand on. `status` is a `/proc/PID/status`. */
export function grantableCapabilities(status: string = readFileSync('/proc/self/status', 'latin1')): readonly string[] {
	const bounding = BigInt(`0x${/^CapBnd:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
	return defaultCapabilities.filter((name) => ((bounding >> (bits[name] ?? 63n)) & 1n) === 1n);
}
