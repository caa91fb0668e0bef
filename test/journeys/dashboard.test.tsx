import { afterEach, beforeEach, expect, test } from 'vitest';
import { createMemoryEngine } from '../../src/engine/memory/open.ts';
import { sampleWorld } from '../../src/engine/memory/sample.ts';
import type { Engine } from '../../src/engine/port.ts';
import { type AppDriver, openApp } from '../support/app-driver.tsx';

let engine: ReturnType<typeof createMemoryEngine>;
let app: AppDriver;

beforeEach(async () => {
	engine = createMemoryEngine(sampleWorld());
	app = await open(engine);
});

afterEach(async () => {
	await app.stop();
	expect(app.defects).toEqual([]);
});

const open = (over: Engine) => openApp({ engine: over, now: () => engine.world.now });

test('a filter shows what it means, and sorting brings the largest to the top', async () => {
	await app.press('screen.images');
	await app.press('list.filter');
	await app.type('harbor/');
	await app.press('text.accept');
	await app.see('6 of 15 names with "harbor/"');
	await app.press('list.sort-next');
	await app.press('move.top');
	const { lines } = await app.screen.frame();
	expect(lines.find((line) => line.startsWith('▸'))).toContain('443MB');
	await app.press('app.back');
	await app.see('15 names');
});

test('a container is stopped after a question, and its row says so', async () => {
	await app.press('screen.containers');
	await app.select('gangway');
	await app.press('container.stop');
	await app.see('Stop container gangway?');
	await app.press('dialog.accept');
	expect(engine.world.containers.size).toBe(15);
	expect((await engine.containers.inspect('gangway')).status).toBe('running');
	await app.press('container.stop');
	await app.press('dialog.yes');
	await app.see('Stopped gangway.');
	await app.until('gangway has exited', ({ world }) =>
		Boolean(world?.containers.some(({ name, status }) => name === 'gangway' && status === 'exited')),
	);
	expect((await engine.containers.inspect('gangway')).status).toBe('exited');
	await app.select('gangway');
	await app.press('container.start');
	await app.see('Started gangway.');
	expect((await engine.containers.inspect('gangway')).status).toBe('running');
});

test('a container that runs is not removed, and the key says why', async () => {
	await app.press('screen.containers');
	await app.select('pilot-1');
	await app.press('container.remove');
	await app.see('pilot-1 runs: stop it first with s.');
	expect(app.state().stack).toEqual([]);
});

test('marked containers are removed together, after one question whose first answer is no', async () => {
	await app.press('screen.containers');
	await app.select('bilge-test');
	await app.press('list.mark');
	await app.press('list.mark');
	await app.press('container.remove');
	await app.see('Remove 2 containers?');
	await app.press('dialog.no');
	expect(engine.world.containers.size).toBe(15);
	await app.press('container.remove');
	await app.press('dialog.switch');
	await app.press('dialog.accept');
	await app.see('Removed 2 containers');
	expect(engine.world.containers.size).toBe(13);
	await app.until('the marks are gone', ({ lists }) => lists.containers.marked.size === 0);
});

test('an image that a stopped container needs loses its name and stays, hidden', async () => {
	await app.press('screen.images');
	await app.select('1.4');
	await app.press('image.remove');
	await app.see('stays, hidden, until pilot-old is removed');
	await app.press('dialog.yes');
	await app.until('it is hidden', ({ world }) => world?.images.filter(({ hidden }) => hidden).length === 2);
	await app.see('<hidden>');
});

test('what is planned, less what is unmarked, is what is freed, to the byte', async () => {
	await app.press('screen.collect');
	await app.press('collect.previous-policy');
	await app.see('everything unused');
	const whole = app.state().collect.full?.reclaimableBytes ?? 0;
	await app.select('pilot-old');
	await app.press('list.mark');
	const { plan } = app.state().collect;
	expect(plan?.reclaimableBytes).toBeLessThan(whole);
	await app.press('collect.execute');
	await app.see(`Remove ${plan?.removals.length} things`);
	await app.press('dialog.yes');
	await app.until('it is done', ({ collect }) => collect.sweep?.status === 'finished');
	const sweep = app.state().collect.sweep;
	expect(sweep?.left).toEqual([]);
	expect(sweep?.freedBytes).toBe(plan?.reclaimableBytes);
	await app.see('Done: freed');
	const names = [...engine.world.containers.values()].map(({ name }) => name);
	expect(names).toContain('pilot-old');
	expect(names).not.toContain('bilge-test');
	expect(names.filter((name) => name.startsWith('pilot'))).toEqual(['pilot-1', 'pilot-2', 'pilot-old']);
	expect(engine.world.leftovers.size).toBe(0);
});

