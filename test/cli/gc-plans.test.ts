import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import { EngineError } from '../../src/engine/errors.ts';
import { createMemoryEngine, type MemoryControls } from '../../src/engine/memory/open.ts';
import { sampleNow, sampleWorld } from '../../src/engine/memory/sample.ts';
import type { Engine } from '../../src/engine/port.ts';
import { type CliRun, cliOn } from '../support/cli.ts';
import { violations } from '../support/json-schema.ts';

const schema = JSON.parse(readFileSync(new URL('../../docs/plan.schema.json', import.meta.url), 'utf8'));

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
/** Saves a plan and gives what one has to type for it. */
const plan = async (words = '--policy docker-compatible') => {
	const { exitCode, stderr } = await cli(`gc plan ${words}`);
	expect(exitCode).toBe(0);
	return /gc apply ([0-9a-f]{12})\n$/.exec(stderr)?.[1] ?? '';
};

describe('a plan', () => {
	test('is shown, saved, shown again the same, and removes nothing', async () => {
		const before = await total();
		const { stdout } = await cli('gc plan');
		expect(stdout).toMatch(/^Plan [0-9a-f]{12} of "careful"\n\nGOES/);
		const id = /^Plan ([0-9a-f]{12})/.exec(stdout)?.[1] ?? '';
		expect((await cli(`gc show ${id}`)).stdout).toBe(stdout);
		expect((await cli('gc show')).stdout).toMatch(new RegExp(`^PLAN +POLICY +SAVED[^\n]+\n${id} +careful +Less than`));
		expect(await total()).toBe(before);
	});

	test('as JSON fits the published schema, and is what was saved', async () => {
		const { stdout } = await cli('gc plan --format json --all --policy ci');
		const document = JSON.parse(stdout);
		expect(violations(schema, document)).toEqual([]);
		expect(document.policy.name).toBe('ci --all');
		expect((await cli(['gc', 'show', '--format', 'json', document.id])).stdout).toBe(stdout);
		const [line = ''] = (await cli('gc show --format json')).stdout.split('\n');
		expect(JSON.parse(line)).toMatchObject({ id: document.id, reclaimableBytes: document.reclaimableBytes });
	});

	test('that nobody saved is not found', async () => {
		expect(await cli('gc show abc')).toMatchObject({
			exitCode: 1,
			stderr: expect.stringContaining('No plan is called "abc".'),
		});
		expect((await cli('gc apply abc')).exitCode).toBe(1);
	});

	test('that was changed where it lies is refused', async () => {
		const id = await plan();
		const [saved] = engine.world.plans.values();
		if (saved === undefined) throw new Error('a plan was saved');
		engine.world.plans.set(saved.id, { ...saved, document: saved.document.replace('"graceMs":0', '"graceMs":9') });
		const before = await total();
		expect(await cli(`gc apply ${id}`)).toMatchObject({
			exitCode: 1,
			stderr: expect.stringContaining('it was changed after it was made'),
		});
		expect(await total()).toBe(before);
	});
});

describe('apply', () => {
	test('executes exactly the plan, and the history says so', async () => {
		const before = await total();
		const id = await plan();
		const { exitCode, stdout } = await cli(`gc apply ${id}`);
		expect(exitCode).toBe(0);
		const [, planned, freed] = /planned ([\d,]+) B, freed ([\d,]+) B/.exec(stdout) ?? [];
		expect(freed).toBe(planned);
		expect((before - (await total())).toLocaleString('en')).toBe(freed);
		const [line = ''] = (await cli('gc history --format json')).stdout.split('\n');
		expect(JSON.parse(line)).toMatchObject({
			Plan: id,
			Policy: 'docker-compatible',
			Skipped: 0,
			Failed: 0,
			FreedBytes: before - (await total()),
		});
	});

	test('leaves what became live, says why, and makes exit code 3', async () => {
		const id = await plan();
		await engine.containers.start('pilot-old');
		const { exitCode, stderr } = await cli(`gc apply ${id}`);
		expect(exitCode).toBe(3);
		expect(stderr).toMatch(/\nSkipped 1 thing of the \d+ that the plan lists\.\n/);
		expect(stderr).toMatch(/^Skipped container pilot-old \([^)]+\): it has changed since the plan was made\.\n/);
		expect((await cli('ps -q --filter name=pilot-old')).stdout).not.toBe('');
	});

	test('never takes what came later', async () => {
		const id = await plan();
		await engine.images.tag('redis:8', 'docker.io/library/other:1' as never);
		await engine.containers.stop('gangway', { graceMs: 0 });
		await cli(`gc apply ${id}`);
		expect((await cli('ps -aq --filter name=gangway')).stdout).not.toBe('');
	});

	test('a second time has nothing left to do, and that is no failure', async () => {
		const id = await plan();
		await cli(`gc apply ${id}`);
		expect(await cli(`gc apply ${id}`)).toMatchObject({
			exitCode: 0,
			stdout: 'Nothing of this plan is left to remove.\n',
		});
	});
});

describe('run', () => {
	test('collects by the careful policy unless told, without a question', async () => {
		const before = await total();
		const { exitCode, stdout } = await cli('gc run');
		expect(exitCode).toBe(0);
		expect(stdout).toMatch(/^Plan [0-9a-f]{12} of "careful"\nRemoved \d+ things: planned/);
		expect(await total()).toBeLessThan(before);
		expect((await cli('gc history')).stdout.split('\n')).toHaveLength(3);
		expect((await cli('gc show')).stdout).toContain('careful');
		expect((await cli('gc run')).stdout).toBe('There is nothing to collect by "careful".\n');
	});

	test('--dry-run shows the plan, saves nothing and removes nothing', async () => {
		const before = await total();
		expect((await cli('gc run --dry-run --policy last-resort')).stdout).toContain('of "last-resort"');
		expect(await total()).toBe(before);
		expect((await cli('gc show --format json')).stdout).toBe('');
	});

	test('on a full disk goes on without saving', async () => {
		const full = async () => {
			throw new EngineError('out-of-space', { path: '/store', resource: 'bytes' });
		};
		const plans = { ...engine.plans, save: full, recordSweep: full } as never;
		const { exitCode, stdout, stderr } = await cliOn({ ...engine, plans }, { now: sampleNow })('gc run');
		expect(exitCode).toBe(0);
		expect(stdout).toContain('freed');
		expect(stderr).toContain('The plan is not among the saved ones:\n');
		expect(stderr).toContain('The history does not have this sweep:\n');
	});
});

test('prune verbs are in the history too', async () => {
	await cli('image prune -f');
	expect((await cli(['gc', 'history', '--format', '{{.Policy}}'])).stdout).toBe('image prune\n');
});

test('an engine that cannot save plans says so', async () => {
	const { plans: _, ...bare } = engine;
	const { exitCode, stderr } = await cliOn(bare)('gc show');
	expect(exitCode).toBe(1);
	expect(stderr).toContain('Saving plans is not possible here: memory has no place for them.');
	expect((await cliOn(bare, { now: sampleNow })('gc run')).exitCode).toBe(0);
});
