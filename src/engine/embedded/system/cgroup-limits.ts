import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ResourceLimits } from '../../model.ts';
import { cgroupMount, detectCgroupLayout } from './cgroups.ts';

const periodUs = 100_000;
/** Docker's rule: with a limit on memory and none on swap, as much swap again. */
const swapFactor = 2;

/**
 * Sets the limits of a group that exists, at once; undefined means none. Controllers that the host does not have are
 * left alone, as at a container's start. @throws the file system's error, e.g. EBUSY where more memory is in use
 * Spec: Linux admin-guide/cgroup-v1, admin-guide/cgroup-v2
 */
export function writeLimits(path: string, limits: ResourceLimits, mount: string = cgroupMount): void {
	if (detectCgroupLayout(mount) === 'v2') writeUnified(join(mount, path), limits);
	else writeSplit(path, limits, mount);
}

function writeUnified(directory: string, { memoryBytes, cpus, pidsLimit }: ResourceLimits): void {
	writeIfThere(join(directory, 'memory.max'), memoryBytes ?? 'max');
	// Here swap is counted apart.
	writeIfThere(join(directory, 'memory.swap.max'), memoryBytes ?? 'max');
	writeIfThere(join(directory, 'cpu.max'), `${cpus === undefined ? 'max' : quotaUs(cpus)} ${periodUs}`);
	writeIfThere(join(directory, 'pids.max'), pidsLimit ?? 'max');
}

function writeSplit(path: string, { memoryBytes, cpus, pidsLimit }: ResourceLimits, mount: string): void {
	const memory = join(mount, 'memory', path, 'memory.limit_in_bytes');
	const withSwap = join(mount, 'memory', path, 'memory.memsw.limit_in_bytes');
	const wanted: readonly (readonly [file: string, value: number])[] = [
		[memory, memoryBytes ?? -1],
		[withSwap, memoryBytes === undefined ? -1 : memoryBytes * swapFactor],
	];
	// Memory alone may never be above memory with swap: which goes first depends on where they stand.
	const grows = memoryBytes === undefined || (existsSync(withSwap) && memoryBytes > readNumber(withSwap));
	for (const [file, value] of grows ? wanted.toReversed() : wanted) writeIfThere(file, value);
	writeIfThere(join(mount, 'cpu', path, 'cpu.cfs_period_us'), periodUs);
	writeIfThere(join(mount, 'cpu', path, 'cpu.cfs_quota_us'), cpus === undefined ? -1 : quotaUs(cpus));
	writeIfThere(join(mount, 'pids', path, 'pids.max'), pidsLimit ?? 'max');
}

function quotaUs(cpus: number): number {
	return Math.round(cpus * periodUs);
}

function readNumber(path: string): number {
	return Number(readFileSync(path, 'latin1').trim());
}

function writeIfThere(path: string, value: number | string): void {
	if (existsSync(path)) writeFileSync(path, String(value));
}
