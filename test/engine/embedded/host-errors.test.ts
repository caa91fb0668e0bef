import { describe, expect, it } from 'vitest';
import { hostError, sayHostErrors } from '../../../src/engine/embedded/host-errors.ts';
import { EngineError, isEngineError } from '../../../src/engine/errors.ts';

const systemError = (code: string) => Object.assign(new Error(`${code}: something`), { code });

describe('an error of the system', () => {
	it.each([
		['ENOSPC', 'out-of-space'],
		['EDQUOT', 'out-of-space'],
		['EROFS', 'permission-denied'],
		['EIO', 'io-failed'],
		['EMFILE', 'io-failed'],
	])('%s is called %s, and names the store', (code, expected) => {
		const error = hostError(systemError(code), '/tmp');
		expect(isEngineError(error) && [error.code, error.message.includes('/tmp')]).toEqual([expected, true]);
	});

	it.each([
		[systemError('ENOENT')],
		[new TypeError('a defect')],
		['a text'],
		[new EngineError('not-found', { what: 'image', id: 'x' })],
	])('%s stays what it is', (error) => {
		expect(hostError(error, '/tmp')).toBe(error);
	});

	it('of a full disk names the store, not a file in it that is gone by now', () => {
		const error = new EngineError('out-of-space', { path: '/tmp/ingest/x.0', resource: 'inodes' });
		expect(hostError(error, '/tmp')).toMatchObject({ data: { path: '/tmp', resource: 'inodes' } });
	});
});

describe('an engine that says them', () => {
	const engine = sayHostErrors(
		{
			now: (): number => {
				throw systemError('ENOSPC');
			},
			later: async (value: number): Promise<number> => {
				if (value === 0) throw systemError('ENOSPC');
				return value;
			},
			inner: {
				async *each(): AsyncGenerator<number> {
					yield 1;
					throw systemError('ENOSPC');
				},
			},
			absent: undefined,
		},
		'/tmp',
	);

	it('does so wherever it fails, and gives everything else through', async () => {
		expect(() => engine.now()).toThrow(EngineError);
		await expect(engine.later(0)).rejects.toThrow(EngineError);
		expect(await engine.later(7)).toBe(7);
		expect(engine.absent).toBeUndefined();
		const seen: number[] = [];
		const all = async () => {
			for await (const item of engine.inner.each()) seen.push(item);
		};
		await expect(all()).rejects.toThrow(EngineError);
		expect(seen).toEqual([1]);
	});
});
