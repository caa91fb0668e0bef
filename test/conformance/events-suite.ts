import { describe, expect, test } from 'vitest';
import type { EngineEvent } from '../../src/engine/model.ts';
import { canonicalReference } from '../../src/engine/reference.ts';
import { gather, type MakeHarness, onFresh, request } from './harness.ts';

/** Reads events until one has that action, and the ones before it. */
async function readUntil(source: AsyncIterator<EngineEvent>, action: string): Promise<readonly EngineEvent[]> {
	const events: EngineEvent[] = [];
	for (let next = await source.next(); next.done !== true; next = await source.next()) {
		events.push(next.value);
		if (next.value.action === action) break;
	}
	return events;
}

/** What the port promises of events. */
export function describeEvents(makeEngine: MakeHarness): void {
	const fresh = (title: string, body: Parameters<typeof onFresh>[1]) => test(title, onFresh(makeEngine, body));

	describe('events', () => {
		fresh('tell a container’s life in order, to who asks later', async ({ engine, makeBox }) => {
			const id = await engine.containers.create(request({ image: await makeBox(), command: ['sh', '-c', 'exit 4'] }));
			await engine.containers.start(id);
			await engine.containers.wait(id, {});
			await engine.containers.remove(id, { force: false, volumes: false });
			const ending = new AbortController();
			const events = engine.events({ signal: ending.signal, sinceSequence: 0 });
			const read = await readUntil(events[Symbol.asyncIterator](), 'destroy');
			ending.abort();
			const life = read.filter(({ key }) => key.kind === 'container' && key.id === id).map(({ action }) => action);
			expect(life.filter((action) => action !== 'exec')).toEqual(['create', 'start', 'die', 'destroy']);
			expect(read.find(({ action }) => action === 'die')?.attributes.exitCode).toBe('4');
			const sequences = read.map(({ sequence }) => sequence);
			expect(sequences).toEqual(sequences.toSorted((a, b) => a - b));
			expect(new Set(sequences).size).toBe(sequences.length);
		});

		fresh('between two instants come, and then it ends', async ({ engine, makeImage }) => {
			await makeImage('app:1', ['base']);
			const all = { signal: new AbortController().signal };
			const past = await gather(engine.events({ ...all, sinceAt: 0, untilAt: Number.MIN_SAFE_INTEGER }));
			expect(past).toEqual([]);
			const ending = new AbortController();
			const first = await engine.events({ signal: ending.signal, sinceAt: 0 })[Symbol.asyncIterator]().next();
			ending.abort();
			expect(first).toMatchObject({ done: false, value: { sequence: 1 } });
			const until = first.done ? 0 : first.value.at;
			const told = await gather(engine.events({ ...all, sinceAt: until, untilAt: until }));
			expect(told[0]).toEqual(first.value);
			expect(told.every(({ at }) => at === until)).toBe(true);
		});

		fresh('come as things happen, from then on', async ({ engine, makeImage }) => {
			await makeImage('app:1', ['base']);
			const ending = new AbortController();
			const source = engine.events({ signal: ending.signal })[Symbol.asyncIterator]();
			const first = source.next();
			await engine.images.tag('app:1', canonicalReference('app:2'));
			expect(await first).toMatchObject({
				done: false,
				value: { action: 'tag', key: { kind: 'tag', id: canonicalReference('app:2') } },
			});
			await engine.images.remove('app:2', { force: false });
			expect((await readUntil(source, 'untag')).at(-1)?.key.id).toBe(canonicalReference('app:2'));
			ending.abort();
			expect(await source.next()).toMatchObject({ done: true });
		});

		fresh('go on after the last one that was seen', async ({ engine, makeImage }) => {
			await makeImage('app:1', ['base']);
			const ending = new AbortController();
			const all = engine.events({ signal: ending.signal, sinceSequence: 0 })[Symbol.asyncIterator]();
			const seen = (await all.next()).value?.sequence ?? 0;
			await engine.images.tag('app:1', canonicalReference('later:1'));
			const rest = engine.events({ signal: ending.signal, sinceSequence: seen })[Symbol.asyncIterator]();
			expect((await rest.next()).value?.sequence).toBe(seen + 1);
			ending.abort();
		});

		fresh('end when the engine is closed', async ({ engine }) => {
			const source = engine.events({ signal: new AbortController().signal })[Symbol.asyncIterator]();
			const next = source.next();
			await engine.close();
			expect(await next).toMatchObject({ done: true });
			await engine.close();
		});
	});
}
