import { existsSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the kernel shows its control groups. */
export const cgroupMount = '/sys/fs/cgroup';

/**
 * How a host mounts its control groups: every controller for itself (`v1`), all in one tree (`v2`), or some here and
 * some there (`hybrid`).
 */
export type CgroupLayout = 'v1' | 'hybrid' | 'v2' | 'none';

/** Looks at the mounted tree. Costs two file look-ups. */
export function detectCgroupLayout(mount: string = cgroupMount): CgroupLayout {
	if (existsSync(join(mount, 'cgroup.controllers'))) return 'v2';
	const unified = readText(join(mount, 'unified', 'cgroup.controllers'));
	if (unified !== undefined && unified.trim() !== '') return 'hybrid';
	return existsSync(join(mount, 'memory')) || existsSync(join(mount, 'cpu')) ? 'v1' : 'none';
}

/** A container's own group, from the root of each hierarchy. One level, so that nothing stays behind it. */
export function cgroupPath(containerId: string): string {
	return `/tonnage-${containerId}`;
}

/** Counters of one group as they stand; undefined for what the kernel does not show. */
export interface CgroupUsage {
	readonly cpuNs: number;
	/** Without the inactive page cache, as Docker counts. */
	readonly memoryBytes: number;
	/** undefined where there is no limit. */
	readonly memoryLimitBytes: number | undefined;
	readonly pidCount: number;
	readonly blockReadBytes: number | undefined;
	readonly blockWrittenBytes: number | undefined;
}

/** Past this, cgroup v1 means "no limit": the largest page-aligned number. */
const unlimitedBytes = 2 ** 62;

/**
 * Reads what a group uses: a handful of small kernel files, no process started. undefined where the group is gone.
 * Spec: Linux admin-guide/cgroup-v1, admin-guide/cgroup-v2
 */
export function readCgroupUsage(path: string, mount: string = cgroupMount): CgroupUsage | undefined {
	return detectCgroupLayout(mount) === 'v2' ? readUnified(join(mount, path)) : readSplit(path, mount);
}

function readUnified(directory: string): CgroupUsage | undefined {
	const cpu = keyedNumber(readText(join(directory, 'cpu.stat')), 'usage_usec');
	const current = plainNumber(readText(join(directory, 'memory.current')));
	if (cpu === undefined && current === undefined) return undefined;
	const inactive = keyedNumber(readText(join(directory, 'memory.stat')), 'inactive_file') ?? 0;
	const io = readText(join(directory, 'io.stat'));
	return {
		cpuNs: (cpu ?? 0) * 1000,
		memoryBytes: Math.max(0, (current ?? 0) - inactive),
		memoryLimitBytes: plainNumber(readText(join(directory, 'memory.max'))),
		pidCount: plainNumber(readText(join(directory, 'pids.current'))) ?? 0,
		blockReadBytes: io === undefined ? undefined : sumOf(io, /\brbytes=(\d+)/g),
		blockWrittenBytes: io === undefined ? undefined : sumOf(io, /\bwbytes=(\d+)/g),
	};
}

function readSplit(path: string, mount: string): CgroupUsage | undefined {
	const read = (controller: string, file: string) => readText(join(mount, controller, path, file));
	const cpu = plainNumber(read('cpuacct', 'cpuacct.usage'));
	const usage = plainNumber(read('memory', 'memory.usage_in_bytes'));
	if (cpu === undefined && usage === undefined) return undefined;
	const inactive = keyedNumber(read('memory', 'memory.stat'), 'total_inactive_file') ?? 0;
	const limit = plainNumber(read('memory', 'memory.limit_in_bytes'));
	const io = read('blkio', 'blkio.throttle.io_service_bytes');
	return {
		cpuNs: cpu ?? 0,
		memoryBytes: Math.max(0, (usage ?? 0) - inactive),
		memoryLimitBytes: limit === undefined || limit >= unlimitedBytes ? undefined : limit,
		pidCount: plainNumber(read('pids', 'pids.current')) ?? 0,
		blockReadBytes: io === undefined ? undefined : sumOf(io, /^\d+:\d+ Read (\d+)$/gm),
		blockWrittenBytes: io === undefined ? undefined : sumOf(io, /^\d+:\d+ Write (\d+)$/gm),
	};
}

/** How many of the group's processes the kernel has killed for memory. */
export function countMemoryKills(path: string, mount: string = cgroupMount): number {
	const text =
		readText(join(mount, path, 'memory.events')) ?? readText(join(mount, 'memory', path, 'memory.oom_control'));
	return keyedNumber(text, 'oom_kill') ?? 0;
}

/** True where a limit on memory can also bound swap. */
export function canLimitSwap(mount: string = cgroupMount): boolean {
	if (detectCgroupLayout(mount) !== 'v2') return existsSync(join(mount, 'memory', 'memory.memsw.limit_in_bytes'));
	return readdirSync(mount).some((name) => existsSync(join(mount, name, 'memory.swap.max')));
}

/** Process ids in the group, in whichever hierarchy has them. */
export function listCgroupProcesses(path: string, mount: string = cgroupMount): readonly number[] {
	const found = new Set<number>();
	for (const directory of groupDirectories(path, mount)) {
		for (const line of (readText(join(directory, 'cgroup.procs')) ?? '').split('\n')) {
			if (line !== '') found.add(Number(line));
		}
	}
	return [...found];
}

/** Removes an empty group from every hierarchy. False where something in it still lives. */
export function removeCgroups(path: string, mount: string = cgroupMount): boolean {
	return groupDirectories(path, mount)
		.map(removeGroup)
		.every((removed) => removed);
}

/** Stops or continues every process of a group. False where the host has no freezer. Ask `isFrozen` when it has taken hold. */
export function setFrozen(path: string, frozen: boolean, mount: string = cgroupMount): boolean {
	const file = freezerFile(path, mount);
	if (file === undefined) return false;
	writeFileSync(file.path, file.unified ? (frozen ? '1' : '0') : frozen ? 'FROZEN' : 'THAWED');
	return true;
}

/** True once every process of the group stands still. */
export function isFrozen(path: string, mount: string = cgroupMount): boolean {
	const file = freezerFile(path, mount);
	if (file === undefined) return false;
	return file.unified
		? keyedNumber(readText(join(mount, path, 'cgroup.events')), 'frozen') === 1
		: readText(file.path)?.trim() === 'FROZEN';
}

/** True where a group was told to stand still, whether or not all of it does yet. */
export function isToldToFreeze(path: string, mount: string = cgroupMount): boolean {
	const file = freezerFile(path, mount);
	if (file === undefined) return false;
	const state = readText(file.path)?.trim();
	return file.unified ? state === '1' : state === 'FROZEN' || state === 'FREEZING';
}

function freezerFile(path: string, mount: string): { readonly path: string; readonly unified: boolean } | undefined {
	const unified = join(mount, path, 'cgroup.freeze');
	if (existsSync(unified)) return { path: unified, unified: true };
	const split = join(mount, 'freezer', path, 'freezer.state');
	return existsSync(split) ? { path: split, unified: false } : undefined;
}

function groupDirectories(path: string, mount: string): readonly string[] {
	const hierarchies = detectCgroupLayout(mount) === 'v2' ? ['.'] : entriesOf(mount);
	return hierarchies.map((hierarchy) => join(mount, hierarchy, path)).filter((directory) => existsSync(directory));
}

function removeGroup(directory: string): boolean {
	for (const name of entriesOf(directory)) removeGroup(join(directory, name));
	try {
		rmdirSync(directory);
		return true;
	} catch (error) {
		return error instanceof Error && 'code' in error && error.code === 'ENOENT';
	}
}

function entriesOf(directory: string): readonly string[] {
	try {
		return readdirSync(directory, { withFileTypes: true })
			.filter((entry) => entry.isDirectory())
			.map(({ name }) => name);
	} catch {
		return [];
	}
}

function readText(path: string): string | undefined {
	try {
		return readFileSync(path, 'latin1');
	} catch {
		return undefined;
	}
}

function plainNumber(text: string | undefined): number | undefined {
	const trimmed = text?.trim() ?? '';
	return /^\d+$/.test(trimmed) ? Number(trimmed) : undefined;
}

function keyedNumber(text: string | undefined, key: string): number | undefined {
	const line = text?.split('\n').find((candidate) => candidate.startsWith(`${key} `));
	return plainNumber(line?.slice(key.length + 1));
}

function sumOf(text: string, pattern: RegExp): number {
	return text.matchAll(pattern).reduce((sum, match) => sum + Number(match[1]), 0);
}
