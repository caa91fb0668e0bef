import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createMemoryEngine } from '../../src/engine/memory/open.ts';
import { sampleNow, sampleWorld } from '../../src/engine/memory/sample.ts';
import { type CliRun, cliOn } from '../support/cli.ts';

let directory: string;
let cli: (words: string) => Promise<CliRun>;

beforeEach(() => {
	directory = mkdtempSync(join(tmpdir(), 'tonnage-policy-'));
	cli = cliOn(createMemoryEngine(sampleWorld()), { now: sampleNow, workingDirectory: directory });
});
afterEach(() => rmSync(directory, { recursive: true }));

const write = (text: string) => writeFileSync(join(directory, 'gc.json'), text);

test('the only policy of a file is the one; of several one must be named', async () => {
	write('{"policies": {"mine": {"collect": ["unused-images"], "protect": {"images": ["redis"]}}}}');
	expect((await cli('gc why --policy-file gc.json redis:8')).stdout).toContain('stays under "mine"');
	expect((await cli('gc why --policy-file gc.json caddy:2.10')).stdout).toMatch(/ (goes|stays) under "mine"/);
	write('{"policies": {"one": {"collect": []}, "two": {"collect": []}}}');
	expect(await cli('gc why --policy-file gc.json redis:8')).toMatchObject({
		exitCode: 2,
		stderr: 'tonnage: The file has 2 policies; say which one with --policy.\nPolicies: one, two.\n',
	});
	expect((await cli('gc why --policy-file gc.json --policy two redis:8')).stdout).toContain('under "two"');
	expect((await cli('gc why --policy-file gc.json --policy ci redis:8')).stdout).toContain('under "ci"');
});

test('a policy that nobody knows, a file that is not there, and one that is wrong', async () => {
	expect(await cli('gc why --policy wild redis:8')).toMatchObject({
		exitCode: 2,
		stderr: expect.stringContaining(
			'There is no policy "wild".\nPolicies: docker-compatible, careful, ci, last-resort;',
		),
	});
	expect(await cli('gc why --policy-file none.json redis:8')).toMatchObject({
		exitCode: 1,
		stderr: expect.stringContaining('No file is called "none.json".'),
	});
	write('{\n  "policies": { "n": { "collect": [], "grace": "x" } }\n}');
	expect(await cli('gc why --policy-file gc.json redis:8')).toMatchObject({
		exitCode: 2,
		stderr: expect.stringMatching(/^tonnage: gc\.json:2:48: "x" is not a length of time/),
	});
	write(' '.repeat(1_000_001));
	expect((await cli('gc why --policy-file gc.json redis:8')).stderr).toContain('The file gc.json is over the limit');
});

test('--all takes named images too, but not against the grace of the policy', async () => {
	expect((await cli('gc why --policy docker-compatible harbor/lighthouse:2.2')).stdout).toContain('stays');
	expect((await cli('gc why --policy docker-compatible -a harbor/lighthouse:2.2')).stdout).toContain(
		'goes under "docker-compatible --all"',
	);
});
