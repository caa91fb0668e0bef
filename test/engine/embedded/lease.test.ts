import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isLeaseLive, listLeases } from '../../../src/engine/embedded/lease.ts';
import { openStore } from '../../../src/engine/embedded/open.ts';
import { temporaryStore } from '../../support/store.ts';

let world: ReturnType<typeof temporaryStore>;
beforeEach(() => {
	world = temporaryStore();
});
afterEach(() => world.remove());

/** Another process that takes a lease, starts an ingest, says so, and waits to be killed. */
async function leaseHolder() {
	const child = spawn(
		process.execPath,
		[
			'--input-type=module-typescript',
			'--eval',
			`import { openStore } from '${import.meta.dirname}/../../../src/engine/embedded/open.ts';
			import { mkdirSync } from 'node:fs';
			const lease = openStore({ root: ${JSON.stringify(world.root)} }).acquireLease('pull app:1');
			mkdirSync(lease.ingestPath() + '', { recursive: true });
			console.log(lease.id);
			setInterval(() => {}, 1000);`,
		],
		{ stdio: ['ignore', 'pipe', 'inherit'] },
	);
	const [line] = (await once(child.stdout, 'data')) as [Buffer];
	return {
		id: line.toString().trim(),
		kill: async () => {
			child.kill('SIGKILL');
			await once(child, 'exit');
		},
	};
}

describe('a lease', () => {
	it('lives until it is released, and takes its unfinished writes with it', () => {
		const lease = world.store.acquireLease('a test');
		mkdirSync(lease.ingestPath());
		expect(isLeaseLive(world.store.paths, lease.id)).toBe(true);
		lease.release();
		lease.release();
		expect(isLeaseLive(world.store.paths, lease.id)).toBe(false);
		expect(readdirSync(world.store.paths.ingest)).toEqual([]);
		expect(listLeases(world.store)).toEqual([]);
	});

	it('of another process is live while that runs, is left alone by recovery, and is discarded after its kill -9', async () => {
		const holder = await leaseHolder();
		expect(isLeaseLive(world.store.paths, holder.id)).toBe(true);
		openStore({ root: world.root }).close();
		expect(readdirSync(world.store.paths.ingest)).toHaveLength(1);
		await holder.kill();
		expect(isLeaseLive(world.store.paths, holder.id)).toBe(false);
		openStore({ root: world.root }).close();
		expect(readdirSync(world.store.paths.ingest)).toEqual([]);
		expect(listLeases(world.store)).toEqual([]);
	});
});
