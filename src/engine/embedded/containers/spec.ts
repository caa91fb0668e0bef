import type { ResourceLimits } from '../../model.ts';
import { type CgroupLayout, cgroupPath } from '../system/cgroups.ts';
import { type ContainerSettings, commandOf } from './container-record.ts';
import type { ProcessLimit } from './resource-limits.ts';
import type { RuntimeSpec, SpecDevice, SpecMount, SpecProcess, SpecResources } from './runtime-spec.ts';
import { composeSeccomp } from './seccomp.ts';
import type { ResolvedUser } from './user.ts';

/** What the host grants, and how it is made. */
export interface HostFacts {
	readonly capabilities: readonly string[];
	readonly processLimits: readonly ProcessLimit[];
	/** Node's word. */
	readonly architecture: string;
	readonly cgroupLayout: CgroupLayout;
	readonly canLimitSwap: boolean;
	/** Paths below /sys that tell one container what others do. */
	readonly revealingPaths: readonly string[];
	/** A loaded profile that is meant for containers. */
	readonly apparmorProfile: string | undefined;
}

/** One mount, ready: the source is a host path, the target is resolved inside the root. */
export interface ReadyMount {
	readonly type: 'bind' | 'tmpfs';
	readonly source: string;
	readonly target: string;
	readonly readOnly: boolean;
}

/** One container, with everything about it settled. */
export interface SpecInput {
	readonly id: string;
	readonly settings: ContainerSettings;
	readonly rootPath: string;
	readonly user: ResolvedUser;
	/** Resolved inside the root. */
	readonly workingDirectory: string;
	/** /etc/hosts and its like first; later ones win. */
	readonly mounts: readonly ReadyMount[];
	readonly terminalSize: { readonly columns: number; readonly rows: number } | undefined;
	readonly host: HostFacts;
}

const defaultPath = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** What the runtime is to make: Docker's defaults, with what the container asks for. Pure. */
export function composeSpec(input: SpecInput): RuntimeSpec {
	const { settings, host } = input;
	const { confinement } = settings;
	const seccomp = confinement?.seccompUnconfined ? undefined : composeSeccomp(host.architecture, host.capabilities);
	return {
		ociVersion: '1.0.2',
		root: { path: input.rootPath, readonly: confinement?.readOnlyRoot === true },
		hostname: settings.hostname,
		process: composeProcess(input),
		mounts: composeMounts(input.mounts, host.cgroupLayout, confinement?.sharedMemoryBytes),
		linux: {
			cgroupsPath: cgroupPath(input.id),
			namespaces: [
				{ type: 'pid' },
				{ type: 'ipc' },
				{ type: 'uts' },
				{ type: 'mount' },
				...(settings.network === 'host' ? [] : [{ type: 'network' }]),
				...(host.cgroupLayout === 'v2' ? [{ type: 'cgroup' }] : []),
			],
			resources: composeResources(settings.limits, host.canLimitSwap),
			maskedPaths: [...maskedPaths, ...host.revealingPaths],
			readonlyPaths,
			...(seccomp === undefined ? {} : { seccomp }),
		},
	};
}

function composeProcess(input: SpecInput): SpecProcess {
	const { settings, host, user } = input;
	return {
		terminal: settings.tty,
		...(input.terminalSize === undefined
			? {}
			: { consoleSize: { height: input.terminalSize.rows, width: input.terminalSize.columns } }),
		user: { uid: user.uid, gid: user.gid, additionalGids: user.additionalGids },
		args: commandOf(settings),
		env: composeEnvironment(settings.run.environment, {
			hostname: settings.hostname,
			tty: settings.tty,
			home: user.home,
		}),
		cwd: input.workingDirectory,
		capabilities: capabilitiesFor(user, host.capabilities),
		rlimits: host.processLimits,
		noNewPrivileges: settings.confinement?.noNewPrivileges === true,
		...(host.apparmorProfile === undefined ? {} : { apparmorProfile: host.apparmorProfile }),
	};
}

/** The container's own variables over the ones that every process gets. */
export function composeEnvironment(
	own: readonly string[],
	facts: { readonly hostname: string; readonly tty: boolean; readonly home: string },
): readonly string[] {
	const given = new Set(own.map((entry) => entry.slice(0, entry.indexOf('='))));
	const defaults = [
		defaultPath,
		`HOSTNAME=${facts.hostname}`,
		...(facts.tty ? ['TERM=xterm'] : []),
		`HOME=${facts.home}`,
	];
	return [...defaults.filter((entry) => !given.has(entry.slice(0, entry.indexOf('=')))), ...own];
}

