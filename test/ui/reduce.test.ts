import { expect, test } from 'vitest';
import { EngineError } from '../../src/engine/errors.ts';
import { createMemoryEngine } from '../../src/engine/memory/open.ts';
import { sampleWorld } from '../../src/engine/memory/sample.ts';
import type { ContainerId, LogLine } from '../../src/engine/model.ts';
import type { Action } from '../../src/ui/actions.ts';
import type { CommandId } from '../../src/ui/commands.ts';
import { reduce } from '../../src/ui/reduce.ts';
import { type AppState, EVENTS_KEPT, LOG_LINES_KEPT, topOverlay } from '../../src/ui/state.ts';
import { selectedContainer, visibleKeys } from '../../src/ui/views/lists.ts';
import { loadedState, loadWorld } from '../support/loaded-state.ts';

const command = (id: CommandId): Action => ({ type: 'commanded', command: id });
const run = (state: AppState, ...actions: readonly Action[]) => actions.reduce(reduce, state);
const perform = (state: AppState, ...ids: readonly CommandId[]) => run(state, ...ids.map(command));

test('the tabs go round in both directions', async () => {
	const state = await loadedState();
	expect(perform(state, 'screen.previous').tab).toBe('collect');
	expect(perform(state, 'screen.previous', 'screen.next').tab).toBe('overview');
	expect(perform(state, 'screen.layers').tab).toBe('layers');
});

test('the cursor stays within the list', async () => {
	const state = perform(await loadedState(), 'screen.containers');
	const count = visibleKeys(state, 'containers').length;
	expect(perform(state, 'move.up').lists.containers.cursor).toBe(0);
	expect(perform(state, 'move.bottom').lists.containers.cursor).toBe(count - 1);
	expect(perform(state, 'move.bottom', 'move.down', 'move.page-down').lists.containers.cursor).toBe(count - 1);
	expect(perform(state, 'move.bottom', 'move.top').lists.containers.cursor).toBe(0);
});

test('the cursor stays in sight, whatever the size', async () => {
	for (const rows of [20, 24, 40]) {
		let state = perform(await loadedState({ columns: 80, rows }), 'screen.layers');
		for (const id of ['move.down', 'move.page-down', 'move.half-page-up', 'move.bottom', 'move.up'] as const) {
			state = perform(state, id);
			const { cursor, offset } = state.lists.layers;
			expect(cursor).toBeGreaterThanOrEqual(offset);
			expect(cursor - offset).toBeLessThan(rows - 6);
		}
	}
});

test('the cursor follows its thing through another order', async () => {
	const before = perform(await loadedState(), 'screen.containers', 'move.down', 'move.down');
	const after = perform(before, 'list.sort-next', 'list.sort-reverse');
	expect(after.lists.containers.cursorKey).toBe(before.lists.containers.cursorKey);
	expect(selectedContainer(after)?.name).toBe(selectedContainer(before)?.name);
});

test('when its thing is gone the cursor stays at its place', async () => {
	const world = sampleWorld();
	const engine = createMemoryEngine(world);
	const before = perform(await loadedState({ world }), 'screen.containers', 'move.bottom');
	await engine.containers.remove('cargo-import-oct', { force: false, volumes: false });
	const after = run(before, { type: 'world-loaded', world: await loadWorld(engine), now: world.now });
	expect(after.lists.containers.cursor).toBe(before.lists.containers.cursor - 1);
	expect(selectedContainer(after)?.name).toBe('pilot-old');
});

test('marks go on to the next row, and go with their things', async () => {
	const world = sampleWorld();
	const engine = createMemoryEngine(world);
	const state = perform(
		await loadedState({ world }),
		'screen.containers',
		'move.bottom',
		'move.up',
		'list.mark',
		'list.mark',
	);
	expect(state.lists.containers.marked.size).toBe(2);
	await engine.containers.remove('pilot-old', { force: false, volumes: false });
	const after = run(state, { type: 'world-loaded', world: await loadWorld(engine), now: world.now });
	expect(after.lists.containers.marked.size).toBe(1);
	expect(perform(after, 'app.back').lists.containers.marked.size).toBe(0);
});

