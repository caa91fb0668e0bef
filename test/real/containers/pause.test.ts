import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cgroupPath, isFrozen, isToldToFreeze, setFrozen } from '../../../src/engine/embedded/system/cgroups.ts';
import { isEngineError } from '../../../src/engine/errors.ts';
import type { ContainerRequest } from '../../../src/engine/port-containers.ts';
import { type ContainerWorld, foreground, openWorld, request, strays } from '../../support/container-world.ts';

let world: ContainerWorld;

beforeAll(async () => {
	world = await openWorld();
});

afterAll(async () => {
	await world.close();
});

const forever = ['sh', '-c', 'trap "exit 3" TERM; while :; do echo tick; sleep 0.02; done'];

async function paused(part: Partial<ContainerRequest> = {}): Promise<string> {
	const id = await world.containers.create(request({ command: forever, ...part }));
	await world.containers.start(id);
	await expect.poll(() => readFileSync(logOf(id), 'utf8')).toContain('tick');
	await world.containers.pause(id);
	return id;
}

const logOf = (id: string) => join(world.store.paths.containers, id, 'ctr.log');
const statusOf = async (id: string) => (await world.containers.inspect(id)).status;
const refusal = async (work: Promise<unknown>) =>
	await work.then(
		() => 'done',
		(error: unknown) => (isEngineError(error) ? error.message : String(error)),
	);
const remove = async (id: string) => {
	await world.containers.remove(id, { force: true, volumes: true });
	await expect.poll(() => strays(world.root, [id]), { timeout: 20_000 }).toEqual([]);
};

test('a paused container stands still until it is let go, and says so', async () => {
	const id = await paused({ name: 'still' });
	const written = readFileSync(logOf(id), 'utf8').length;
	expect(await statusOf(id)).toBe('paused');
	await new Promise((resolve) => setTimeout(resolve, 150));
	expect(readFileSync(logOf(id), 'utf8').length).toBe(written);
	expect(await refusal(world.containers.pause(id))).toBe('Cannot pause container still: it is paused.');
	expect(await refusal(world.containers.start(id))).toBe('Cannot start container still: it is paused.');
	await world.containers.unpause(id);
	await expect.poll(() => readFileSync(logOf(id), 'utf8').length).toBeGreaterThan(written);
	expect(await statusOf(id)).toBe('running');
	expect(await refusal(world.containers.unpause(id))).toBe('Cannot unpause container still: it is running.');
	const actions = world.store.database.eventsSince(0).filter(({ key }) => key.id === id);
	expect(actions.map(({ action }) => action)).toEqual(['create', 'start', 'pause', 'unpause']);
	await remove(id);
});

test('nothing is executed in a paused container, and it is not removed unless forced', async () => {
	const id = await paused({ name: 'shut' });
	const exec = { command: ['true'], environment: [], workingDirectory: undefined, user: undefined };
	const streams = { stdin: undefined, stdout: process.stdout, stderr: process.stderr, terminal: undefined };
	const request = { ...exec, tty: false, stdin: false, detach: false };
	expect(await refusal(foreground(world).exec(id, request, streams))).toBe(
		'Cannot exec in container shut: it is paused.',
	);
	expect(await refusal(world.containers.remove(id, { force: false, volumes: false }))).toContain('it is paused');
	await remove(id);
});

test('stop lets a paused one go on, so that it ends by itself; kill ends it', async () => {
	const stopped = await paused();
	await world.containers.stop(stopped, { graceMs: 20_000 });
	expect((await world.containers.inspect(stopped)).exitCode).toBe(3);
	await remove(stopped);
	const killed = await paused();
	await world.containers.kill(killed, { signal: 'KILL' });
	expect(await world.containers.wait(killed, {})).toBe(137);
	await remove(killed);
});

test('a signal that is not its stop signal leaves a paused one as it is', async () => {
	const id = await paused({ stopSignal: 'TERM' });
	await world.containers.kill(id, { signal: 'HUP' });
	expect(await statusOf(id)).toBe('paused');
	await world.containers.stop(id, { graceMs: 0 });
	await remove(id);
});

test('what does not run cannot be paused', async () => {
	const id = await world.containers.create(request({ name: 'new' }));
	expect(await refusal(world.containers.pause(id))).toBe('Cannot pause container new: it is created.');
	expect(await refusal(world.containers.unpause(id))).toBe('Cannot unpause container new: it is created.');
	await remove(id);
});

test('the next opening leaves a paused one paused, and lets go what was frozen for nobody', async () => {
	const kept = await paused();
	const abandoned = await world.containers.create(request({ command: forever }));
	await world.containers.start(abandoned);
	setFrozen(cgroupPath(abandoned), true);
	expect(isToldToFreeze(cgroupPath(abandoned))).toBe(true);
	world = world.reopen();
	expect([isFrozen(cgroupPath(kept)), await statusOf(kept)]).toEqual([true, 'paused']);
	expect(isToldToFreeze(cgroupPath(abandoned))).toBe(false);
	await world.containers.remove(abandoned, { force: true, volumes: true });
	await remove(kept);
});

test('a commit of a paused container leaves it paused', async () => {
	const id = await paused();
	await world.containers.commit(id, { reference: undefined, author: '', message: '', changes: [], pause: true });
	expect([isFrozen(cgroupPath(id)), await statusOf(id)]).toEqual([true, 'paused']);
	await remove(id);
});

test('a paused one whose process is killed from outside is written down as ended', async () => {
	const id = await paused();
	const { pid } = await world.containers.inspect(id);
	spawnSync('kill', ['-9', String(pid)]);
	await world.containers.unpause(id);
	await expect.poll(() => statusOf(id), { timeout: 10_000 }).toBe('exited');
	await remove(id);
});
