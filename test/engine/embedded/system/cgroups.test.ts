import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
	canLimitSwap,
	countMemoryKills,
	detectCgroupLayout,
	isFrozen,
	listCgroupProcesses,
	readCgroupUsage,
	removeCgroups,
	setFrozen,
} from '../../../../src/engine/embedded/system/cgroups.ts';

let mount: string;

beforeEach(() => {
	mount = mkdtempSync(join(tmpdir(), 'tonnage-cgroups-'));
});

afterEach(() => {
	rmSync(mount, { recursive: true });
});

function lay(files: Readonly<Record<string, string>>): void {
	for (const [path, text] of Object.entries(files)) {
		mkdirSync(dirname(join(mount, path)), { recursive: true });
		writeFileSync(join(mount, path), text);
	}
}

const v1: Readonly<Record<string, string>> = {
	'cpuacct/box/cpuacct.usage': '123456789\n',
	'memory/box/memory.usage_in_bytes': '5242880\n',
	'memory/box/memory.stat': 'cache 4096\ninactive_file 99\ntotal_inactive_file 1048576\ntotal_active_file 5\n',
	'memory/box/memory.limit_in_bytes': '67108864\n',
	'memory/box/memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 2\n',
	'pids/box/pids.current': '3\n',
	'pids/box/cgroup.procs': '11\n12\n',
	'freezer/box/freezer.state': 'THAWED\n',
	'freezer/box/cgroup.procs': '12\n13\n',
	'blkio/box/blkio.throttle.io_service_bytes':
		'8:0 Read 100\n8:0 Write 20\n8:0 Sync 120\n8:0 Total 120\n259:1 Read 5\n259:1 Write 1\nTotal 126\n',
};

const v2: Readonly<Record<string, string>> = {
	'cgroup.controllers': 'cpu io memory pids\n',
	'box/cpu.stat': 'usage_usec 2500\nuser_usec 2000\nsystem_usec 500\n',
	'box/memory.current': '3000000\n',
	'box/memory.stat': 'anon 1\nfile 2\ninactive_file 1000000\nactive_file 3\n',
	'box/memory.max': '8388608\n',
	'box/memory.swap.max': '0\n',
	'box/memory.events': 'low 0\nhigh 0\nmax 9\noom 1\noom_kill 1\n',
	'box/pids.current': '7\n',
	'box/cgroup.procs': '21\n',
	'box/cgroup.freeze': '0\n',
	'box/cgroup.events': 'populated 1\nfrozen 1\n',
	'box/io.stat': '8:0 rbytes=1000 wbytes=2000 rios=1 wios=2 dbytes=0 dios=0\n259:0 rbytes=24 wbytes=48 rios=1 wios=1\n',
};

test('a host with every controller for itself is v1, and hybrid only where v2 has a controller', () => {
	expect(detectCgroupLayout(mount)).toBe('none');
	lay(v1);
	expect(detectCgroupLayout(mount)).toBe('v1');
	lay({ 'unified/cgroup.controllers': '\n' });
	expect(detectCgroupLayout(mount)).toBe('v1');
	lay({ 'unified/cgroup.controllers': 'hugetlb\n' });
	expect(detectCgroupLayout(mount)).toBe('hybrid');
	lay({ 'cgroup.controllers': 'cpu memory\n' });
	expect(detectCgroupLayout(mount)).toBe('v2');
});

test.each([
	{ layout: 'v1', files: v1 },
	{ layout: 'hybrid', files: { ...v1, 'unified/cgroup.controllers': 'hugetlb\n', 'unified/box/cgroup.procs': '' } },
])('the use of a group is read from $layout', ({ files }) => {
	lay(files);
	expect(readCgroupUsage('/box', mount)).toEqual({
		cpuNs: 123_456_789,
		memoryBytes: 4 * 1024 * 1024,
		memoryLimitBytes: 64 * 1024 * 1024,
		pidCount: 3,
		blockReadBytes: 105,
		blockWrittenBytes: 21,
	});
	expect(countMemoryKills('/box', mount)).toBe(2);
	expect([...listCgroupProcesses('/box', mount)].sort()).toEqual([11, 12, 13]);
});

test('the use of a group is read from v2', () => {
	lay(v2);
	expect(readCgroupUsage('/box', mount)).toEqual({
		cpuNs: 2_500_000,
		memoryBytes: 2_000_000,
		memoryLimitBytes: 8_388_608,
		pidCount: 7,
		blockReadBytes: 1024,
		blockWrittenBytes: 2048,
	});
	expect(countMemoryKills('/box', mount)).toBe(1);
	expect(listCgroupProcesses('/box', mount)).toEqual([21]);
	expect(canLimitSwap(mount)).toBe(true);
});

test('"no limit" and "not counted" are undefined, and a group that is gone has no use at all', () => {
	lay({ ...v1, 'memory/box/memory.limit_in_bytes': '9223372036854771712\n' });
	rmSync(join(mount, 'blkio'), { recursive: true });
	const usage = readCgroupUsage('/box', mount);
	expect(usage?.memoryLimitBytes).toBeUndefined();
	expect(usage?.blockReadBytes).toBeUndefined();
	expect(readCgroupUsage('/other', mount)).toBeUndefined();
	expect(countMemoryKills('/other', mount)).toBe(0);
	expect(canLimitSwap(mount)).toBe(false);
	lay({ ...v2, 'box/memory.max': 'max\n' });
	expect(readCgroupUsage('/box', mount)?.memoryLimitBytes).toBeUndefined();
});

test('freezing writes the word that the kernel wants, and asks whether it has taken hold', () => {
	lay(v1);
	expect(isFrozen('/box', mount)).toBe(false);
	expect(setFrozen('/box', true, mount)).toBe(true);
	expect(isFrozen('/box', mount)).toBe(true);
	lay({ 'freezer/box/freezer.state': 'FREEZING\n' });
	expect(isFrozen('/box', mount)).toBe(false);
	lay(v2);
	expect(isFrozen('/box', mount)).toBe(true);
	expect(setFrozen('/gone', true, mount)).toBe(false);
});

test('a group is removed from every hierarchy, its own groups first; one that lives stays', () => {
	for (const path of ['cpu/box/inner', 'memory/box', 'memory/other']) mkdirSync(join(mount, path), { recursive: true });
	expect(removeCgroups('/box', mount)).toBe(true);
	lay({ 'cpu/box/cgroup.procs': '1\n' });
	expect(removeCgroups('/box', mount)).toBe(false);
	expect(removeCgroups('/never', mount)).toBe(true);
});