test('each press sorts by another column and comes round again', async () => {
	let state = perform(await loadedState(), 'screen.images');
	const seen: string[] = [];
	do {
		seen.push(state.lists.images.sortBy);
		state = perform(state, 'list.sort-next');
	} while (!seen.includes(state.lists.images.sortBy));
	expect(seen).toEqual(['created', 'size', 'shared', 'unique', 'used', 'repository', 'tag']);
});

test('a filter is live, Esc takes it back, Enter keeps it', async () => {
	const open = perform(await loadedState(), 'screen.containers', 'list.filter');
	const typed = run(open, { type: 'text-typed', text: 'p' }, { type: 'text-typed', text: 'ilot' });
	expect(visibleKeys(typed, 'containers')).toHaveLength(3);
	expect(perform(typed, 'text.erase').lists.containers.filter).toBe('pilo');
	expect(perform(typed, 'text.clear').lists.containers.filter).toBe('');
	expect(perform(typed, 'text.cancel')).toMatchObject({ stack: [], lists: { containers: { filter: '' } } });
	const kept = perform(typed, 'text.accept');
	expect(kept).toMatchObject({ stack: [], lists: { containers: { filter: 'pilot' } } });
	expect(perform(kept, 'app.back').lists.containers.filter).toBe('');
});

test('all words of a filter must be there, in any order', async () => {
	const open = perform(await loadedState(), 'screen.images', 'list.filter');
	const typed = run(open, { type: 'text-typed', text: '1.5 PILOT' });
	expect(visibleKeys(typed, 'images')).toHaveLength(1);
});

const logLine = (text: string): LogLine => ({
	stream: 'stdout',
	at: 0,
	timestamp: '1970-01-01T00:00:00.000000000Z',
	text,
	partial: false,
});

test('a log follows its end, stops when one scrolls up, and follows again at the end', async () => {
	const containerId = 'c'.repeat(64) as ContainerId;
	const lines = Array.from({ length: 200 }, (_, index) => logLine(`line ${index}`));
	const open = run(
		await loadedState(),
		{ type: 'logs-opened', containerId, name: 'web' },
		{ type: 'log-lines-read', containerId, lines },
	);
	const up = perform(open, 'move.up');
	expect(topOverlay(open)).toMatchObject({ following: true });
	expect(topOverlay(up)).toMatchObject({ following: false, offset: 200 - 36 - 1 });
	const more = run(up, { type: 'log-lines-read', containerId, lines: [logLine('new')] });
	expect(topOverlay(more)).toMatchObject({ following: false, offset: 200 - 36 - 1 });
	expect(topOverlay(perform(more, 'move.bottom'))).toMatchObject({ following: true });
	expect(topOverlay(perform(more, 'move.top'))).toMatchObject({ following: false, offset: 0 });
});

test('a log is bounded, and the window stays on its lines', async () => {
	const containerId = 'c'.repeat(64) as ContainerId;
	const lines = Array.from({ length: LOG_LINES_KEPT }, () => logLine('x'));
	const open = run(
		await loadedState(),
		{ type: 'logs-opened', containerId, name: 'web' },
		{ type: 'log-lines-read', containerId, lines },
		command('move.page-up'),
	);
	const before = topOverlay(open);
	const after = topOverlay(run(open, { type: 'log-lines-read', containerId, lines: lines.slice(0, 10) }));
	if (before?.type !== 'logs' || after?.type !== 'logs') throw new Error('the log is not open');
	expect(after.lines).toHaveLength(LOG_LINES_KEPT);
	expect(after.droppedCount).toBe(10);
	expect(after.offset).toBe(before.offset - 10);
});

test('lines of a log that was closed go nowhere', async () => {
	const state = await loadedState();
	const containerId = 'c'.repeat(64) as ContainerId;
	expect(run(state, { type: 'log-lines-read', containerId, lines: [logLine('x')] })).toBe(state);
});

