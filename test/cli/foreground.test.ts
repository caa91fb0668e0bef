import { describe, expect, test } from 'vitest';
import { EngineError } from '../../src/engine/errors.ts';
import { createMemoryEngine } from '../../src/engine/memory/open.ts';
import { sampleWorld } from '../../src/engine/memory/sample.ts';
import type { Engine } from '../../src/engine/port.ts';
import type { ExecRequest, Foreground, ProcessStreams } from '../../src/engine/port-containers.ts';
import { type CliWorld, cliOn } from '../support/cli.ts';

/** A memory engine whose foreground is what the test says. */
function engineWith(foreground: Partial<Foreground>): Engine {
	const memory = createMemoryEngine(sampleWorld());
	const missing = async (): Promise<number> => {
		throw new Error('not expected here');
	};
	return {
		...memory,
		containers: { ...memory.containers, foreground: { run: missing, attach: missing, exec: missing, ...foreground } },
	};
}

const running = (result: number | Error, see?: (streams: ProcessStreams) => void) =>
	engineWith({
		run: async (_, streams) => {
			see?.(streams);
			if (result instanceof Error) throw result;
			return result;
		},
	});

describe('run in the foreground', () => {
	test('ends with the container’s exit code, its streams tied to ours', async () => {
		const engine = running(7, ({ stdout, stderr, stdin }) => {
			stdout.write('out');
			stderr.write('err');
			expect(stdin).toBeUndefined();
		});
		expect(await cliOn(engine)('run --network none redis:8')).toEqual({ exitCode: 7, stdout: 'out', stderr: 'err' });
	});

	test('hands standard input over only with -i', async () => {
		let seen = '';
		const engine = engineWith({
			run: async (_, { stdin }) => {
				for await (const chunk of stdin ?? []) seen += chunk.toString();
				return 0;
			},
		});
		await cliOn(engine, { input: 'hello' })('run -i --network none redis:8');
		expect(seen).toBe('hello');
	});

	test.each([
		[new EngineError('command-failed', { command: 'x', why: 'it is not found', exitCode: 127 }), 127],
		[new EngineError('command-failed', { command: 'x', why: 'it is a directory', exitCode: 126 }), 126],
		[new EngineError('missing-component', { component: 'conmon', neededFor: 'to run', packages: ['conmon'] }), 125],
	])('%s: exit code %d', async (error, code) => {
		const { exitCode, stderr } = await cliOn(running(error))('run --network none redis:8');
		expect(exitCode).toBe(code);
		expect(stderr).toContain(`tonnage: ${error.message}\n`);
	});

	test('an image that is not there is not the container’s fault', async () => {
		const { exitCode, stderr } = await cliOn(running(0))('run --network none missing:1');
		expect(exitCode).toBe(125);
		expect(stderr).toContain('No image is called "missing:1".');
	});

	test('--rm leaves nothing behind where the start failed', async () => {
		const engine = running(new EngineError('command-failed', { command: 'x', why: 'no', exitCode: 127 }));
		const before = await engine.containers.list();
		await cliOn(engine)('run --rm --network none redis:8 x');
		expect(await engine.containers.list()).toEqual(before);
	});
});

describe('with a terminal', () => {
	/** Tells what happens to the terminal's mode, in order. */
	async function modesOf(engine: Engine, words: string, world: CliWorld = {}): Promise<readonly string[]> {
		const modes: string[] = [];
		const { PassThrough } = await import('node:stream');
		const stdin = Object.assign(new PassThrough(), {
			isTTY: true,
			setRawMode: (raw: boolean) => modes.push(raw ? 'raw' : 'cooked'),
		}) as unknown as NodeJS.ReadStream;
		await cliOn(engine, { ...world, isTerminal: true, host: { stdin } })(words);
		return modes;
	}

	test('-it makes it raw, and gives it back whatever happens', async () => {
		expect(await modesOf(running(0), 'run -it --network none redis:8')).toEqual(['raw', 'cooked']);
		expect(await modesOf(running(new Error('crash')), 'run -it --network none redis:8')).toEqual(['raw', 'cooked']);
	});

	test('-i or -t alone leave it as it is', async () => {
		expect(await modesOf(running(0), 'run -i --network none redis:8')).toEqual([]);
		expect(await modesOf(running(0), 'run -t --network none redis:8')).toEqual([]);
	});

	test('the container learns its size, now and later', async () => {
		const sizes: string[] = [];
		let resize = () => {};
		const engine = running(0, ({ terminal }) => {
			sizes.push(`${terminal?.columns}x${terminal?.rows}`);
			terminal?.onResize((columns, rows) => sizes.push(`${columns}x${rows}`));
			resize();
		});
		const onResize = (listener: () => void) => {
			resize = listener;
			return () => {};
		};
		await cliOn(engine, { isTerminal: true, host: { onResize } })('run -t --network none redis:8');
		expect(sizes).toEqual(['80x24', '80x24']);
	});
});

describe('exec', () => {
	test('hands on what was asked for, and ends with the command’s exit code', async () => {
		let asked: ExecRequest | undefined;
		const engine = engineWith({
			exec: async (name, request) => {
				expect(name).toBe('gangway');
				asked = request;
				return 3;
			},
		});
		const { exitCode } = await cliOn(engine)('exec -i -e A=1 -w /srv -u 5 gangway ls -l --all');
		expect(exitCode).toBe(3);
		expect(asked).toEqual({
			command: ['ls', '-l', '--all'],
			environment: ['A=1'],
			workingDirectory: '/srv',
			user: '5',
			tty: false,
			stdin: true,
			detach: false,
		});
	});
});

test('start -a ties itself to one container and takes over its exit code', async () => {
	expect(await cliOn(running(5))('start -a pilot-old')).toMatchObject({ exitCode: 5 });
	expect(await cliOn(running(5))('start -a pilot-old dry-dock')).toMatchObject({ exitCode: 2 });
});
