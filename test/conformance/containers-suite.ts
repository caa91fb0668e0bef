import { describe, expect, test } from 'vitest';
import { canonicalReference } from '../../src/engine/reference.ts';
import { gather, type MakeHarness, onFresh, request } from './harness.ts';

const grace = { graceMs: 200 };

/** What the port promises of containers. */
export function describeContainers(makeEngine: MakeHarness): void {
	const fresh = (title: string, body: Parameters<typeof onFresh>[1]) => test(title, onFresh(makeEngine, body));

	describe('a container', () => {
		fresh('goes through its life and tells each state', async ({ engine, makeBox }) => {
			const { containers, images } = engine;
			const box = await makeBox();
			const id = await containers.create(request({ image: box, name: 'web', labels: { crew: 'night' } }));
			expect(await containers.inspect('web')).toMatchObject({
				id,
				status: 'created',
				imageId: (await images.inspect(box)).id,
				labels: { crew: 'night' },
				pid: undefined,
				startedAt: undefined,
				exitCode: undefined,
			});
			await containers.start('web');
			const running = await containers.inspect('web');
			expect(running).toMatchObject({
				status: 'running',
				exitCode: undefined,
				pid: expect.any(Number),
				startedAt: expect.any(Number),
			});
			await containers.start('web');
			expect((await containers.inspect('web')).pid).toBe(running.pid);
			await containers.stop('web', grace);
			const stopped = await containers.inspect('web');
			expect(stopped).toMatchObject({
				status: 'exited',
				pid: undefined,
				exitCode: expect.any(Number),
				finishedAt: expect.any(Number),
			});
			expect(stopped.exitCode).toBeGreaterThan(128);
			await containers.stop('web', grace);
			await containers.restart('web', grace);
			expect((await containers.inspect('web')).status).toBe('running');
			await containers.stop('web', grace);
			await containers.remove('web', { force: false, volumes: false });
			await expect(containers.inspect(id)).rejects.toMatchObject({ code: 'not-found', data: { what: 'container' } });
			expect((await images.inspect(box)).containerCount).toBe(0);
		});

		fresh('ends with its own exit code, once for all who wait', async ({ engine, makeBox }) => {
			const id = await engine.containers.create(request({ image: await makeBox(), command: ['sh', '-c', 'exit 3'] }));
			await engine.containers.start(id);
			expect(await Promise.all([engine.containers.wait(id, {}), engine.containers.wait(id, {})])).toEqual([3, 3]);
			expect(await engine.containers.inspect(id)).toMatchObject({ status: 'exited', exitCode: 3 });
		});

		fresh('that runs is not removed, unless forced', async ({ engine, makeBox }) => {
			const id = await engine.containers.create(request({ image: await makeBox() }));
			await engine.containers.start(id);
			await expect(engine.containers.remove(id, { force: false, volumes: false })).rejects.toMatchObject({
				code: 'wrong-status',
			});
			expect((await engine.containers.inspect(id)).status).toBe('running');
			await engine.containers.remove(id, { force: true, volumes: false });
			expect(await engine.containers.list()).toEqual([]);
		});

		fresh('that asked for it is gone with its end', async ({ engine, makeBox }) => {
			const command = ['sh', '-c', 'exit 0'];
			const id = await engine.containers.create(request({ image: await makeBox(), command, autoRemove: true }));
			await engine.containers.start(id);
			await engine.containers.wait(id, {}).catch(() => {});
			await expect.poll(() => engine.containers.list(), { timeout: 10_000 }).toEqual([]);
		});

		fresh('keeps what it wrote, after its end too', async ({ engine, makeBox }) => {
			const id = await engine.containers.create(request({ image: await makeBox(), command: ['echo', 'aye', 'aye'] }));
			await engine.containers.start(id);
			await engine.containers.wait(id, {});
			const all = { follow: true, tailLines: undefined, sinceAt: undefined };
			expect(await gather(engine.containers.logs(id, all))).toMatchObject([
				{ stream: 'stdout', text: 'aye aye', partial: false },
			]);
			expect(await gather(engine.containers.logs(id, { ...all, follow: false, tailLines: 0 }))).toEqual([]);
		});

		fresh('that is watched lets go of the watcher at its end, and at an abort', async ({ engine, makeBox }) => {
			const id = await engine.containers.create(request({ image: await makeBox() }));
			await engine.containers.start(id);
			const aborting = new AbortController();
			const reason = new Error('enough');
			const all = { follow: true, tailLines: undefined, sinceAt: undefined };
			const watched = gather(engine.containers.logs(id, { ...all, signal: aborting.signal }));
			const waited = engine.containers.wait(id, { signal: aborting.signal });
			const followed = gather(engine.containers.logs(id, all));
			aborting.abort(reason);
			await expect(watched).rejects.toBe(reason);
			await expect(waited).rejects.toBe(reason);
			await engine.containers.stop(id, grace);
			expect(await followed).toEqual([]);
		});

		fresh('that does not run cannot be killed', async ({ engine, makeBox }) => {
			const id = await engine.containers.create(request({ image: await makeBox() }));
			await expect(engine.containers.kill(id, { signal: 'KILL' })).rejects.toMatchObject({ code: 'wrong-status' });
			await engine.containers.start(id);
			await engine.containers.kill(id, { signal: 'SIGKILL' });
			expect(await engine.containers.wait(id, {})).toBe(137);
		});

		fresh(
			'that is paused goes on with unpause, stop or kill, and only then starts again',
			async ({ engine, makeBox }) => {
				const { containers } = engine;
				const id = await containers.create(request({ image: await makeBox() }));
				await expect(containers.pause(id)).rejects.toMatchObject({ code: 'wrong-status' });
				await containers.start(id);
				await expect(containers.unpause(id)).rejects.toMatchObject({ code: 'wrong-status' });
				await containers.pause(id);
				expect(await containers.inspect(id)).toMatchObject({ status: 'paused', pid: expect.any(Number) });
				for (const refused of [containers.pause(id), containers.start(id)]) {
					await expect(refused).rejects.toMatchObject({ code: 'wrong-status', data: { status: 'paused' } });
				}
				await expect(containers.remove(id, { force: false, volumes: false })).rejects.toMatchObject({
					code: 'wrong-status',
				});
				await containers.unpause(id);
				expect((await containers.inspect(id)).status).toBe('running');
				await containers.pause(id);
				await containers.stop(id, grace);
				expect((await containers.inspect(id)).status).toBe('exited');
			},
		);

		fresh('gets another name, which must be free', async ({ engine, makeBox }) => {
			const { containers } = engine;
			const image = await makeBox();
			const id = await containers.create(request({ image, name: 'web' }));
			await containers.create(request({ image, name: 'taken' }));
			await containers.rename('web', 'shop');
			expect((await containers.inspect('shop')).id).toBe(id);
			await expect(containers.inspect('web')).rejects.toMatchObject({ code: 'not-found' });
			await expect(containers.rename('shop', 'taken')).rejects.toMatchObject({ code: 'already-exists' });
			await expect(containers.rename('shop', '-x')).rejects.toMatchObject({ code: 'invalid-argument' });
			await containers.create(request({ image, name: 'web' }));
		});

		fresh('shows its processes while it runs', async ({ engine, makeBox }) => {
			const { containers } = engine;
			const id = await containers.create(request({ image: await makeBox(), command: ['sleep', '300'] }));
			await expect(containers.processes(id)).rejects.toMatchObject({ code: 'wrong-status' });
			await containers.start(id);
			await expect
				.poll(async () => (await containers.processes(id)).map(({ command }) => command))
				.toEqual(['sleep 300']);
			expect(await containers.processes(id)).toMatchObject([{ pid: (await containers.inspect(id)).pid, user: 'root' }]);
		});

		fresh('changes the limits that are given, and keeps the others', async ({ engine, makeBox }) => {
			const { containers } = engine;
			const limits = { memoryBytes: 64_000_000, cpus: 0.5, pidsLimit: 50 };
			const id = await containers.create(request({ image: await makeBox(), limits }));
			await containers.update(id, { memoryBytes: 32_000_000, pidsLimit: undefined });
			expect((await containers.inspect(id)).limits).toEqual({
				...limits,
				memoryBytes: 32_000_000,
				pidsLimit: undefined,
			});
		});

		fresh('that was not touched has changed nothing', async ({ engine, makeBox }) => {
			const id = await engine.containers.create(request({ image: await makeBox() }));
			expect(await engine.containers.changes(id)).toEqual([]);
		});

		fresh('that wrote nothing becomes an image of the same layers', async ({ engine, makeBox }) => {
			const box = await makeBox();
			const id = await engine.containers.create(request({ image: box }));
			const options = {
				reference: canonicalReference('made:1'),
				author: 'bosun',
				message: 'a test',
				changes: [],
				pause: true,
			};
			const made = await engine.containers.commit(id, options);
			const [below, above] = await Promise.all([engine.images.inspect(box), engine.images.inspect('made:1')]);
			expect(above).toMatchObject({ id: made, author: 'bosun' });
			expect(above.id).not.toBe(below.id);
			expect(above.layers).toEqual(below.layers);
		});
	});

	describe('containers', () => {
		fresh('are listed newest first, in every state', async ({ engine, makeBox }) => {
			const image = await makeBox();
			const ids = [];
			for (const name of ['first', 'second']) {
				ids.push(await engine.containers.create(request({ image, name })));
				// Two instants that differ.
				await new Promise((resolve) => setTimeout(resolve, 5));
			}
			await engine.containers.start('first');
			const listed = await engine.containers.list();
			expect(new Set(listed.map(({ id }) => id))).toEqual(new Set(ids));
			expect(listed.map(({ createdAt }) => createdAt)).toEqual(
				listed.map(({ createdAt }) => createdAt).toSorted((a, b) => b - a),
			);
			expect(listed.map(({ name, status }) => `${name} ${status}`).sort()).toEqual(['first running', 'second created']);
		});

		fresh('are found by name, id and a unique beginning of an id', async ({ engine, makeBox }) => {
			const id = await engine.containers.create(request({ image: await makeBox(), name: 'web' }));
			for (const name of ['web', id, id.slice(0, 12)]) expect((await engine.containers.inspect(name)).id).toBe(id);
			await expect(engine.containers.inspect('we')).rejects.toMatchObject({ code: 'not-found' });
		});

		fresh('are not guessed where the beginning of an id fits several', async ({ engine, makeBox }) => {
			const image = await makeBox();
			const ids = [];
			for (let index = 0; index < 17; index++) ids.push(await engine.containers.create(request({ image })));
			const first =
				ids.map((id) => id.slice(0, 1)).find((digit, index, digits) => digits.indexOf(digit) !== index) ?? '';
			await expect(engine.containers.inspect(first)).rejects.toMatchObject({ code: 'ambiguous' });
		});

		fresh('have names of their own, given or invented', async ({ engine, makeBox }) => {
			const image = await makeBox();
			await engine.containers.create(request({ image, name: 'web' }));
			await expect(engine.containers.create(request({ image, name: 'web' }))).rejects.toMatchObject({
				code: 'already-exists',
			});
			await expect(engine.containers.create(request({ image, name: '-x' }))).rejects.toMatchObject({
				code: 'invalid-argument',
			});
			await engine.containers.create(request({ image }));
			await engine.containers.create(request({ image }));
			const names = (await engine.containers.list()).map(({ name }) => name);
			expect(new Set(names).size).toBe(3);
		});

		fresh('cannot be made from what is not there', async ({ engine }) => {
			await expect(engine.containers.create(request({ image: 'nothing' }))).rejects.toMatchObject({
				code: 'not-found',
			});
			expect(await engine.containers.list()).toEqual([]);
		});

		fresh('keep the image that they were made from when its name moves on', async ({ engine, makeBox, makeImage }) => {
			const box = await makeBox();
			const id = await engine.containers.create(request({ image: box }));
			const { imageId } = await engine.containers.inspect(id);
			await makeImage(box, ['another']);
			expect((await engine.containers.inspect(id)).imageId).toBe(imageId);
			expect((await engine.images.inspect(box)).id).not.toBe(imageId);
		});

		fresh('that run have figures, the others have none', async ({ engine, makeBox }) => {
			const image = await makeBox();
			const id = await engine.containers.create(request({ image }));
			await engine.containers.create(request({ image }));
			expect(await engine.containers.stats()).toEqual([]);
			await engine.containers.start(id);
			const stats = await engine.containers.stats();
			expect(stats).toMatchObject([{ id }]);
			expect(stats[0]?.cpuNs).toBeGreaterThanOrEqual(0);
			expect(stats[0]?.pidCount).toBeGreaterThanOrEqual(1);
			await engine.containers.measure({ budgetMs: 1000 });
			expect((await engine.containers.inspect(id)).measuredAt).toEqual(expect.any(Number));
		});
	});

	describe('volumes', () => {
		const mount = (source: string, target: string) => ({ type: 'volume', source, target, readOnly: false }) as const;

		fresh(
			'with a name outlive their container, those without go with it where that was asked',
			async ({ engine, makeBox }) => {
				const mounts = [mount('logbook', '/log'), mount('', '/scratch')];
				const id = await engine.containers.create(request({ image: await makeBox(), mounts }));
				const volumes = await engine.volumes.list();
				expect(volumes.map(({ anonymous }) => anonymous).sort()).toEqual([false, true]);
				expect(volumes.every(({ usedBy }) => usedBy[0] === id && usedBy.length === 1)).toBe(true);
				await engine.containers.remove(id, { force: false, volumes: true });
				expect(await engine.volumes.list()).toMatchObject([{ name: 'logbook', anonymous: false, usedBy: [] }]);
			},
		);

		fresh(
			'are made by themselves, once for each name, and removed when nobody uses them',
			async ({ engine, makeBox }) => {
				const { volumes, containers } = engine;
				expect(await volumes.create({ name: 'hold', labels: { deck: 'low' } })).toBe('hold');
				expect(await volumes.create({ name: 'hold', labels: {} })).toBe('hold');
				const invented = await volumes.create({ name: undefined, labels: {} });
				expect(invented).toMatch(/^[0-9a-f]{64}$/);
				await expect(volumes.create({ name: '../x', labels: {} })).rejects.toMatchObject({ code: 'invalid-argument' });
				const listed = new Map((await volumes.list()).map((volume) => [volume.name, volume]));
				expect(listed.get('hold')).toMatchObject({ anonymous: false, labels: { deck: 'low' }, usedBy: [] });
				expect(listed.get(invented)?.anonymous).toBe(true);
				const id = await containers.create(request({ image: await makeBox(), mounts: [mount('hold', '/hold')] }));
				await expect(volumes.remove('hold')).rejects.toMatchObject({ code: 'in-use' });
				await containers.remove(id, { force: false, volumes: true });
				expect((await volumes.remove('hold')).freedBytes).toBeGreaterThan(0);
				await expect(volumes.remove('hold')).rejects.toMatchObject({ code: 'not-found' });
				expect((await volumes.list()).map(({ name }) => name)).toEqual([invented]);
			},
		);

		fresh('without a name stay where that was not asked', async ({ engine, makeBox }) => {
			const id = await engine.containers.create(request({ image: await makeBox(), mounts: [mount('', '/scratch')] }));
			await engine.containers.remove(id, { force: false, volumes: false });
			expect(await engine.volumes.list()).toMatchObject([{ anonymous: true, usedBy: [] }]);
		});
	});
}
