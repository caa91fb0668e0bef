import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Engine } from '../../src/engine/port.ts';
import type { PlanArchive, SavedPlan } from '../../src/engine/port-collector.ts';
import { narrowPlan } from '../../src/gc/narrow.ts';
import { parsePlanDocument, planDocument } from '../../src/gc/plan-document.ts';
import { sweepPlan } from '../../src/gc/sweep.ts';
import { violations } from '../support/json-schema.ts';
import { gather, type MakeHarness, onFresh, planFor, request } from './harness.ts';

const schema = JSON.parse(readFileSync(new URL('../../docs/plan.schema.json', import.meta.url), 'utf8'));

/** The capability of keeping plans and a history, for engines that have it. */
export function describePlans(makeEngine: MakeHarness): void {
	const fresh = (name: string, body: Parameters<typeof onFresh>[1]) => test(name, onFresh(makeEngine, body));

	describe('saved plans', () => {
		fresh('are read back byte for byte, by any unique beginning of their id', async ({ engine, makeImage }) => {
			await makeImage('app:1', ['base', 'app']);
			const plan = await planFor(engine, { verb: 'image', all: true });
			const archive = archiveOf(engine);
			const saved = savedAs(plan.id, planDocument(plan));
			expect(violations(schema, JSON.parse(saved.document))).toEqual([]);
			await archive.save(saved);
			for (const id of [plan.id, plan.id.slice(7), plan.id.slice(7, 19), plan.id.slice(0, 12)]) {
				expect(await archive.read(id)).toEqual(saved);
			}
			expect(parsePlanDocument((await archive.read(plan.id)).document, 'the store')).toEqual(plan);
		});

		fresh('never change', async ({ engine }) => {
			const archive = archiveOf(engine);
			await archive.save(savedAs(idOf(1), 'first'));
			await archive.save(savedAs(idOf(1), 'second'));
			expect((await archive.read(idOf(1))).document).toBe('first');
			expect(await archive.list()).toHaveLength(1);
		});

		fresh('are refused where there is none or there are several', async ({ engine }) => {
			const archive = archiveOf(engine);
			await archive.save(savedAs(`sha256:aa${'0'.repeat(62)}`, ''));
			await archive.save(savedAs(`sha256:ab${'0'.repeat(62)}`, ''));
			await expect(archive.read('a')).rejects.toMatchObject({ code: 'ambiguous' });
			for (const id of ['b', '', 'x y', "'", 'sha256:']) {
				await expect(archive.read(id)).rejects.toMatchObject({ code: 'not-found', data: { what: 'plan' } });
			}
		});

		fresh('make room: the oldest go, the newest are listed first', async ({ engine }) => {
			const archive = archiveOf(engine);
			for (let count = 0; count < 25; count++) await archive.save({ ...savedAs(idOf(count), 'x'), savedAt: count });
			const ids = (await archive.list()).map(({ id }) => id);
			expect(ids).toHaveLength(20);
			expect(ids[0]).toBe(idOf(24));
			expect(ids).not.toContain(idOf(4));
		});

		fresh('are executed without what has become live since', async ({ engine, makeImage, makeBox }) => {
			const box = await makeBox();
			await makeImage('goes:1', ['base', 'goes']);
			const plan = await planFor(engine, { verb: 'image', all: true });
			await engine.containers.create(request({ image: box }));
			await makeImage('new:1', ['base', 'new']);
			const later = await engine.store.takeInventory();
			const { plan: rest, skipped } = narrowPlan(plan, later, later.takenAt);
			const events = await gather(sweepPlan(engine.store, rest));
			expect(events.at(-1)).toMatchObject({ refusedCount: 0, failedCount: 0, freedBytes: rest.reclaimableBytes });
			expect(rest.removals.length).toBeGreaterThan(0);
			expect(skipped.length).toBeGreaterThan(0);
			const names = (await engine.images.list()).flatMap(({ references }) => references);
			expect(names.map((name) => name.replace('docker.io/library/', '')).sort()).toEqual([box, 'new:1']);
		});
	});

	describe('the history', () => {
		fresh('has what was recorded, newest first', async ({ engine }) => {
			const archive = archiveOf(engine);
			const record = {
				planId: idOf(1),
				policy: 'careful',
				startedAt: 5,
				finishedAt: 7,
				plannedBytes: 9_007_199_254_740_000,
				freedBytes: 1,
				removedCount: 2,
				skippedCount: 3,
				failedCount: 4,
			};
			expect(await archive.sweeps()).toEqual([]);
			await archive.recordSweep(record);
			await archive.recordSweep({ ...record, policy: 'ci' });
			expect(await archive.sweeps()).toEqual([{ ...record, policy: 'ci' }, record]);
		});
	});
}

function archiveOf({ plans }: Engine): PlanArchive {
	if (plans === undefined) throw new Error('this engine saves no plans');
	return plans;
}

function savedAs(id: string, document: string): SavedPlan {
	return { id, policy: 'careful', savedAt: 1, removalCount: 2, reclaimableBytes: 3, document };
}

function idOf(count: number): string {
	return `sha256:${count.toString(16).padStart(64, '0')}`;
}
