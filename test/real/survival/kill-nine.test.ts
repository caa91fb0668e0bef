import { readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Engine } from '../../../src/engine/port.ts';
import { auditStore } from '../../support/audit-store.ts';
import { request } from '../../support/container-world.ts';
import type { ProgramRun } from '../../support/run-program.ts';
import { openSurvivalWorld, type SurvivalWorld } from '../../support/survival-world.ts';

/** How often each verb is killed at one of its steps, and how often at any moment. More finds more. */
const killsAtSteps = Number(process.env.TONNAGE_KILLS ?? '4');
const killsAtMoments = Math.ceil(killsAtSteps / 4);
const timeoutMs = 60_000 + 5_000 * killsAtSteps;

let world: SurvivalWorld;
/** A container that runs all the while, and that no killed command has anything to do with. */
let anchor: { readonly id: string; readonly pid: number | undefined };

beforeAll(async () => {
	world = await openSurvivalWorld();
	await world.expectDone(['load', '-i', world.archives.box]);
	await world.expectDone('run -d --name anchor box sleep 100000');
	anchor = await world.withEngine(({ containers }) => containers.inspect('anchor'));
});

afterAll(async () => {
	await world.close();
});

interface Killed {
	readonly verb: string;
	readonly words: readonly string[];
	/** Makes what the verb works on, from whatever an earlier kill has left. */
	readonly prepare: (engine: Engine) => Promise<void>;
	/** Steps that come too often to be worth a kill each. */
	readonly dull?: RegExp;
}

const path = (name: 'app' | 'root') => ({ type: 'path', path: world.archives[name] }) as const;

async function clear({ images, containers, store }: Engine): Promise<void> {
	for (const { id } of await containers.list()) {
		if (id !== anchor.id) await containers.remove(id, { force: true, volumes: true });
	}
	const { resources } = await store.takeInventory();
	await store.remove(
		resources.filter(({ key }) => key.kind === 'volume'),
		{},
	);
	for (const { id, references } of await images.list()) {
		if (!references.some((reference) => reference.includes('/box:'))) await images.remove(id, { force: true });
	}
}

async function loadApp(engine: Engine): Promise<void> {
	await clear(engine);
	await engine.images.load(path('app'), {});
}

async function makeContainer(engine: Engine, command: readonly string[], isStarted: boolean): Promise<void> {
	await clear(engine);
	await engine.containers.create(request({ image: 'box', name: 'victim', command, mounts: [cargo] }));
	if (isStarted) await engine.containers.start('victim');
}

const cargo = { type: 'volume', source: 'hold', target: '/hold', readOnly: false } as const;
const writing = [
	'sh',
	'-c',
	'echo cargo > /hold/manifest; dd if=/dev/zero of=/file bs=1024 count=100; exec sleep 1000',
];

async function makeRubbish(engine: Engine): Promise<void> {
	await loadApp(engine);
	await engine.containers.create(request({ image: 'app:1', name: 'idle', command: ['true'] }));
	await engine.containers.create(request({ image: 'box', name: 'other', command: ['true'], mounts: [cargo] }));
	await engine.images.import(path('root'), { reference: undefined, message: '', changes: [] });
}