test('what cannot be unlinked is listed with its reason', async () => {
	engine.jam({ kind: 'orphan', id: 'layers/b81c64f0' });
	await app.press('screen.collect');
	await app.press('collect.execute');
	await app.press('dialog.yes');
	await app.see('Left behind: 1 thing');
	await app.press('app.back');
	await app.see('Partly done');
});

test('what is kept is shown with the path that keeps it', async () => {
	await app.press('screen.collect');
	await app.press('collect.toggle-kept');
	await app.select('RUN apt-get install -y postgresql-17');
	await app.see('container logbook-db');
});

test('a log follows, filters and ends', async () => {
	await app.press('screen.containers');
	await app.select('gangway');
	await app.press('container.logs');
	await app.see('serving initial configuration');
	engine.writeLog('gangway', 'GET /fresh 200');
	await app.see('GET /fresh 200');
	await app.press('list.filter');
	await app.type('tides');
	await app.press('text.accept');
	const { lines } = await app.see('filter "tides"');
	expect(lines.join('\n')).not.toContain('/fresh');
	engine.exit('gangway', 0);
	await app.see('ended');
	await app.press('app.back');
	await app.see('NAME');
});

test('inspect shows the whole document, and scrolls', async () => {
	await app.press('screen.containers');
	await app.select('pilot-1');
	await app.press('container.inspect');
	await app.see('"name": "pilot-1"');
	await app.press('move.bottom');
	await app.see('end');
});

test('what another terminal does appears by itself', async () => {
	await app.press('screen.containers');
	const id = await engine.containers.create({
		image: 'busybox:1.37',
		name: 'from-elsewhere',
		command: undefined,
		entrypoint: undefined,
		environment: [],
		workingDirectory: undefined,
		user: undefined,
		hostname: undefined,
		mounts: [],
		network: 'none',
		limits: { memoryBytes: undefined, cpus: undefined, pidsLimit: undefined },
		labels: {},
		tty: false,
		stdinOpen: false,
		autoRemove: false,
		stopSignal: undefined,
	});
	await engine.containers.start(id);
	await app.see('from-elsewhere');
});

test('an engine that refuses is quoted with its hint, and the dashboard goes on', async () => {
	await app.press('screen.containers');
	await app.select('bilge-test');
	await app.press('container.remove');
	// Somebody else was faster than the question.
	await engine.containers.remove('bilge-test', { force: false, volumes: false });
	await app.press('dialog.yes');
	await app.see('No container is called');
	await app.press('screen.overview');
	await app.see('Stored');
});

test('help opens over anything and closes again; the keys lead everywhere; q quits', async () => {
	await app.press('app.help');
	await app.see('Keys');
	await app.press('app.back');
	for (const [command, text] of [
		['screen.containers', 'STATUS'],
		['screen.images', 'REPOSITORY'],
		['screen.layers', 'HELD BY'],
		['screen.collect', 'Would free'],
		['screen.next', 'Stored'],
	] as const) {
		await app.press(command);
		await app.see(text);
	}
	await app.press('app.quit');
	expect(app.hasQuit()).toBe(true);
});

test('every size in between is drawn whole, and a smaller one says what is needed', async () => {
	await app.press('screen.containers');
	for (const size of [
		{ columns: 80, rows: 24 },
		{ columns: 60, rows: 20 },
		{ columns: 160, rows: 30 },
	]) {
		await app.resize(size);
		const { lines } = await app.see('15 containers');
		expect(lines).toHaveLength(size.rows);
		for (const line of lines) expect(line.length).toBeLessThanOrEqual(size.columns);
		expect(lines.at(-1)).toContain('quit');
	}
	await app.resize({ columns: 40, rows: 10 });
	await app.see('tonnage needs 60x20');
});

test('a defect is not hidden in a message: it ends the dashboard', async () => {
	const faulty: Engine = {
		...engine,
		containers: {
			...engine.containers,
			stop: async () => {
				throw new TypeError('a defect');
			},
		},
	};
	const other = await open(faulty);
	await other.press('screen.containers');
	await other.select('gangway');
	await other.press('container.stop');
	await other.press('dialog.yes');
	await other.until('the defect is handed on', () => other.defects.length > 0);
	expect(other.defects).toEqual([new TypeError('a defect')]);
	await other.stop();
});
