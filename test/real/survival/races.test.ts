import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { auditStore } from '../../support/audit-store.ts';
import { run } from '../../support/commands.ts';
import type { ProgramRun } from '../../support/run-program.ts';
import { openSurvivalWorld, type SurvivalWorld } from '../../support/survival-world.ts';

/** How often each race is run. More finds more. */
const rounds = Number(process.env.TONNAGE_RACES ?? '4');
const timeout = 60_000 + 5_000 * rounds;

let world: SurvivalWorld;

beforeAll(async () => {
	world = await openSurvivalWorld();
});

afterAll(async () => {
	await world.close();
});

const load = (name: 'box' | 'app') => ['load', '-i', world.archives[name]];

/** Both at once, the one or the other a little later, so that every moment of each is met sooner or later. */
async function race(
	first: readonly string[],
	second: readonly string[],
	leadMs = (Math.random() - 0.5) * 240,
): Promise<readonly [ProgramRun, ProgramRun]> {
	const after = (ms: number, words: readonly string[]) => pause(Math.max(0, ms)).then(() => world.tonnage(words));
	return await Promise.all([after(-leadMs, first), after(leadMs, second)]);
}

async function expectSound(): Promise<void> {
	await expect.poll(() => auditStore(world.root), { timeout: 15_000, interval: 50 }).toEqual([]);
}

/** Done, or refused in one sentence by one who came later. */
function expectDoneOr(ran: ProgramRun, ...refusals: readonly RegExp[]): void {
	if (ran.exitCode === 0) return;
	const sentence = ran.stderr.split('\n').find((line) => line.startsWith('tonnage: ')) ?? ran.stderr;
	expect(refusals.some((refusal) => refusal.test(sentence)) ? '' : `${ran.exitCode}: ${ran.stderr}`).toBe('');
}

function contentUsage(): number {
	const parts = ['layers', 'blobs', 'containers', 'volumes', 'trash', 'ingest'].map((part) => join(world.root, part));
	return Number(/^(\d+)\ttotal$/m.exec(run('du', ['--block-size=1', '--summarize', '--total', ...parts]))?.[1]);
}

function freedBy({ stdout }: ProgramRun): number {
	return Number((/freed ([\d,]+)/.exec(stdout)?.[1] ?? '0').replaceAll(',', ''));
}

const prune = ['system', 'prune', '-a', '-f'];
const noImage = /No image is called "box"/;

test('run against system prune -a: a container whole, or no image', { timeout }, async () => {
	for (let round = 0; round < rounds; round++) {
		await world.expectDone(load('box'));
		const [ran, pruned] = await race('run -d --network none --name sailor box sleep 1000'.split(' '), prune);
		expectDoneOr(ran, noImage);
		expectDoneOr(pruned, /in use|has changed/);
		await expectSound();
		if (ran.exitCode !== 0) continue;
		expect(await world.expectDone('exec sailor echo aboard')).toBe('aboard');
		await world.expectDone('rm -f sailor');
	}
});

test('run --rm against system prune -a: the command is run, or there is no image', { timeout }, async () => {
	for (let round = 0; round < rounds; round++) {
		await world.expectDone(load('box'));
		const [ran, pruned] = await race(['run', '--rm', '--network', 'none', 'box', 'echo', 'aboard'], prune);
		expectDoneOr(ran, noImage);
		if (ran.exitCode === 0) expect(ran.stdout).toBe('aboard\n');
		expectDoneOr(pruned, /in use|has changed/);
		await expectSound();
	}
});

test('load against image prune -a: the image is there whole, or gone whole after it was there', {
	timeout,
}, async () => {
	for (let round = 0; round < rounds; round++) {
		const [loaded, pruned] = await race(load('app'), ['image', 'prune', '-a', '-f']);
		expect(loaded).toMatchObject({ exitCode: 0, stderr: '' });
		expectDoneOr(pruned, /in use|has changed/);
		await expectSound();
		// What the prune has taken away, the load brings back.
		await world.expectDone(load('app'));
		expect((await world.expectDone('images -q app')).split('\n')).toHaveLength(2);
		expect(await auditStore(world.root)).toEqual([]);
		if (round % 2 === 0) await world.expectDone(['image', 'prune', '-a', '-f']);
	}
});

test('load against rmi of the same image', { timeout }, async () => {
	for (let round = 0; round < rounds; round++) {
		await world.expectDone(load('app'));
		const [loaded, removed] = await race(load('app'), ['rmi', '-f', 'app:1', 'app:2']);
		expect(loaded).toMatchObject({ exitCode: 0, stderr: '' });
		expectDoneOr(removed, /in use|has changed|No image is called/);
		await expectSound();
	}
});

test('two prunes at once free everything once', { timeout }, async () => {
	for (let round = 0; round < rounds; round++) {
		for (const name of ['box', 'app'] as const) await world.expectDone(load(name));
		await world.expectDone('create --network none -v /hold app:1');
		const before = contentUsage();
		const both = await race([...prune, '--volumes'], [...prune, '--volumes'], 0);
		for (const each of both) expectDoneOr(each, /in use|has changed/);
		await world.expectDone([...prune, '--volumes']);
		expect(await auditStore(world.root)).toEqual([]);
		expect(await world.expectDone('images -aq')).toBe('');
		expect(both.reduce((sum, each) => sum + freedBy(each), 0)).toBe(before - contentUsage());
	}
});

test('two loads of one archive at once make one image', { timeout }, async () => {
	for (let round = 0; round < rounds; round++) {
		for (const each of await race(load('app'), load('app'), 0)) {
			expect(each).toMatchObject({ exitCode: 0, stdout: 'Loaded image: app:1\nLoaded image: app:2\n', stderr: '' });
		}
		expect(await auditStore(world.root)).toEqual([]);
		expect((await world.expectDone('images -aq --no-trunc')).split('\n')).toHaveLength(2);
		await world.expectDone(prune);
	}
});

test('rm -f against start: gone in the end, and nothing of it runs', { timeout }, async () => {
	await world.expectDone(load('box'));
	for (let round = 0; round < rounds; round++) {
		await world.expectDone('create --network none --name sailor -v /hold box sleep 1000');
		const [started, removed] = await race(['start', 'sailor'], ['rm', '-f', '-v', 'sailor']);
		expectDoneOr(started, /No container is called/);
		expectDoneOr(removed, /in use|locked|running/);
		if (removed.exitCode !== 0) await world.expectDone('rm -f -v sailor');
		await expectSound();
		expect(await world.expectDone('ps -aq')).toBe('');
		expect(await world.expectDone('volume ls -q')).toBe('');
	}
});

test('two containers of one name: one of them', { timeout }, async () => {
	await world.expectDone(load('box'));
	for (let round = 0; round < rounds; round++) {
		const create = 'create --network none --name sailor -v shared:/hold box true'.split(' ');
		const both = await race(create, create, 0);
		expect(both.map(({ exitCode }) => exitCode).toSorted()).toEqual([0, 1]);
		for (const each of both) expectDoneOr(each, /name "sailor" is taken/);
		expect(await auditStore(world.root)).toEqual([]);
		await world.expectDone('rm sailor');
	}
});