const verbs: readonly Killed[] = [
	{ verb: 'load', words: ['load', '-i', 'app.tar'], prepare: clear, dull: /^(mkdirSync|openSync)$/ },
	{ verb: 'import', words: ['import', 'root.tar', 'imported:1'], prepare: clear, dull: /^(mkdirSync|openSync)$/ },
	{
		verb: 'create',
		words: ['create', '--name', 'victim', '-v', 'hold:/hold', '-v', '/anonymous', 'box', 'true'],
		prepare: clear,
	},
	{ verb: 'run', words: ['run', '--rm', '-v', '/anonymous', 'box', 'sh', '-c', 'echo x > /file'], prepare: clear },
	{ verb: 'run -d', words: ['run', '-d', '--name', 'victim', 'box', 'sleep', '1000'], prepare: clear },
	{ verb: 'start', words: ['start', 'victim'], prepare: (engine) => makeContainer(engine, writing, false) },
	{ verb: 'stop', words: ['stop', '-t', '0', 'victim'], prepare: (engine) => makeContainer(engine, writing, true) },
	{ verb: 'rm -f', words: ['rm', '-f', '-v', 'victim'], prepare: (engine) => makeContainer(engine, writing, true) },
	{
		verb: 'commit',
		words: ['commit', 'victim', 'committed:1'],
		prepare: (engine) => makeContainer(engine, writing, true),
		dull: /^(mkdirSync|openSync)$/,
	},
	{ verb: 'rmi -f', words: ['rmi', '-f', 'app:1', 'app:2'], prepare: loadApp, dull: /^(unlinkSync|rmdirSync)$/ },
	{
		verb: 'image prune',
		words: ['image', 'prune', '-f'],
		prepare: async (engine) => {
			await loadApp(engine);
			for (const name of ['app:1', 'app:2']) await engine.images.tag('box', `docker.io/library/${name}` as never);
		},
		dull: /^(unlinkSync|rmdirSync)$/,
	},
	{
		verb: 'system prune',
		words: ['system', 'prune', '-a', '-f'],
		prepare: makeRubbish,
		dull: /^(unlinkSync|rmdirSync)$/,
	},
];

/** Runs the verb once to its end, under the step counter, and gives the numbers of the steps worth a kill. */
async function rehearse({
	words,
	prepare,
	dull,
}: Killed): Promise<{ readonly steps: readonly string[]; readonly ran: ProgramRun }> {
	await world.withEngine(prepare);
	const stepsFile = join(world.directory, 'steps');
	rmSync(stepsFile, { force: true });
	const ran = await call(words, { STEPS_FILE: stepsFile });
	if (ran.exitCode !== 0) throw new Error(`${words.join(' ')} ended with ${ran.exitCode}: ${ran.stderr}`);
	const steps = readFileSync(stepsFile, 'utf8').trimEnd().split('\n');
	return { steps: steps.flatMap((name, index) => (dull?.test(name) ? [] : [`${index} ${name}`])), ran };
}

function call(
	words: readonly string[],
	environment: Readonly<Record<string, string>>,
	killAfterMs?: number,
): Promise<ProgramRun> {
	return world.tonnage(
		words.map((word) => (word.endsWith('.tar') ? join(world.directory, word) : word)),
		{
			environment,
			nodeOptions: ['--import', resolve('test/support/kill-at-step.ts')],
			...(killAfterMs === undefined ? {} : { killAfterMs }),
		},
	);
}

/** What runs goes on running, and the store is sound; the runtime may need a moment more than its killed caller. */
async function expectSound(when: string): Promise<void> {
	await expect.poll(() => auditStore(world.root), { timeout: 15_000, interval: 50, message: when }).toEqual([]);
	const { status, pid } = await world.withEngine(({ containers }) => containers.inspect('anchor'));
	expect({ when, status, pid }).toEqual({ when, status: 'running', pid: anchor.pid });
}

test.each(verbs)('the store survives kill -9 of $verb', { timeout: timeoutMs }, async (killed) => {
	const { steps, ran } = await rehearse(killed);
	await expectSound('after the rehearsal');
	const offset = Math.random();
	for (let index = 0; index < killsAtSteps; index++) {
		const step = steps[Math.floor(((index + offset) / killsAtSteps) * steps.length)] ?? '0';
		await world.withEngine(killed.prepare);
		await call(killed.words, { KILL_AT_STEP: step.split(' ')[0] ?? '' });
		await expectSound(`killed before step ${step} of ${steps.length}`);
	}
	for (let index = 0; index < killsAtMoments; index++) {
		const killAfterMs = ran.tookMs * Math.random();
		await world.withEngine(killed.prepare);
		await call(killed.words, {}, killAfterMs);
		await expectSound(`killed after ${killAfterMs} ms of ${ran.tookMs}`);
	}
	// Whatever the kills have left, the verb still works.
	await world.withEngine(killed.prepare);
	expect(await call(killed.words, {})).toMatchObject({ exitCode: 0 });
	await expectSound('at the end');
});
