import type { Confinement } from '../engine/model.ts';
import { UsageError } from './failure.ts';
import { parseByteSize } from './option-values.ts';
import type { OptionValues, VerbOption } from './verb.ts';

/** What Docker gives /dev/shm. */
const defaultSharedMemoryBytes = 64 * 1024 * 1024;

/** Of `create` and `run`: what the container may do. */
export const confinementOptions: readonly VerbOption[] = [
	{
		flags: '--cap-add <capability>',
		description: 'One more Linux capability, or ALL; may be given several times',
		repeatable: true,
	},
	{
		flags: '--cap-drop <capability>',
		description: 'One Linux capability less, or ALL; may be given several times',
		repeatable: true,
	},
	{
		flags: '--group-add <group>',
		description: 'One more group of its user, by name or number; may be given several times',
		repeatable: true,
	},
	{ flags: '--read-only', description: 'Its root can only be read; volumes can be written' },
	{
		flags: '--security-opt <option>',
		description: 'no-new-privileges or seccomp=unconfined; may be given several times',
		repeatable: true,
	},
	{ flags: '--shm-size <size>', description: 'Size of /dev/shm (64m)' },
];

/** Nothing where nothing of it was asked for. @throws UsageError */
export function confinementFrom(options: OptionValues): { readonly confinement?: Confinement } {
	const security = options.texts('security-opt').map(securityOption);
	const shm = options.text('shm-size');
	const size = shm === undefined ? 0 : parseByteSize(shm, '--shm-size');
	const confinement: Confinement = {
		readOnlyRoot: options.flag('read-only'),
		addedCapabilities: options.texts('cap-add').map(capabilityName),
		droppedCapabilities: options.texts('cap-drop').map(capabilityName),
		noNewPrivileges: security.findLast(({ key }) => key === 'no-new-privileges')?.value === 'true',
		seccompUnconfined: security.some(({ key }) => key === 'seccomp'),
		sharedMemoryBytes: size === 0 ? undefined : size,
		groups: options.texts('group-add'),
	};
	const isAsked = Object.values(confinement).some((value) => (Array.isArray(value) ? value.length > 0 : value));
	return isAsked ? { confinement } : {};
}

/** Docker's fields of `HostConfig`. */
export function dockerConfinement(confinement: Confinement | undefined): object {
	const named = (names: readonly string[] = []) =>
		names.length === 0 ? null : names.map((name) => (name === 'ALL' ? name : `CAP_${name}`));
	const security = [
		...(confinement?.noNewPrivileges ? ['no-new-privileges'] : []),
		...(confinement?.seccompUnconfined ? ['seccomp=unconfined'] : []),
	];
	return {
		GroupAdd: confinement?.groups?.length ? confinement.groups : null,
		CapAdd: named(confinement?.addedCapabilities),
		CapDrop: named(confinement?.droppedCapabilities),
		ReadonlyRootfs: confinement?.readOnlyRoot === true,
		SecurityOpt: security.length === 0 ? null : security,
		ShmSize: confinement?.sharedMemoryBytes ?? defaultSharedMemoryBytes,
	};
}

function capabilityName(text: string): string {
	return text.toUpperCase().replace(/^CAP_/, '');
}

/** `key`, `key=value` or, as Docker once had it, `key:value`. */
function securityOption(text: string): { readonly key: string; readonly value: string } {
	const [key = '', value = 'true'] = text.split(/[=:]/, 2);
	const isKnown =
		(key === 'no-new-privileges' && /^(true|false)$/.test(value)) || (key === 'seccomp' && value === 'unconfined');
	if (isKnown) return { key, value };
	throw new UsageError(
		`--security-opt: "${text}" is not known here.`,
		'There are no-new-privileges and seccomp=unconfined.',
	);
}
