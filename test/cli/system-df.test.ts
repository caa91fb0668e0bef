import { beforeEach, describe, expect, test } from 'vitest';
import { createMemoryEngine, type MemoryControls } from '../../src/engine/memory/open.ts';
import { sampleNow, sampleWorld } from '../../src/engine/memory/sample.ts';
import type { Engine } from '../../src/engine/port.ts';
import { type CliRun, cliOn } from '../support/cli.ts';

let engine: Engine & MemoryControls;
let cli: (words: string | readonly string[]) => Promise<CliRun>;

beforeEach(() => {
	engine = createMemoryEngine(sampleWorld());
	cli = cliOn(engine, { now: sampleNow });
});

interface Row {
	readonly Type: string;
	readonly TotalCount: string;
	readonly DiskBytes: number;
	readonly ReclaimableBytes?: number;
}

const rowsOf = async (): Promise<ReadonlyMap<string, Row>> => {
	const { stdout } = await cli('system df --format json');
	const rows: readonly Row[] = stdout
		.split('\n')
		.filter(Boolean)
		.map((line) => JSON.parse(line));
	return new Map(rows.map((row) => [row.Type, row]));
};

describe('tonnage system df', () => {
	test('begins with Docker’s columns', async () => {
		const { stdout } = await cli('system df');
		expect(stdout.split('\n')[0]?.split(/ {2,}/)).toEqual([
			'TYPE',
			'TOTAL',
			'ACTIVE',
			'SIZE',
			'RECLAIMABLE',
			'DISK',
			'FREES',
		]);
		expect(stdout).toMatch(/\nLocal Volumes +\d+ +\d+ +[\d.]+GB +[\d.]+GB \(\d+%\) +[\d.]+GB +[\d.]+GB \(\d+%\)\n/);
	});

	test('adds up to its total, byte for byte', async () => {
		const rows = await rowsOf();
		const parts = ['Images', 'Containers', 'Local Volumes', 'Leftovers', 'Metadata'];
		const sum = parts.reduce((bytes, type) => bytes + (rows.get(type)?.DiskBytes ?? Number.NaN), 0);
		expect(rows.get('Total')?.DiskBytes).toBe(sum);
	});

	test.each([
		['Images', 'image prune -a -f'],
		['Containers', 'container prune -f'],
		['Local Volumes', 'volume prune -a -f'],
	])('%s: what it calls reclaimable is what "%s" frees of it', async (type, words) => {
		const before = (await rowsOf()).get(type);
		await cli(words);
		const after = (await rowsOf()).get(type);
		expect((before?.DiskBytes ?? 0) - (after?.DiskBytes ?? 0)).toBe(before?.ReclaimableBytes);
	});

	test('tells the hidden apart, and what a lease holds', async () => {
		expect((await rowsOf()).get('of which hidden')?.DiskBytes).toBeGreaterThan(88_000_000);
		await cli('container prune -f');
		expect((await rowsOf()).get('of which hidden')?.DiskBytes).toBe(0);
		expect((await rowsOf()).get('of which dangling layers')?.TotalCount).toBe('2');
		await cli('image prune -f');
		expect((await rowsOf()).get('of which dangling layers')?.TotalCount).toBe('0');
	});

	test('-v lists everything with what it weighs, also as one JSON document', async () => {
		const { stdout } = await cli('system df -v');
		for (const title of ['Images', 'Containers', 'Local Volumes'])
			expect(stdout).toContain(`${title} space usage:\n\n`);
		expect(stdout).toMatch(/REPOSITORY +TAG +IMAGE ID +CREATED +SIZE +SHARED SIZE +UNIQUE SIZE +CONTAINERS\n/);
		const document = JSON.parse((await cli('system df -v --format json')).stdout);
		const names = (await engine.images.list()).map(({ references }) => Math.max(1, references.length));
		expect(document.Images).toHaveLength(names.reduce((sum, count) => sum + count));
		expect(document.Containers).toHaveLength((await engine.containers.list()).length);
		expect(document.Volumes).toHaveLength((await engine.volumes.list()).length);
	});
});
