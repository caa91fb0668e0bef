import { expect, test } from 'vitest';
import { createMemoryEngine } from '../../src/engine/memory/open.ts';
import { sampleNow, sampleWorld } from '../../src/engine/memory/sample.ts';
import { cliOn } from '../support/cli.ts';

test('images are pinned, listed, shown in plans, and unpinned', async () => {
	const cli = cliOn(createMemoryEngine(sampleWorld()), { now: sampleNow });
	const [dangling = ''] = (await cli('images -q --filter dangling=true')).stdout.split('\n');
	expect((await cli(['image', 'pin', 'redis:8', dangling])).stdout).toMatch(/^(Pinned: sha256:[0-9a-f]{64}\n){2}$/);
	const list = (await cli('image pin')).stdout;
	expect(list).toMatch(/^IMAGE ID +NAMES +PINNED\n/);
	expect(list).toMatch(/\n[0-9a-f]{12} +redis:8 +Less than a second ago\n/);
	expect(list).toMatch(new RegExp(`\n${dangling} +<none> +Less than a second ago\n`));
	expect((await cli('image prune --dry-run --verbose')).stdout).toMatch(
		new RegExp(`\nimage ${dangling} +[\\d,]+ +it is pinned\n`),
	);
	expect((await cli(['gc', 'why', '--policy', 'last-resort', dangling])).stdout).toContain(
		`unpin it: tonnage image unpin ${dangling}\n`,
	);
	expect((await cli(['image', 'unpin', 'redis:8', dangling])).exitCode).toBe(0);
	expect((await cli('image pin')).stdout.split('\n')).toHaveLength(2);
});

test('what is not there makes exit code 1, or 3 beside something that is', async () => {
	const cli = cliOn(createMemoryEngine(sampleWorld()), { now: sampleNow });
	expect((await cli('image pin nothing:1')).exitCode).toBe(1);
	expect((await cli('image pin nothing:1 redis:8')).exitCode).toBe(3);
});

test('an engine without pins says so', async () => {
	const { pins: _, ...engine } = createMemoryEngine(sampleWorld());
	const { exitCode, stderr } = await cliOn(engine)('image pin redis:8');
	expect(exitCode).toBe(1);
	expect(stderr).toBe('tonnage: Pinning images is not possible here: memory has no pins.\n');
});