/** Who is not root gets none at once, only the bound for what set-user-id programs may give: as after an execve. */
export function capabilitiesFor(user: ResolvedUser, granted: readonly string[]): SpecProcess['capabilities'] {
	return user.uid === 0 ? { bounding: granted, effective: granted, permitted: granted } : { bounding: granted };
}

function composeMounts(
	mounts: readonly ReadyMount[],
	layout: CgroupLayout,
	sharedMemoryBytes: number | undefined,
): readonly SpecMount[] {
	const wanted = new Map(mounts.map((mount) => [mount.target, mount]));
	const sized = (mount: SpecMount): SpecMount =>
		mount.destination !== '/dev/shm' || sharedMemoryBytes === undefined
			? mount
			: { ...mount, options: [...mount.options.slice(0, -1), `size=${sharedMemoryBytes}`] };
	return [
		...defaultMounts
			.filter(({ destination, type }) => !wanted.has(destination) && (type !== 'cgroup' || layout !== 'none'))
			.map(sized),
		// What lies deeper is mounted later, or it would be hidden.
		...[...wanted.values()].sort((one, other) => depth(one.target) - depth(other.target)).map(specMount),
	];
}

function specMount(mount: ReadyMount): SpecMount {
	const access = mount.readOnly ? 'ro' : 'rw';
	return mount.type === 'tmpfs'
		? { destination: mount.target, type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'nodev', 'noexec', access] }
		: { destination: mount.target, type: 'bind', source: mount.source, options: ['rbind', access, 'rprivate'] };
}

function depth(path: string): number {
	return path.split('/').length;
}

function composeResources(limits: ResourceLimits, canLimitSwap: boolean): SpecResources {
	const { memoryBytes, cpus, pidsLimit } = limits;
	const period = 100_000;
	return {
		devices: allowedDevices,
		...(memoryBytes === undefined
			? {}
			: { memory: { limit: memoryBytes, ...(canLimitSwap ? { swap: memoryBytes * 2 } : {}) } }),
		...(cpus === undefined ? {} : { cpu: { quota: Math.round(cpus * period), period } }),
		...(pidsLimit === undefined ? {} : { pids: { limit: pidsLimit } }),
	};
}

const defaultMounts: readonly SpecMount[] = [
	{ destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
	{
		destination: '/dev',
		type: 'tmpfs',
		source: 'tmpfs',
		options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
	},
	{
		destination: '/dev/pts',
		type: 'devpts',
		source: 'devpts',
		options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
	},
	{ destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', 'ro'] },
	{
		destination: '/sys/fs/cgroup',
		type: 'cgroup',
		source: 'cgroup',
		options: ['ro', 'nosuid', 'noexec', 'nodev'],
	},
	{ destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: ['nosuid', 'noexec', 'nodev'] },
	{
		destination: '/dev/shm',
		type: 'tmpfs',
		source: 'shm',
		options: ['nosuid', 'noexec', 'nodev', 'mode=1777', 'size=65536k'],
	},
];

/** What tells a container about its host, or lets it reach the hardware. As Docker's. */
const maskedPaths: readonly string[] = [
	'/proc/acpi',
	'/proc/asound',
	'/proc/interrupts',
	'/proc/kcore',
	'/proc/keys',
	'/proc/latency_stats',
	'/proc/sched_debug',
	'/proc/scsi',
	'/proc/timer_list',
	'/proc/timer_stats',
	'/sys/devices/virtual/powercap',
	'/sys/firmware',
];

const readonlyPaths: readonly string[] = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];

/** Nothing but null, zero, full, random, urandom, tty, console, ptmx and ptys; anything may be *made*, which grants nothing. */
const allowedDevices: readonly SpecDevice[] = [
	{ allow: false, access: 'rwm' },
	...[3, 5, 7, 8, 9].map((minor): SpecDevice => ({ allow: true, type: 'c', major: 1, minor, access: 'rwm' })),
	...[0, 1, 2].map((minor): SpecDevice => ({ allow: true, type: 'c', major: 5, minor, access: 'rwm' })),
	{ allow: true, type: 'c', major: 136, access: 'rwm' },
];