test('unmarking keeps a thing and what it needs, and marking it again brings the whole plan back', async () => {
	const state = perform(await loadedState(), 'screen.collect');
	const { full } = state.collect;
	const unmarked = perform(state, 'list.mark');
	expect(unmarked.collect.unmarked.size).toBe(1);
	expect(full?.removals.length).toBe(10);
	expect(unmarked.collect.plan?.removals.length).toBe(6);
	expect(unmarked.collect.plan?.reclaimableBytes).toBeLessThan(full?.reclaimableBytes ?? 0);
	const again = perform(unmarked, 'move.up', 'list.mark');
	expect(again.collect.plan?.id).toBe(full?.id);
});

test('everything can be unmarked and marked again at once', async () => {
	const state = perform(await loadedState(), 'screen.collect', 'collect.mark-all');
	expect(state.collect.plan?.removals).toHaveLength(0);
	expect(perform(state, 'collect.mark-all').collect.plan?.id).toBe(state.collect.full?.id);
});

test('another policy starts with everything marked', async () => {
	const state = perform(await loadedState(), 'screen.collect', 'list.mark', 'collect.next-policy');
	expect(state.collect.preset).toBe('stopped');
	expect(state.collect.unmarked.size).toBe(0);
	expect(state.collect.plan).toBe(state.collect.full);
	expect(perform(state, 'collect.previous-policy', 'collect.previous-policy').collect.preset).toBe('system-all');
});

test('a sweep adds up what was freed, and lists what was left', async () => {
	const state = perform(await loadedState(), 'screen.collect');
	const { plan } = state.collect;
	const [first, second, third] = plan?.removals.map(({ resource }) => resource.key) ?? [];
	if (plan === undefined || first === undefined || second === undefined || third === undefined)
		throw new Error('no plan');
	const error = new EngineError('changed', { key: second });
	const after = run(
		state,
		{ type: 'sweep-started', plan },
		{ type: 'swept', event: { type: 'removed', key: first, freedBytes: 100 } },
		{ type: 'swept', event: { type: 'refused', key: second, error } },
		{ type: 'swept', event: { type: 'failed', key: third, freedBytes: 5, error } },
	);
	expect(after.collect.sweep).toMatchObject({ status: 'running', freedBytes: 105, removedCount: 1 });
	expect(after.collect.sweep?.left.map(({ key }) => key)).toEqual([second, third]);
});

test('a notice goes when its own time is over, not when that of an older one is', async () => {
	const notice = { tone: 'good', text: 'Done.', hint: undefined } as const;
	const state = run(await loadedState(), { type: 'notice-shown', notice }, { type: 'notice-shown', notice });
	expect(run(state, { type: 'notice-expired', serial: 1 }).notice?.serial).toBe(2);
	expect(run(state, { type: 'notice-expired', serial: 2 }).notice).toBeUndefined();
	const third = run(state, { type: 'notice-expired' }, { type: 'notice-shown', notice });
	expect(third.notice?.serial).toBe(3);
});

test('figures of what stopped do not stand there as if they were of now', async () => {
	const world = sampleWorld();
	const engine = createMemoryEngine(world);
	const state = run(await loadedState({ world }), { type: 'stats-read', readings: await engine.containers.stats() });
	expect(state.figures.size).toBe(7);
	engine.exit('gangway', 0);
	const after = run(state, { type: 'world-loaded', world: await loadWorld(engine), now: world.now });
	expect(after.figures.size).toBe(6);
});

test('events are the newest first, and bounded', async () => {
	const world = sampleWorld();
	let state = await loadedState({ world });
	for (const event of world.events) state = run(state, { type: 'events-arrived', events: [event] });
	expect(state.events.length).toBe(Math.min(EVENTS_KEPT, world.events.length));
	expect(state.events[0]).toBe(world.events.at(-1));
});

test.each<Action>([
	{ type: 'resized', columns: 120, rows: 40 },
	{ type: 'stats-read', readings: [] },
	{ type: 'notice-expired' },
	{ type: 'work-ended', key: 'nothing' },
	{ type: 'commanded', command: 'move.down' },
	{ type: 'commanded', command: 'app.back' },
	{ type: 'commanded', command: 'screen.overview' },
])('%o changes nothing, so nothing is painted', async (action) => {
	const state = await loadedState();
	expect(reduce(state, action)).toBe(state);
});
