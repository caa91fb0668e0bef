import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeLimits } from '../../../../src/engine/embedded/system/cgroup-limits.ts';

let mount: string;

beforeEach(() => {
	mount = mkdtempSync(join(tmpdir(), 'tonnage-limits-'));
});

afterEach(() => {
	rmSync(mount, { recursive: true });
});

const none = { memoryBytes: undefined, cpus: undefined, pidsLimit: undefined };
const some = { memoryBytes: 8_388_608, cpus: 1.5, pidsLimit: 9 };

test('one tree (cgroup v2) gets memory and swap apart', () => {
	const names = ['memory.max', 'memory.swap.max', 'cpu.max', 'pids.max'];
	mkdirSync(join(mount, 'box'));
	writeFileSync(join(mount, 'cgroup.controllers'), 'cpu memory pids');
	for (const name of names) writeFileSync(join(mount, 'box', name), '');
	const read = () => names.map((name) => readFileSync(join(mount, 'box', name), 'latin1'));
	writeLimits('/box', some, mount);
	expect(read()).toEqual(['8388608', '8388608', '150000 100000', '9']);
	writeLimits('/box', none, mount);
	expect(read()).toEqual(['max', 'max', 'max 100000', 'max']);
});

test('many trees (cgroup v1) get memory with swap on top; what the host has not stays away', () => {
	const names = [
		'memory/box/memory.limit_in_bytes',
		'memory/box/memory.memsw.limit_in_bytes',
		'cpu/box/cpu.cfs_quota_us',
	];
	for (const controller of ['memory', 'cpu']) mkdirSync(join(mount, controller, 'box'), { recursive: true });
	for (const name of names) writeFileSync(join(mount, name), '0');
	const read = () => names.map((name) => readFileSync(join(mount, name), 'latin1'));
	writeLimits('/box', some, mount);
	expect(read()).toEqual(['8388608', '16777216', '150000']);
	writeLimits('/box', none, mount);
	expect(read()).toEqual(['-1', '-1', '-1']);
});
