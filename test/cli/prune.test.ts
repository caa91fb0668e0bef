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

const total = async () => {
	const { resources } = await engine.store.takeInventory();
	return resources.reduce((sum, { diskBytes }) => sum + diskBytes, 0);
};
const bytesAfter = (word: string, text: string): number =>
	Number(new RegExp(`${word} ([\\d,]+) B`).exec(text)?.[1]?.replaceAll(',', ''));

describe('a plan on paper', () => {
	test('says what goes and why, what stays and why, and removes nothing', async () => {
		const before = await total();
		const { exitCode, stdout, stderr } = await cli('image prune --dry-run');
		expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
		expect(stdout).toMatch(/^Plan [0-9a-f]{12} of "image prune"\n\nGOES +BYTES +ALONE +WHY\n/);
		expect(stdout).toMatch(/\nimage [^\n]* dangling image\n/);
		expect(stdout).toMatch(/\ncontainer gangway \(running\) +[\d,]+ +it runs\n/);
		expect(await total()).toBe(before);
	});

	test('is shortened with a count of the rest, and whole with --verbose', async () => {
		const short = (await cli('system prune -a --dry-run')).stdout;
		const whole = (await cli('system prune -a --dry-run --verbose')).stdout;
		expect(short).toMatch(/… and \d+ more with [\d,]+ B; --verbose shows them\n/);
		expect(whole).not.toContain('more with');
		expect(whole.split('\n').length).toBeGreaterThan(short.split('\n').length);
		expect((await cli('system prune -a --dry-run --no-trunc')).stdout).toBe(whole);
	});

	test('adds up: the bytes of its lines are its total', async () => {
		const { stdout } = await cli('system prune -a --dry-run --verbose');
		const [goes = ''] = stdout.split('\n\nSTAYS');
		const lines = goes.split('\n').slice(3, -1);
		const sum = lines.reduce((bytes, line) => {
			const figure = / {2,}([\d,]+) {2,}[\d,]+ {2,}/.exec(line)?.[1] ?? '';
			return bytes + Number(figure.replaceAll(',', ''));
		}, 0);
		expect(goes).toContain(`${lines.length} things, ${sum.toLocaleString('en')} B`);
	});

	test('of a store where nothing can go says so', async () => {
		const { exitCode, stdout } = await cliOn(createMemoryEngine())('system prune -a --dry-run');
		expect(exitCode).toBe(0);
		expect(stdout).toContain('GOES: nothing');
	});
});

describe('executing a plan', () => {
	test('frees exactly what was planned', async () => {
		const before = await total();
		const { exitCode, stdout } = await cli('system prune -a -f');
		const planned = bytesAfter('planned', stdout);
		expect(exitCode).toBe(0);
		expect(planned).toBeGreaterThan(0);
		expect(bytesAfter('freed', stdout)).toBe(planned);
		expect(before - (await total())).toBe(planned);
		expect(stdout).toMatch(/\nTotal reclaimed space: \d+(\.\d+)?MB\n$/);
		expect((await cli('system prune -a --dry-run')).stdout).toContain('GOES: nothing');
	});

	test('keeps what runs, and named volumes', async () => {
		const running = (await cli('ps -q')).stdout;
		await cli('system prune -a -f --volumes');
		expect(running).not.toBe('');
		expect((await cli('ps -q')).stdout).toBe(running);
		expect((await cli('volume ls -q')).stdout).toContain('old-manifests\n');
		await cli('volume prune -a -f');
		expect((await cli('volume ls -q')).stdout).not.toContain('old-manifests\n');
	});

	test('container prune takes a hidden image with the container that kept it', async () => {
		await cli('container prune -f --filter until=480h');
		expect((await cli('ps -aq --filter name=cargo-import-oct')).stdout).toBe('');
		expect((await cli(['images', '--format', '{{.Tag}}'])).stdout).not.toContain('<hidden>');
		expect((await cli('ps -aq --filter name=bilge-test')).stdout).not.toBe('');
	});

	test('labels choose', async () => {
		const { stdout } = await cli('image prune --dry-run --filter label!=org.opencontainers.image.vendor');
		expect(stdout).not.toContain('dangling image');
	});

	test('what jams is told, left, and makes exit code 3', async () => {
		const { resources } = await engine.store.takeInventory();
		const stopped = resources.find(({ label }) => label === 'pilot-old');
		if (stopped === undefined) throw new Error('the sample has pilot-old');
		engine.jam(stopped.key);
		const { exitCode, stdout, stderr } = await cli('container prune -f');
		expect(exitCode).toBe(3);
		expect(stdout).toMatch(/Removed \d+ things, left 1: planned/);
		expect(stderr).toContain('tonnage: ');
	});
});

describe('asking', () => {
	test('does not happen without a terminal: exit code 2, a hint, and nothing removed', async () => {
		const before = await total();
		const { exitCode, stdout, stderr } = await cli('system prune');
		expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
		expect(stderr).toContain('not a terminal; nothing was removed.\nUse -f');
		expect(await total()).toBe(before);
	});

	test.each([
		['y\n', 0],
		['YES\n', 0],
		['n\n', 1],
		['\n', 1],
		['', 1],
		['yesterday\n', 1],
	])('%j ends with exit code %d', async (input, code) => {
		const before = await total();
		const { exitCode, stderr } = await cliOn(engine, { now: sampleNow, isTerminal: true, input })('image prune');
		expect(exitCode).toBe(code);
		expect(stderr).toMatch(/Remove \d+ things and free [\d,]+ B \([\d.]+MB\)\? \[y\/N\] /);
		expect((await total()) < before).toBe(code === 0);
	});

	test('is not needed where nothing would go', async () => {
		const terminal = cliOn(createMemoryEngine(), { isTerminal: true });
		expect(await terminal('image prune')).toMatchObject({ exitCode: 0, stderr: '' });
	});
});

test('a filter that is not understood is refused with exit code 2', async () => {
	expect((await cli('image prune -f --filter colour=red')).exitCode).toBe(2);
	expect((await cli('system prune -f --volumes --filter until=1h')).exitCode).toBe(2);
});
