import { PassThrough, Readable, Writable } from 'node:stream';
import type { CliHost, InputStream, OutputStream } from '../../src/cli/context.ts';
import { runCli } from '../../src/cli/run-cli.ts';
import type { SignalQueue } from '../../src/cli/signal-desk.ts';
import type { Engine } from '../../src/engine/port.ts';

/** How one call ended. */
export interface CliRun {
	readonly exitCode: number;
	readonly stdout: string;
	readonly stderr: string;
}

/** What is around a call that a test does not want as usual. */
export interface CliWorld {
	readonly now?: number;
	/** What arrives on standard input. */
	readonly input?: string | Uint8Array;
	/** Standard input, output and error are terminals. */
	readonly isTerminal?: boolean;
	readonly environment?: Readonly<Record<string, string>>;
	readonly workingDirectory?: string;
	readonly interrupted?: AbortSignal;
	readonly host?: Partial<CliHost>;
}

/** Runs verbs in this process on an engine; words as a shell would hand them over, or one line cut at spaces. */
export function cliOn(engine: Engine, world: CliWorld = {}): (words: string | readonly string[]) => Promise<CliRun> {
	return async (words) => {
		const stdout = collector(world.isTerminal);
		const stderr = collector(world.isTerminal);
		const host: CliHost = {
			stdin: inputFrom(world),
			stdout: stdout.stream,
			stderr: stderr.stream,
			environment: world.environment ?? {},
			workingDirectory: world.workingDirectory ?? '/',
			isRoot: true,
			version: '1.2.3',
			now: () => world.now ?? 0,
			interrupted: world.interrupted ?? new AbortController().signal,
			outputGone: new AbortController().signal,
			takeSignals: quietSignals,
			onResize: () => () => {},
			openEngine: async () => engine,
			openDashboard: async () => {
				stdout.stream.write('the dashboard\n');
				return 0;
			},
			printFrame: async (_, { columns, rows }) => `a frame of ${columns}x${rows}\n`,
			...world.host,
		};
		const exitCode = await runCli(typeof words === 'string' ? words.split(' ').filter(Boolean) : words, host);
		return { exitCode, stdout: stdout.text(), stderr: stderr.text() };
	};
}

function inputFrom({ input = '', isTerminal = false }: CliWorld): InputStream {
	const stream = isTerminal ? new PassThrough() : Readable.from([Buffer.from(input)]);
	if (stream instanceof PassThrough) stream.end(input);
	return Object.assign(stream, { isTTY: isTerminal }) as unknown as InputStream;
}

function collector(isTerminal = false): { readonly stream: OutputStream; readonly text: () => string } {
	const chunks: Buffer[] = [];
	const stream = new Writable({
		write(chunk: Buffer, _encoding, done) {
			chunks.push(chunk);
			done();
		},
	});
	return {
		stream: Object.assign(stream, { isTTY: isTerminal }),
		text: () => Buffer.concat(chunks).toString(),
	};
}

function quietSignals(): SignalQueue {
	let end = (_result: IteratorResult<NodeJS.Signals>) => {};
	const ended: IteratorResult<NodeJS.Signals> = { value: undefined, done: true };
	const queue: SignalQueue = {
		[Symbol.asyncIterator]: () => queue,
		next: () =>
			new Promise((resolve) => {
				end = resolve;
			}),
		return: async () => {
			end(ended);
			return ended;
		},
	};
	return queue;
}
