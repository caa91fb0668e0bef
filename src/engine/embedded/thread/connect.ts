import { Worker } from 'node:worker_threads';
import type { Engine } from '../../port.ts';
import { decodeError, decodeValue, encodeError, encodeValue, mapParts } from './encoding.ts';
import { type FromEngine, groups, type Handle, isStreamPath, type Outcome, type ToEngine } from './messages.ts';

/**
 * An engine that lives in a worker thread, behind the same port: its work never holds up this thread. `workerUrl`
 * is a module that calls `serveEngine`; it gets `options`, which must be plain data, as its `workerData`.
 * `containers.foreground` is absent, because streams of this process cannot be handed over.
 * @throws whatever the engine throws at opening
 */
export async function connectEngineThread(workerUrl: URL, options: unknown): Promise<Engine> {
	const worker = new Worker(workerUrl, { workerData: options });
	const client = new EngineClient(worker);
	try {
		return await client.open();
	} catch (error) {
		await worker.terminate();
		throw error;
	}
}

interface PendingOutcome {
	readonly resolve: (outcome: Outcome) => void;
	readonly reject: (error: unknown) => void;
}

/** What the engine may use of a call's parameters while the call lasts. */
interface HandedIn {
	readonly signal: AbortSignal | undefined;
	readonly parameters: readonly unknown[];
	readonly release: () => void;
}

class EngineClient {
	readonly #worker: Worker;
	readonly #pending = new Map<number, PendingOutcome>();
	readonly #functions = new Map<number, (...parameters: unknown[]) => unknown>();
	readonly #sources = new Map<number, AsyncIterator<unknown>>();
	#opening: PendingOpening | undefined;
	#count = 0;
	#ended: Error | undefined;
	#closing = false;

	constructor(worker: Worker) {
		this.#worker = worker;
		worker.on('message', (message: FromEngine) => this.#receive(message));
		worker.on('error', (error) => this.#end(error instanceof Error ? error : new Error(String(error))));
		worker.on('exit', () => this.#end(new Error('the engine’s thread has ended')));
	}

	open(): Promise<Engine> {
		return new Promise((resolve, reject) => {
			this.#opening = { resolve, reject };
		});
	}

	#receive(message: FromEngine): unknown {
		switch (message.type) {
			case 'opened':
				return this.#opening?.resolve(this.#engineFrom(message));
			case 'failed':
				return this.#opening?.reject(decodeError(message.error));
			case 'outcome': {
				const pending = this.#pending.get(message.call);
				this.#pending.delete(message.call);
				return pending?.resolve(message.outcome);
			}
			case 'callback':
				return this.#functions.get(message.handle)?.(...message.parameters);
			case 'pull':
				return this.#pull(message.handle);
			default: {
				const never: never = message;
				return never;
			}
		}
	}

	#engineFrom({ identity, methods }: Extract<FromEngine, { type: 'opened' }>): Engine {
		const parts: Record<string, Record<string, unknown>> = {};
		for (const path of methods) {
			const dot = path.indexOf('.');
			const group = groups.find((each) => each === (dot === -1 ? '' : path.slice(0, dot)));
			if (group === undefined) continue;
			// A group without methods is a capability that the engine does not have.
			parts[group] ??= {};
			parts[group][path.slice(dot + 1)] = this.#method(path);
		}
		const { '': own, ...named } = parts;
		return { ...own, ...named, identity, close: () => this.#close() } as unknown as Engine;
	}

	#method(path: string): (...parameters: unknown[]) => unknown {
		if (isStreamPath(path)) return (...parameters) => this.#stream(path, parameters);
		return async (...parameters) => {
			const call = ++this.#count;
			const handedIn = this.#handIn(parameters);
			try {
				return resultOf(await this.#ask(call, { type: 'call', call, path, parameters: handedIn.parameters }));
			} catch (error) {
				handedIn.signal?.throwIfAborted();
				throw error;
			} finally {
				handedIn.release();
			}
		};
	}

	async *#stream(path: string, parameters: readonly unknown[]): AsyncGenerator<unknown> {
		const call = ++this.#count;
		const handedIn = this.#handIn(parameters);
		let open = true;
		try {
			this.#post({ type: 'call', call, path, parameters: handedIn.parameters });
			for (;;) {
				const outcome = await this.#ask(call, { type: 'next', call });
				open = outcome.type === 'value';
				if (outcome.type === 'done') return;
				yield resultOf(outcome);
			}
		} catch (error) {
			handedIn.signal?.throwIfAborted();
			// Closing ends events; the thread may be gone before it has said so.
			if (this.#closing && path === 'events') return;
			throw error;
		} finally {
			if (open && this.#ended === undefined) await this.#ask(call, { type: 'return', call });
			handedIn.release();
		}
	}

	#ask(call: number, message: ToEngine): Promise<Outcome> {
		return new Promise((resolve, reject) => {
			if (this.#ended !== undefined) return reject(this.#ended);
			this.#pending.set(call, { resolve, reject });
			this.#post(message);
		});
	}

	#post(message: ToEngine): void {
		this.#worker.postMessage(message);
	}

	/** Puts handles where signals, functions and streams stand; `release` when the call is over. */
	#handIn(parameters: readonly unknown[]): HandedIn {
		const releases: (() => void)[] = [];
		let signal: AbortSignal | undefined;
		const replaced = parameters.map((parameter) =>
			mapParts(parameter, (part): unknown => {
				if (part instanceof AbortSignal) {
					signal = part;
					return this.#handSignal(part, releases);
				}
				if (typeof part === 'function') return this.#handFunction(part as () => unknown, releases);
				if (isAsyncIterable(part)) return this.#handStream(part, releases);
				return part;
			}),
		);
		const release = () => {
			for (const each of releases) each();
		};
		return { signal, parameters: replaced, release };
	}

	#handSignal(signal: AbortSignal, releases: (() => void)[]): Handle {
		const id = ++this.#count;
		const abort = () => this.#post({ type: 'abort', handle: id });
		signal.addEventListener('abort', abort, { once: true });
		releases.push(() => signal.removeEventListener('abort', abort));
		return { $handle: 'signal', id, aborted: signal.aborted };
	}

