import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LogLine } from '../../../src/engine/model.ts';
import type { LogOptions } from '../../../src/engine/port-containers.ts';
import { type ContainerWorld, openWorld, request } from '../../support/container-world.ts';

let world: ContainerWorld;

beforeAll(async () => {
	world = await openWorld();
});

afterAll(async () => {
	await world.close();
});

async function read(id: string, options: Partial<LogOptions> = {}): Promise<LogLine[]> {
	const lines: LogLine[] = [];
	for await (const line of world.containers.logs(id, {
		follow: false,
		tailLines: undefined,
		sinceAt: undefined,
		...options,
	})) {
		lines.push(line);
	}
	return lines;
}

async function started(...script: readonly string[]): Promise<string> {
	const id = await world.containers.create(request({ command: ['sh', '-c', script.join('\n')] }));
	await world.containers.start(id);
	return id;
}

test('lines come with their stream and time, oldest first', async () => {
	const before = Date.now();
	const id = await started('echo one', 'sleep 0.1', 'echo two >&2', 'sleep 0.1', 'echo -n three');
	await world.containers.wait(id, {});
	const lines = await read(id);
	expect(lines.map(({ stream, text, partial }) => ({ stream, text, partial }))).toEqual([
		{ stream: 'stdout', text: 'one', partial: false },
		{ stream: 'stderr', text: 'two', partial: false },
		{ stream: 'stdout', text: 'three', partial: true },
	]);
	for (const { at, timestamp } of lines) {
		expect(timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
		expect(Math.abs(at - Date.parse(timestamp))).toBeLessThan(1);
		expect(at).toBeGreaterThanOrEqual(before);
	}
	expect((await read(id, { sinceAt: lines[1]?.at })).map(({ text }) => text)).toEqual(['two', 'three']);
});

test('a line longer than the monitor’s buffer is one line', async () => {
	const id = await started(`head -c 50000 /dev/zero | tr '\\0' x 2>/dev/null || yes x | head -c 100000`, 'echo end');
	await world.containers.wait(id, {});
	const lines = await read(id);
	expect(lines.at(-1)?.text.endsWith('end')).toBe(true);
});

test('the end of a long log is found from its end', async () => {
	const id = await started('i=0', 'while [ $i -lt 5000 ]; do echo line $i; i=$((i+1)); done');
	await world.containers.wait(id, {});
	expect((await read(id)).length).toBe(5000);
	expect((await read(id, { tailLines: 3 })).map(({ text }) => text)).toEqual(['line 4997', 'line 4998', 'line 4999']);
	expect((await read(id, { tailLines: 3000 }))[0]?.text).toBe('line 2000');
	expect(await read(id, { tailLines: 0 })).toEqual([]);
	expect((await read(id, { tailLines: 9999 })).length).toBe(5000);
});

test('following sees every line and ends when the container ends', async () => {
	const id = await started('echo first', 'for i in 1 2 3; do sleep 0.1; echo $i; done', 'sleep 0.1', 'echo last');
	expect((await read(id, { follow: true })).map(({ text }) => text)).toEqual(['first', '1', '2', '3', 'last']);
});

test('following can be given up', async () => {
	const id = await started('echo up', 'sleep 1000');
	const reason = new Error('enough');
	const stop = new AbortController();
	const following = read(id, { follow: true, signal: stop.signal });
	stop.abort(reason);
	await expect(following).rejects.toBe(reason);
	await world.containers.remove(id, { force: true, volumes: false });
});

test('a container that never ran has an empty log', async () => {
	const id = await world.containers.create(request());
	expect(await read(id, { follow: true })).toEqual([]);
});
