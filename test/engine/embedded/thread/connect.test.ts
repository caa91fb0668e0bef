import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connectEngineThread } from '../../../../src/engine/embedded/thread/connect.ts';
import { EngineError, isEngineError } from '../../../../src/engine/errors.ts';
import { createMemoryEngine } from '../../../../src/engine/memory/open.ts';
import { sampleWorld } from '../../../../src/engine/memory/sample.ts';
import type { EngineEvent, Generation, ReferenceText } from '../../../../src/engine/model.ts';
import type { Engine } from '../../../../src/engine/port.ts';

const threadUrl = new URL('../../../support/memory-engine-thread.ts', import.meta.url);

describe('an engine in another thread', () => {
	let engine: Engine;

	beforeEach(async () => {
		engine = await connectEngineThread(threadUrl, undefined);
	});

	afterEach(async () => {
		await engine.close();
	});

	test('answers as the same engine in this thread does', async () => {
		const here = createMemoryEngine(sampleWorld());
		expect(engine.identity).toEqual(here.identity);
		expect(await engine.images.list()).toEqual(await here.images.list());
		expect(await engine.containers.list()).toEqual(await here.containers.list());
		expect(await engine.containers.inspect('gangway')).toEqual(await here.containers.inspect('gangway'));
		expect(await engine.volumes.list()).toEqual(await here.volumes.list());
		expect(await engine.store.takeInventory()).toEqual(await here.store.takeInventory());
	});

	test('has no foreground, and is no promise itself', () => {
		expect(engine.containers.foreground).toBeUndefined();
		expect('then' in engine.containers).toBe(false);
	});

	test('rejects with the same error: code, data, hint and message', async () => {
		const error = await engine.images.inspect('nothing:here').catch((caught: unknown) => caught);
		const own = new EngineError('not-found', { what: 'image', id: 'nothing:here' });
		expect(isEngineError(error, 'not-found')).toBe(true);
		expect(error).toMatchObject({ code: own.code, data: own.data, hint: own.hint, message: own.message });
	});

	test('revives errors that are part of a result', async () => {
		const { resources } = await engine.store.takeInventory();
		const running = resources.find(({ root }) => root === 'running');
		if (running === undefined) throw new Error('the sample has something that runs');
		const outcomes = await engine.store.remove(
			[
				{ key: running.key, generation: running.generation },
				{ key: running.key, generation: 'old' as Generation },
			],
			{},
		);
		expect(outcomes.map(({ type }) => type)).toEqual(['refused', 'refused']);
		for (const outcome of outcomes) {
			expect(outcome.type === 'refused' && isEngineError(outcome.error)).toBe(true);
		}
	});

	test('streams a log, and stops when the reader stops', async () => {
		const texts: string[] = [];
		const options = { follow: false, tailLines: undefined, sinceAt: undefined };
		for await (const line of engine.containers.logs('pilot-1', options)) texts.push(line.text);
		expect(texts).toHaveLength(3);
		for await (const line of engine.containers.logs('pilot-1', options)) {
			expect(line.text).toBe(texts[0]);
			break;
		}
	});

	test('streams bytes out and in again', async () => {
		const chunks: Uint8Array[] = [];
		for await (const chunk of engine.images.save(['caddy:2.10'], {})) chunks.push(chunk);
		const other = await connectEngineThread(threadUrl, undefined);
		try {
			const progress: number[] = [];
			const stream = (async function* () {
				yield* chunks;
			})();
			const loaded = await other.images.load(
				{ type: 'stream', stream, label: 'a pipe' },
				{ onProgress: ({ doneBytes }) => progress.push(doneBytes) },
			);
			expect(loaded.map(({ id }) => id)).toEqual([(await engine.images.inspect('caddy:2.10')).id]);
		} finally {
			await other.close();
		}
	});

	test('hands on what a source throws', async () => {
		const stream = (async function* (): AsyncGenerator<Uint8Array> {
			yield new Uint8Array(1);
			throw new Error('the pipe broke');
		})();
		await expect(engine.images.load({ type: 'stream', stream, label: 'a pipe' }, {})).rejects.toThrow('the pipe broke');
	});

	test('ends events when their signal aborts', async () => {
		const stop = new AbortController();
		const seen: EngineEvent[] = [];
		const watching = (async () => {
			for await (const event of engine.events({ signal: stop.signal, sinceSequence: 0 })) {
				seen.push(event);
				if (event.action === 'tag' && event.attributes.name?.includes('moved:1')) stop.abort();
			}
		})();
		await engine.images.tag('redis:8', 'docker.io/library/moved:1' as ReferenceText);
		await watching.catch((error: unknown) => expect(error).toBe(stop.signal.reason));
		expect(seen.length).toBeGreaterThan(1);
	});

	test('rejects with the caller’s own reason when a wait is aborted', async () => {
		const stop = new AbortController();
		const waiting = engine.containers.wait('gangway', { signal: stop.signal });
		const reason = new Error('enough');
		stop.abort(reason);
		await expect(waiting).rejects.toBe(reason);
	});

	test('rejects what is still under way when it closes, and may be closed twice', async () => {
		const waiting = engine.containers.wait('gangway', {});
		const outcome = expect(waiting).rejects.toThrow();
		await engine.close();
		await engine.close();
		await outcome;
		await expect(engine.images.list()).rejects.toThrow('has ended');
	});
});

test('an engine that cannot be opened rejects with its own error', async () => {
	const error = await connectEngineThread(threadUrl, 'refuse').catch((caught: unknown) => caught);
	expect(isEngineError(error, 'store-version')).toBe(true);
	expect(error).toMatchObject({ data: { found: 9, supported: 1 } });
});

test('a module that is not there rejects instead of waiting for ever', async () => {
	await expect(connectEngineThread(new URL('./nowhere.ts', import.meta.url), undefined)).rejects.toThrow();
});
