import { describe, expect, test } from 'vitest';
import { boundingCapabilities, chooseCapabilities } from '../../../../src/engine/embedded/containers/capabilities.ts';
import type { ContainerSettings } from '../../../../src/engine/embedded/containers/container-record.ts';
import { clampedLimits } from '../../../../src/engine/embedded/containers/resource-limits.ts';
import { composeSeccomp } from '../../../../src/engine/embedded/containers/seccomp.ts';
import { allowedCalls } from '../../../../src/engine/embedded/containers/seccomp-profile.ts';
import { composeEnvironment, composeSpec, type SpecInput } from '../../../../src/engine/embedded/containers/spec.ts';
import { emptyRun } from '../../../../src/engine/oci/run-config.ts';

const settings: ContainerSettings = {
	run: { ...emptyRun, entrypoint: ['/entry'], command: ['arg'], environment: ['A=1'] },
	tty: false,
	stdinOpen: false,
	autoRemove: false,
	limits: { memoryBytes: undefined, cpus: undefined, pidsLimit: undefined },
	hostname: 'box',
	network: 'none',
	mounts: [],
};

const input: SpecInput = {
	id: 'f00d',
	settings,
	rootPath: '/store/merged',
	user: { uid: 0, gid: 0, additionalGids: [0], home: '/root' },
	workingDirectory: '/srv',
	mounts: [],
	terminalSize: undefined,
	host: {
		capabilities: ['CAP_CHOWN', 'CAP_SYS_CHROOT'],
		processLimits: [{ type: 'RLIMIT_NOFILE', soft: 10, hard: 10 }],
		architecture: 'x64',
		cgroupLayout: 'v1',
		canLimitSwap: true,
		revealingPaths: ['/sys/devices/system/cpu/cpu0/thermal_throttle'],
		apparmorProfile: undefined,
	},
};

test('a container without wishes gets its own namespaces, Docker’s mounts, and nothing of the hardware', () => {
	const { linux, process, mounts, root, hostname } = composeSpec(input);
	expect(root).toEqual({ path: '/store/merged', readonly: false });
	expect(hostname).toBe('box');
	expect(process).toMatchObject({ args: ['/entry', 'arg'], cwd: '/srv', terminal: false, noNewPrivileges: false });
	expect(process).not.toHaveProperty('apparmorProfile');
	expect(linux.namespaces.map(({ type }) => type).sort()).toEqual(['ipc', 'mount', 'network', 'pid', 'uts']);
	expect(mounts.map(({ destination }) => destination)).toEqual([
		'/proc',
		'/dev',
		'/dev/pts',
		'/sys',
		'/sys/fs/cgroup',
		'/dev/mqueue',
		'/dev/shm',
	]);
	expect(linux.resources).toEqual({ devices: expect.any(Array) });
	expect(linux.resources.devices[0]).toEqual({ allow: false, access: 'rwm' });
	for (const path of ['/proc/kcore', '/proc/keys', '/sys/firmware', '/sys/devices/system/cpu/cpu0/thermal_throttle']) {
		expect(linux.maskedPaths).toContain(path);
	}
	expect(linux.readonlyPaths).toContain('/proc/sys');
	expect(linux.cgroupsPath).toBe('/tonnage-f00d');
});

test('on the host’s network it has no network of its own, and on cgroup v2 its own view of them', () => {
	const types = (given: SpecInput) => composeSpec(given).linux.namespaces.map(({ type }) => type);
	expect(types({ ...input, settings: { ...settings, network: 'host' } })).not.toContain('network');
	expect(types({ ...input, host: { ...input.host, cgroupLayout: 'v2' } })).toContain('cgroup');
});

test('limits become what the kernel wants', () => {
	const limits = { memoryBytes: 64_000_000, cpus: 1.5, pidsLimit: 7 };
	const given = { ...input, settings: { ...settings, limits } };
	expect(composeSpec(given).linux.resources).toMatchObject({
		memory: { limit: 64_000_000, swap: 128_000_000 },
		cpu: { quota: 150_000, period: 100_000 },
		pids: { limit: 7 },
	});
	const { memory } = composeSpec({ ...given, host: { ...input.host, canLimitSwap: false } }).linux.resources;
	expect(memory).toEqual({ limit: 64_000_000 });
});

