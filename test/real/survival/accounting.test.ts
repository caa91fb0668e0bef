import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { takeInventory } from '../../../src/engine/embedded/inventory.ts';
import { openStore } from '../../../src/engine/embedded/open.ts';
import type { Inventory } from '../../../src/engine/model.ts';
import { accountBytes } from '../../../src/gc/accounting.ts';
import { prunePolicy } from '../../../src/gc/presets.ts';
import { run } from '../../support/commands.ts';
import { openSurvivalWorld, type SurvivalWorld } from '../../support/survival-world.ts';

let world: SurvivalWorld;

beforeEach(async () => {
	world = await openSurvivalWorld();
	await fill();
});

afterEach(async () => {
	await world.close();
});

/** One of everything that can lie in a store at rest. */
async function fill(): Promise<void> {
	const { expectDone, archives, root } = world;
	await expectDone(['load', '-i', archives.box]);
	await expectDone(['load', '-i', archives.app]);
	const busy = [
		'dd if=/dev/zero of=/solid bs=1000 count=777',
		'ln /solid /solid-again',
		'dd if=/dev/zero of=/sparse bs=1 count=1 seek=50000000',
		'mkdir /many && for n in 1 2 3 4 5 6 7 8 9; do echo $n > /many/$n; done',
		'rm /bin/touch',
		'dd if=/dev/zero of=/named/cargo bs=1000 count=333',
		'dd if=/dev/zero of=/anonymous/cargo bs=1000 count=222',
	].join(' && ');
	await expectDone(['run', '--name', 'busy', '-v', 'hold:/named', '-v', '/anonymous', 'box', 'sh', '-c', busy]);
	await expectDone(['create', '--name', 'idle', 'box', 'true']);
	await expectDone(['run', '--name', 'done', 'app:1', 'echo', 'last words']);
	await expectDone(['commit', 'busy', 'committed:1']);
	// Hidden: a stopped container is all that needs it.
	await expectDone(['import', archives.root, 'hidden:1']);
	await expectDone(['create', '--name', 'keeper', 'hidden:1', 'true']);
	await expectDone(['rmi', '-f', 'hidden:1']);
	// Dangling: its names are somebody else's by now.
	for (const name of ['app:1', 'app:2']) await expectDone(['tag', 'box', name]);
	for (const orphan of ['layers/somebody', 'blobs/else', 'volumes/lost/_data']) {
		mkdirSync(join(root, orphan), { recursive: true });
		writeFileSync(join(root, orphan, 'file'), 'x'.repeat(30_000));
	}
	run('sync', ['--file-system', root]);
}

/** What du finds, and what the inventory says, of one and the same moment. */
function weigh(): { readonly found: number; readonly inventory: Inventory } {
	const store = openStore({ root: world.root });
	try {
		return { inventory: takeInventory(store), found: diskUsage('.') };
	} finally {
		store.close();
	}
}

function sumOf({ resources, metadataBytes }: Inventory): number {
	return resources.reduce((total, { diskBytes }) => total + diskBytes, metadataBytes);
}

function diskUsage(...parts: readonly string[]): number {
	const output = run('du', [
		'--block-size=1',
		'--summarize',
		'--total',
		...parts.map((part) => join(world.root, part)),
	]);
	return Number(/^(\d+)\ttotal$/m.exec(output)?.[1]);
}

/** Everything but the database and the reserve, which grow and shrink as they please. */
function contentUsage(): number {
	return diskUsage('layers', 'blobs', 'containers', 'volumes', 'ingest', 'trash');
}

test('at rest, every block that du finds below the store has its place in the account', () => {
	const { found, inventory } = weigh();
	expect(sumOf(inventory)).toBe(found);
	const account = accountBytes(inventory, prunePolicy({ verb: 'system', all: true }), inventory.takenAt);
	const { totalBytes, ...parts } = account;
	expect(totalBytes).toBe(found);
	expect(Object.values(parts).reduce((total, bytes) => total + bytes, 0)).toBe(found);
	for (const part of ['reclaimableBytes', 'orphanBytes', 'metadataBytes'] as const)
		expect(parts[part]).toBeGreaterThan(0);
	const kinds = new Set(inventory.resources.map(({ key }) => key.kind));
	expect([...kinds].toSorted()).toEqual(['blob', 'container', 'image', 'layer', 'orphan', 'tag', 'volume']);
	expect(inventory.resources.filter(({ hidden }) => hidden)).toHaveLength(1);
});

test.each([
	{ verb: 'image prune -f', leaves: ['blob', 'container', 'image', 'layer', 'orphan', 'tag', 'volume'] },
	{ verb: 'image prune -a -f', leaves: ['blob', 'container', 'image', 'layer', 'orphan', 'tag', 'volume'] },
	{ verb: 'container prune -f', leaves: ['blob', 'image', 'layer', 'orphan', 'tag', 'volume'] },
	{ verb: 'volume prune -a -f', leaves: ['blob', 'container', 'image', 'layer', 'tag', 'volume'] },
	{ verb: 'system prune -a -f --volumes', leaves: ['orphan', 'volume'] },
])('$verb frees what it planned, and du misses as much', async ({ verb, leaves }) => {
	const before = contentUsage();
	const output = await world.expectDone(verb);
	const after = contentUsage();
	const told = /planned ([\d,]+) .*freed ([\d,]+)/.exec(output);
	const [planned, freed] = [told?.[1], told?.[2]].map((text) => Number(text?.replaceAll(',', '')));
	expect(freed).toBeGreaterThan(0);
	expect({ planned, freed }).toEqual({ planned: before - after, freed: before - after });
	const { found, inventory } = weigh();
	expect(sumOf(inventory)).toBe(found);
	const kinds = new Set(inventory.resources.map(({ key }) => key.kind));
	expect([...kinds].toSorted()).toEqual(leaves);
	// What somebody may have as its only copy goes with volumes alone.
	const orphans = inventory.resources.filter(({ key }) => key.kind === 'orphan').map(({ label }) => label);
	expect(orphans).toEqual(verb.startsWith('volume') ? [] : ['volumes/lost']);
	expect(await world.expectDone(verb)).toContain('GOES: nothing');
});

test('a container that runs is measured again when it stops', async () => {
	await world.expectDone(
		'run -d --name writer box sh -c'.split(' ').concat('dd if=/dev/zero of=/more bs=1000 count=99; sleep 1000'),
	);
	await world.expectDone('stop -t 0 writer');
	const { found, inventory } = weigh();
	expect(sumOf(inventory)).toBe(found);
});
