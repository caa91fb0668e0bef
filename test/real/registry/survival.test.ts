import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Engine } from '../../../src/engine/port.ts';
import { auditStore } from '../../support/audit-store.ts';
import { type DockerRegistry, startDockerRegistry } from '../../support/docker-registry.ts';
import { archiveOf, dockerMembers, makeImage } from '../../support/image-archives.ts';
import { openSurvivalWorld, type SurvivalWorld } from '../../support/survival-world.ts';

const kills = 6;
const image = makeImage([{ 'bin/sh': '#!\n' }, { 'srv/app': 'app\n'.repeat(100_000) }, { 'srv/more': 'more\n' }]);

let world: SurvivalWorld;
let registry: DockerRegistry;
let name: string;

beforeAll(async () => {
	world = await openSurvivalWorld();
	registry = await startDockerRegistry(join(world.directory, 'registry'));
	name = `${registry.host}/fleet/app:1`;
	writeFileSync(join(world.directory, 'fleet.tar'), archiveOf(dockerMembers([{ image, tags: [name] }])));
	await world.expectDone(['load', '-i', join(world.directory, 'fleet.tar')]);
	await world.expectDone(['push', name]);
});

afterAll(async () => {
	await registry?.stop();
	await world?.close();
});

async function forget({ images }: Engine): Promise<void> {
	for (const { id } of await images.list()) await images.remove(id, { force: true });
}

async function takeIn({ images }: Engine): Promise<void> {
	await images.load({ type: 'path', path: join(world.directory, 'fleet.tar') }, {});
}

test.each([
	{ verb: 'pull', prepare: forget },
	{ verb: 'push', prepare: takeIn },
])('the store survives kill -9 of $verb', { timeout: 60_000 }, async ({ verb, prepare }) => {
	const nodeOptions = ['--import', resolve('test/support/kill-at-step.ts')];
	const call = (environment: Readonly<Record<string, string>>, killAfterMs?: number) =>
		world.tonnage([verb, name], { environment, nodeOptions, ...(killAfterMs === undefined ? {} : { killAfterMs }) });
	const stepsFile = join(world.directory, 'steps');
	rmSync(stepsFile, { force: true });
	await world.withEngine(prepare);
	const rehearsal = await call({ STEPS_FILE: stepsFile });
	expect(rehearsal).toMatchObject({ exitCode: 0 });
	const steps = readFileSync(stepsFile, 'utf8').trimEnd().split('\n');
	for (let index = 0; index < kills; index++) {
		await world.withEngine(prepare);
		const step = Math.floor(((index + Math.random()) / kills) * steps.length);
		await call({ KILL_AT_STEP: String(step) });
		expect(await auditStore(world.root), `killed before step ${step} ${steps[step]}`).toEqual([]);
	}
	for (let index = 0; index < 2; index++) {
		await world.withEngine(prepare);
		const killAfterMs = rehearsal.tookMs * Math.random();
		await call({}, killAfterMs);
		expect(await auditStore(world.root), `killed after ${killAfterMs} ms`).toEqual([]);
	}
	await world.withEngine(prepare);
	expect(await call({})).toMatchObject({ exitCode: 0 });
	expect(await auditStore(world.root)).toEqual([]);
});