	#handFunction(callback: () => unknown, releases: (() => void)[]): Handle {
		const id = ++this.#count;
		this.#functions.set(id, callback);
		releases.push(() => this.#functions.delete(id));
		return { $handle: 'function', id };
	}

	#handStream(source: AsyncIterable<unknown>, releases: (() => void)[]): Handle {
		const id = ++this.#count;
		const iterator = source[Symbol.asyncIterator]();
		this.#sources.set(id, iterator);
		releases.push(() => {
			this.#sources.delete(id);
			iterator.return?.()?.catch(() => {});
		});
		return { $handle: 'stream', id };
	}

	async #pull(handle: number): Promise<void> {
		let outcome: Outcome = { type: 'done' };
		try {
			const step = await this.#sources.get(handle)?.next();
			if (step !== undefined && !step.done) outcome = { type: 'value', ...encodeValue(step.value) };
		} catch (error) {
			outcome = { type: 'error', error: encodeError(error) };
		}
		this.#post({ type: 'pulled', handle, outcome });
	}

	async #close(): Promise<void> {
		if (this.#ended !== undefined) return;
		this.#closing = true;
		const call = ++this.#count;
		try {
			resultOf(await this.#ask(call, { type: 'call', call, path: 'close', parameters: [] }));
		} finally {
			await this.#worker.terminate();
		}
	}

	#end(error: Error): void {
		this.#ended ??= error;
		this.#opening?.reject(error);
		for (const { reject } of this.#pending.values()) reject(error);
		this.#pending.clear();
	}
}

interface PendingOpening {
	readonly resolve: (engine: Engine) => void;
	readonly reject: (error: unknown) => void;
}

function resultOf(outcome: Outcome): unknown {
	if (outcome.type === 'error') throw decodeError(outcome.error);
	if (outcome.type === 'done') return undefined;
	return outcome.hasErrors ? decodeValue(outcome.value) : outcome.value;
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
	return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}