test('who is root has the granted capabilities, anybody else only their bound', () => {
	expect(composeSpec(input).process.capabilities).toEqual({
		bounding: ['CAP_CHOWN', 'CAP_SYS_CHROOT'],
		effective: ['CAP_CHOWN', 'CAP_SYS_CHROOT'],
		permitted: ['CAP_CHOWN', 'CAP_SYS_CHROOT'],
	});
	const user = { uid: 5, gid: 6, additionalGids: [6], home: '/' };
	expect(composeSpec({ ...input, user }).process.capabilities).toEqual({ bounding: ['CAP_CHOWN', 'CAP_SYS_CHROOT'] });
});

test('mounts are made from the shallow to the deep, and replace what every container has', () => {
	const mount = (target: string, readOnly = false) =>
		({ type: 'bind', source: `/host${target}`, target, readOnly }) as const;
	const { mounts } = composeSpec({
		...input,
		mounts: [mount('/a/b/c', true), mount('/a'), mount('/dev/shm'), { ...mount('/t'), type: 'tmpfs' }],
	});
	expect(mounts.filter(({ destination }) => destination === '/dev/shm')).toHaveLength(1);
	expect(mounts.slice(-4).map(({ destination }) => destination)).toEqual(['/a', '/t', '/dev/shm', '/a/b/c']);
	expect(mounts.at(-1)).toEqual({
		destination: '/a/b/c',
		type: 'bind',
		source: '/host/a/b/c',
		options: ['rbind', 'ro', 'rprivate'],
	});
	expect(mounts.find(({ destination }) => destination === '/t')).toMatchObject({ type: 'tmpfs', source: 'tmpfs' });
});

test('every process has a path, a home and a host name, unless the container says otherwise', () => {
	const facts = { hostname: 'box', tty: true, home: '/root' };
	expect(composeEnvironment(['A=1'], facts)).toEqual([
		expect.stringMatching(/^PATH=/),
		'HOSTNAME=box',
		'TERM=xterm',
		'HOME=/root',
		'A=1',
	]);
	expect(composeEnvironment(['PATH=/x', 'HOME=', 'TERM=dumb'], facts)).toEqual([
		'HOSTNAME=box',
		'PATH=/x',
		'HOME=',
		'TERM=dumb',
	]);
});

test('the filter refuses by default, and lets in more only for a capability', () => {
	const names = (capabilities: readonly string[]) =>
		new Set(
			composeSeccomp('x64', capabilities)
				?.syscalls.filter(({ action }) => action === 'SCMP_ACT_ALLOW')
				.flatMap((rule) => rule.names),
		);
	const plain = names([]);
	expect(composeSeccomp('x64', [])?.defaultAction).toBe('SCMP_ACT_ERRNO');
	for (const refused of [
		'mount',
		'unshare',
		'setns',
		'bpf',
		'kexec_load',
		'init_module',
		'add_key',
		'keyctl',
		'open_by_handle_at',
		'io_uring_setup',
		'userfaultfd',
		'chroot',
		'clone3',
		'move_pages',
	]) {
		expect(plain, refused).not.toContain(refused);
	}
	expect(names(['CAP_SYS_CHROOT'])).toContain('chroot');
	expect(names(['CAP_SYS_ADMIN'])).toContain('unshare');
	expect(names(['CAP_SYS_ADMIN'])).toContain('clone3');
	expect(plain).toContain('arch_prctl');
	expect(new Set(allowedCalls).size).toBe(allowedCalls.length);
});

