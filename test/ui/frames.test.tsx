import { afterEach, expect, test } from 'vitest';
import { createMemoryEngine } from '../../src/engine/memory/open.ts';
import { sampleWorld } from '../../src/engine/memory/sample.ts';
import { MemoryWorld } from '../../src/engine/memory/world.ts';
import type { Action } from '../../src/ui/actions.ts';
import type { CommandId } from '../../src/ui/commands.ts';
import { type AppDriver, openApp } from '../support/app-driver.tsx';
import { expectFrame } from '../support/golden.ts';

const sizes = [
	{ columns: 120, rows: 40 },
	{ columns: 80, rows: 24 },
	{ columns: 60, rows: 20 },
];

let app: AppDriver | undefined;

afterEach(async () => {
	await app?.stop();
	app = undefined;
});

async function openSample(size: { columns: number; rows: number }, world = sampleWorld()): Promise<AppDriver> {
	// The world's clock stands still; only what is fed here moves the figures.
	const engine = createMemoryEngine(world);
	const before = world.now;
	const history: Action[] = [];
	for (let second = 0; second < 60 && world.containers.size > 0; second++) {
		engine.setLoad('pilot-1', { memoryBytes: 188_000_000 + 90_000_000 * Math.sin(second / 7) });
		engine.advance(1000);
		history.push({ type: 'stats-read', readings: await engine.containers.stats() });
	}
	app = await openApp({ engine, now: () => before, size, history });
	return app;
}

const screens: readonly { name: string; path: readonly CommandId[]; select?: string; see?: string }[] = [
	{ name: 'overview', path: [] },
	{ name: 'containers', path: ['screen.containers'], select: 'pilot-1' },
	{ name: 'containers-stopped', path: ['screen.containers'], select: 'out of mem' },
	{ name: 'images', path: ['screen.images'], select: 'pilot' },
	{ name: 'layers', path: ['screen.layers'] },
	{ name: 'collect', path: ['screen.collect', 'collect.next-policy', 'collect.next-policy'] },
	{ name: 'help', path: ['screen.containers', 'app.help'] },
];

for (const size of sizes) {
	const suffix = `${size.columns}x${size.rows}`;

	for (const { name, path, select } of screens) {
		test(`${name} at ${suffix}`, async () => {
			const opened = await openSample(size);
			for (const command of path) await opened.press(command);
			if (select !== undefined) await opened.select(select);
			await settle(opened);
			await expectGolden(opened, `${name}-${suffix}`, size);
		});
	}

	test(`details of a container at ${suffix}`, async () => {
		const opened = await openSample(size);
		await opened.press('screen.containers');
		await opened.select('pilot-1');
		await opened.press('list.details');
		await settle(opened);
		await expectGolden(opened, `container-details-${suffix}`, size);
	});

	test(`unmarked candidates and the question at ${suffix}`, async () => {
		const opened = await openSample(size);
		await opened.press('screen.collect');
		await opened.press('list.mark');
		await expectGolden(opened, `collect-unmarked-${suffix}`, size);
		await opened.press('collect.execute');
		await expectGolden(opened, `collect-question-${suffix}`, size);
	});

	test(`a log at ${suffix}`, async () => {
		const opened = await openSample(size);
		await opened.press('screen.containers');
		await opened.select('gangway');
		await opened.press('container.logs');
		await opened.see('GET /tides/today');
		await opened.press('logs.timestamps');
		await expectGolden(opened, `logs-${suffix}`, size);
	});

	test(`an empty store at ${suffix}`, async () => {
		const opened = await openSample(size, new MemoryWorld(Date.UTC(2026, 10, 20, 12)));
		await expectGolden(opened, `empty-${suffix}`, size);
	});
}

test('a terminal that is too small gets a calm notice', async () => {
	const size = { columns: 50, rows: 12 };
	const opened = await openSample(size);
	await expectGolden(opened, 'too-small-50x12', size);
});

test('a filter that finds nothing says so', async () => {
	const opened = await openSample({ columns: 80, rows: 24 });
	await opened.press('screen.images');
	await opened.press('list.filter');
	await opened.type('nowhere');
	await expectGolden(opened, 'filter-nothing-80x24', { columns: 80, rows: 24 });
});

async function settle(opened: AppDriver): Promise<void> {
	await opened.until('details are there', ({ tab, details, lists, columns, rows, stack }) => {
		const isShown = rows >= 32 && columns >= 80;
		if (tab === 'containers' && (isShown || stack.length > 0) && stack[0]?.type !== 'help')
			return details.containers.size > 0;
		if (tab === 'images' && isShown) return details.images.size > 0 && lists.images.cursorKey !== undefined;
		return true;
	});
	// The chart's code is loaded when the first chart appears.
	await new Promise((resolve) => setTimeout(resolve, 150));
}

async function expectGolden(opened: AppDriver, name: string, size: { columns: number; rows: number }): Promise<void> {
	const { lines } = await opened.screen.frame();
	expect(opened.defects).toEqual([]);
	expect(lines).toHaveLength(size.rows);
	expectFrame(name, lines);
}
