import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { violations } from '../../support/json-schema.ts';
import { openSurvivalWorld, type SurvivalWorld } from '../../support/survival-world.ts';

const schema = JSON.parse(readFileSync(new URL('../../../docs/plan.schema.json', import.meta.url), 'utf8'));
let world: SurvivalWorld;

beforeAll(async () => {
	world = await openSurvivalWorld();
	await world.expectDone(['load', '-i', world.archives.box]);
	await world.expectDone(['load', '-i', world.archives.app]);
});

afterAll(async () => {
	await world.close();
});

/** What du says of everything but the metadata. */
function diskUsage(): number {
	execFileSync('sync', ['--file-system', world.root]);
	const directories = ['layers', 'blobs', 'containers', 'volumes', 'trash', 'ingest'].map((name) =>
		join(world.root, name),
	);
	const lines = execFileSync('du', ['-s', '-B1', ...directories], { encoding: 'utf8' })
		.trim()
		.split('\n');
	return lines.reduce((sum, line) => sum + Number(line.split('\t')[0]), 0);
}

test('from plan to history with the real program, freed to the byte that du says', async () => {
	const { expectDone, tonnage } = world;
	await expectDone(['run', '--name', 'done', 'box', 'true']);

	expect(await expectDone(['gc', 'why', 'app:1'])).toContain('take the name away: tonnage rmi app:2');
	expect(await expectDone(['gc', 'why', '--policy', 'last-resort', 'box'])).toContain('goes under "last-resort"');

	const document = await expectDone(['gc', 'plan', '--policy', 'docker-compatible', '--all', '--format', 'json']);
	const plan = JSON.parse(document);
	expect(violations(schema, plan)).toEqual([]);
	expect(await expectDone(['gc', 'show', '--format', 'json', plan.id])).toBe(document);

	// Between plan and apply: box gets another container.
	await expectDone(['create', '--name', 'late', 'box', 'true']);
	const before = diskUsage();
	const applied = await tonnage(['gc', 'apply', plan.id.slice(7, 19)]);
	expect(applied.exitCode).toBe(3);
	expect(applied.stderr).toContain('Skipped tag box:latest: image box:latest stays.\n');
	expect(applied.stderr).toContain('Skipped image box:latest: container late (created ');
	const freed = Number(/freed ([\d,]+) B/.exec(applied.stdout)?.[1]?.replaceAll(',', ''));
	const planned = Number(/planned ([\d,]+) B/.exec(applied.stdout)?.[1]?.replaceAll(',', ''));
	expect(freed).toBe(planned);
	const [row] = (await expectDone(['gc', 'history', '--format', 'json'])).split('\n').map((line) => JSON.parse(line));
	expect(row).toMatchObject({ Plan: plan.id.slice(7, 19), FreedBytes: freed, PlannedBytes: planned, Failed: 0 });
	expect(await expectDone(['images', '--format', '{{.Repository}}:{{.Tag}}'])).toBe('box:latest');
	expect(await expectDone(['ps', '-a', '--format', '{{.Names}}'])).toBe('late');
	expect(freed).toBeGreaterThan(0);
	expect(before - diskUsage()).toBe(freed);
});

test('a pin stands against the last resort and rmi -f, over a restart of the program', async () => {
	const { expectDone, tonnage } = world;
	await expectDone(['load', '-i', world.archives.app]);
	await expectDone(['image', 'pin', 'app:1']);
	await expectDone(['gc', 'run', '--policy', 'last-resort']);
	expect(await expectDone(['images', '--format', '{{.Repository}}:{{.Tag}}'])).toContain('app:1');
	expect(await expectDone(['ps', '-aq'])).toBe('');
	await expectDone(['rmi', 'app:2']);
	expect(await tonnage(['rmi', '-f', 'app:1'])).toMatchObject({
		exitCode: 1,
		stderr: expect.stringContaining('in use by a pin.\nUnpin it first: tonnage image unpin app:1'),
	});
	expect(await expectDone(['image', 'pin'])).toMatch(/\n[0-9a-f]{12} +app:1 +/);
	await expectDone(['image', 'unpin', 'app:1']);
	await expectDone(['gc', 'run', '--policy', 'last-resort']);
	expect(await expectDone(['images', '-q'])).toBe('');
	expect(await expectDone(['gc', 'run', '--policy', 'last-resort'])).toBe(
		'There is nothing to collect by "last-resort".',
	);
});

test('a policy of a file, and what is wrong with it, as a timer would see it', async () => {
	const { tonnage, expectDone, directory } = world;
	const file = join(directory, 'gc.json');
	writeFileSync(file, '{"policies": {"nightly": {"collect": ["unused-images"], "protect": {"images": ["app"]}}}}');
	await expectDone(['load', '-i', world.archives.app]);
	await expectDone(['load', '-i', world.archives.box]);
	await expectDone(['gc', 'run', '--policy-file', file]);
	expect((await expectDone(['images', '--format', '{{.Repository}}'])).split('\n')).toEqual(['app', 'app']);
	writeFileSync(file, '{"policies": {"nightly": {"collect": ["unused-image"]}}}');
	const { exitCode, stderr } = await tonnage(['gc', 'run', '--policy-file', file]);
	expect(exitCode).toBe(2);
	expect(stderr).toContain(`${file}:1:39: "unused-image" is nothing that can be collected`);
});