test('the filter keeps sockets and personalities that reach around a container from it', () => {
	const rules = composeSeccomp('arm64', [])?.syscalls ?? [];
	const allows = (name: string, value: number) =>
		rules
			.filter(({ names, action }) => names.includes(name) && action === 'SCMP_ACT_ALLOW')
			.some(({ args }) => {
				const [argument] = args ?? [];
				if (argument === undefined) return true;
				if (argument.op === 'SCMP_CMP_LT') return value < argument.value;
				if (argument.op === 'SCMP_CMP_GT') return value > argument.value;
				if (argument.op === 'SCMP_CMP_MASKED_EQ') return (value & argument.value) === argument.valueTwo;
				return value === argument.value;
			});
	for (const family of [1, 2, 10, 16, 17, 39, 41]) expect(allows('socket', family), String(family)).toBe(true);
	for (const family of [38, 40]) expect(allows('socket', family), String(family)).toBe(false);
	expect(allows('personality', 0)).toBe(true);
	expect(allows('personality', 0x40000)).toBe(false);
	expect(allows('clone', 0x11)).toBe(true);
	expect(allows('clone', 0x10000000)).toBe(false);
	expect(rules.find(({ names }) => names.includes('clone3'))).toMatchObject({ action: 'SCMP_ACT_ERRNO', errnoRet: 38 });
});

test('a machine that the profile does not know has no filter rather than a wrong one', () => {
	expect(composeSeccomp('mips', [])).toBeUndefined();
	expect(composeSpec({ ...input, host: { ...input.host, architecture: 'mips' } }).linux).not.toHaveProperty('seccomp');
});

test('capabilities that this process may not hand on are left out', () => {
	expect(chooseCapabilities(undefined, boundingCapabilities('CapBnd:\t000001ffffffffff\n'))).toHaveLength(14);
	expect(chooseCapabilities(undefined, boundingCapabilities('CapEff:\tff\nCapBnd:\t0000000000000003\n'))).toEqual([
		'CAP_CHOWN',
		'CAP_DAC_OVERRIDE',
	]);
	expect(chooseCapabilities(undefined, boundingCapabilities('CapBnd:\t0000000000000000\n'))).toEqual([]);
});

test('limits of processes are cut to the host’s hard ones', () => {
	const table = (files: string, processes: string) =>
		`Limit                     Soft Limit           Hard Limit           Units\nMax processes             ${processes}                 ${processes}                processes\nMax open files            1024                 ${files}                files\n`;
	expect(clampedLimits(table('20000', '500'))).toEqual([
		{ type: 'RLIMIT_NOFILE', soft: 20_000, hard: 20_000 },
		{ type: 'RLIMIT_NPROC', soft: 500, hard: 500 },
	]);
	expect(clampedLimits(table('unlimited', 'unlimited'))).toEqual([
		{ type: 'RLIMIT_NOFILE', soft: 1_048_576, hard: 1_048_576 },
		{ type: 'RLIMIT_NPROC', soft: 4_194_304, hard: 4_194_304 },
	]);
});

describe('capabilities that are asked for', () => {
	const bounding = boundingCapabilities('CapBnd:\t000001ffffffffff\n');
	const choose = (addedCapabilities: readonly string[], droppedCapabilities: readonly string[]) =>
		chooseCapabilities({ addedCapabilities, droppedCapabilities }, bounding);

	test('are added to the defaults, and taken from them', () => {
		expect(bounding).toHaveLength(41);
		expect(choose(['NET_ADMIN'], ['CHOWN', 'KILL'])).toHaveLength(13);
		expect(choose(['NET_ADMIN'], ['ALL'])).toEqual(['CAP_NET_ADMIN']);
		expect(choose(['ALL'], ['SYS_ADMIN'])).toEqual(bounding.filter((name) => name !== 'CAP_SYS_ADMIN'));
		expect(choose([], ['ALL'])).toEqual([]);
	});

	test('are refused where they are named and cannot be had, and cut where they are not named', () => {
		const few = ['CAP_CHOWN', 'CAP_SYS_TIME'];
		expect(chooseCapabilities({ addedCapabilities: ['ALL'], droppedCapabilities: [] }, few)).toEqual(few);
		expect(() => chooseCapabilities({ addedCapabilities: ['NET_ADMIN'], droppedCapabilities: [] }, few)).toThrow(
			'To add the capability NET_ADMIN is not possible here',
		);
	});
});
