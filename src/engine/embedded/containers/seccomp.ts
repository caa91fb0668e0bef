import {
	allowedCalls,
	allowedPersonalities,
	callsByCapability,
	namespaceFlags,
	refusedSocketFamilies,
	seccompArchitectures,
} from './seccomp-profile.ts';

/** Spec: runtime-spec config-linux.md#seccomp (v1.2.0) */
export interface SeccompRules {
	readonly defaultAction: string;
	readonly defaultErrnoRet: number;
	readonly architectures: readonly string[];
	readonly syscalls: readonly SeccompRule[];
}

/** What becomes of some calls, where all conditions on their arguments hold. */
export interface SeccompRule {
	readonly names: readonly string[];
	readonly action: string;
	readonly errnoRet?: number;
	readonly args?: readonly SeccompArgument[];
}

/** A condition on one argument; with a mask, `value` is the mask and `valueTwo` what must be left. */
export interface SeccompArgument {
	readonly index: number;
	readonly value: number;
	readonly valueTwo?: number;
	readonly op: string;
}

const permissionDenied = 1;
const notImplemented = 38;

/**
 * The filter for a container with these capabilities; undefined on a machine that the profile does not know.
 * `architecture` is Node's word for it.
 */
export function composeSeccomp(architecture: string, capabilities: readonly string[]): SeccompRules | undefined {
	const machine = seccompArchitectures[architecture];
	if (machine === undefined) return undefined;
	const gated = capabilities.flatMap((capability) => callsByCapability[capability] ?? []);
	const { alg, vsock } = refusedSocketFamilies;
	return {
		defaultAction: 'SCMP_ACT_ERRNO',
		defaultErrnoRet: permissionDenied,
		architectures: machine.architectures,
		syscalls: [
			allow([...new Set([...allowedCalls, ...machine.calls, ...gated])]),
			allow(['socket'], { index: 0, value: alg, op: 'SCMP_CMP_LT' }),
			allow(['socket'], { index: 0, value: (alg + vsock) / 2, op: 'SCMP_CMP_EQ' }),
			allow(['socket'], { index: 0, value: vsock, op: 'SCMP_CMP_GT' }),
			...allowedPersonalities.map((value) => allow(['personality'], { index: 0, value, op: 'SCMP_CMP_EQ' })),
			...(capabilities.includes('CAP_SYS_ADMIN') ? [] : cloneRules(architecture)),
		],
	};
}

/** clone3 hides its flags in memory, where a filter cannot look: programs fall back to clone when it is not there. */
function cloneRules(architecture: string): readonly SeccompRule[] {
	const flagsIndex = architecture === 's390x' ? 1 : 0;
	return [
		allow(['clone'], { index: flagsIndex, value: namespaceFlags, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }),
		{ names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: notImplemented },
	];
}

function allow(names: readonly string[], argument?: SeccompArgument): SeccompRule {
	return { names, action: 'SCMP_ACT_ALLOW', ...(argument === undefined ? {} : { args: [argument] }) };
}
