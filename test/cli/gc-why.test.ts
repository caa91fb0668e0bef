import { expect, test } from 'vitest';
import { createMemoryEngine } from '../../src/engine/memory/open.ts';
import { sampleNow, sampleWorld } from '../../src/engine/memory/sample.ts';
import { cliOn } from '../support/cli.ts';

const cli = cliOn(createMemoryEngine(sampleWorld()), { now: sampleNow });

test('why an image stays: who holds it, what each would take, and what the disk would have back', async () => {
	const { exitCode, stdout, stderr } = await cli('gc why harbor/pilot:1.5');
	expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
	expect(stdout).toMatch(/^image harbor\/pilot:1.5 stays under "[^"]+": needed by container [^\n]+\.\n/);
	expect(stdout).toContain('For it to be free, all of these would have to go:\n');
	expect(stdout).toMatch(/\n {2}container pilot-1 \(running\) +stop and remove it: tonnage rm -f pilot-1\n/);
	expect(stdout).toMatch(/\n {2}tag harbor\/pilot:latest +take the name away: tonnage rmi harbor\/pilot:latest\n/);
	expect(stdout).toMatch(/\nThen [\d,]+ B \([\d.]+MB\) would be free, [\d,]+ B of them its own\.\n$/);
});

test('why a dangling image goes', async () => {
	const [id = ''] = (await cli('images -q --filter dangling=true')).stdout.split('\n');
	const { stdout } = await cli(['gc', 'why', id]);
	expect(stdout).toMatch(/^image [0-9a-f]{12} goes under "[^"]+": dangling image\.\nWith it alone [\d,]+ B/);
});

test('the same as JSON', async () => {
	const { stdout } = await cli('gc why --format json --type tag harbor/pilot:latest');
	const document = JSON.parse(stdout);
	expect(document).toMatchObject({
		thing: { kind: 'tag', id: 'docker.io/harbor/pilot:latest' },
		fate: 'kept',
		reason: { type: 'kept-with', via: { kind: 'image' } },
		holders: expect.arrayContaining([expect.objectContaining({ kind: 'container', label: 'pilot-1' })]),
	});
	expect(document.freedBytes).toBeGreaterThan(0);
});

test.each([
	['gc why nothing-here', 1, 'No thing is called "nothing-here".'],
	['gc why --type ship web', 2, 'There is no type "ship".'],
	['gc why --format yaml web', 2, 'There is no format "yaml" here.'],
	['gc why', 2, '"tonnage gc why" needs THING.'],
])('%s', async (words, code, sentence) => {
	const { exitCode, stderr } = await cli(words);
	expect(exitCode).toBe(code);
	expect(stderr).toContain(`tonnage: ${sentence}\n`);
});
