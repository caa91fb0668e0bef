import type { MessagePort } from 'node:worker_threads';
import type { Engine } from '../../port.ts';
import { decodeError, decodeValue, encodeError, encodeValue, mapParts } from './encoding.ts';
import { type FromEngine, groups, type Handle, isStreamPath, type Outcome, type ToEngine } from './messages.ts';

type Method = (...parameters: unknown[]) => unknown;

/**
 * Opens an engine and answers for it on a port, until the port closes. What `open` throws goes to the other side.
 * The other side is `connect.ts`.
 */
export async function serveEngine(port: MessagePort, open: () => Promise<Engine>): Promise<void> {
	let engine: Engine;
	try {
		engine = await open();
	} catch (error) {
		post(port, { type: 'failed', error: encodeError(error) });
		return;
	}
	const server = new EngineServer(port, engine);
	port.on('message', (message: ToEngine) => server.receive(message));
	post(port, { type: 'opened', identity: engine.identity, methods: [...server.methods.keys()] });
}

class EngineServer {
	/** By path, e.g. `images.list`. */
	readonly methods: ReadonlyMap<string, Method>;
	readonly #port: MessagePort;
	readonly #streams = new Map<number, AsyncIterator<unknown>>();
	readonly #signals = new Map<number, AbortController>();
	readonly #pulls = new Map<number, (outcome: Outcome) => void>();

	constructor(port: MessagePort, engine: Engine) {
		this.#port = port;
		this.methods = methodsOf(engine);
	}

	receive(message: ToEngine): unknown {
		switch (message.type) {
			case 'call':
				return this.#call(message);
			case 'next':
				return this.#next(message.call);
			case 'return':
				return this.#return(message.call);
			case 'abort':
				return this.#signals.get(message.handle)?.abort();
			case 'pulled': {
				const answer = this.#pulls.get(message.handle);
				this.#pulls.delete(message.handle);
				return answer?.(message.outcome);
			}
			default: {
				const never: never = message;
				return never;
			}
		}
	}

	async #call({ call, path, parameters }: Extract<ToEngine, { type: 'call' }>): Promise<void> {
		const handles: number[] = [];
		try {
			const method = this.methods.get(path);
			if (method === undefined) throw new Error(`the engine has no ${path}`);
			const result = method(...parameters.map((parameter) => this.#revive(parameter, handles)));
			if (isStreamPath(path)) {
				this.#streams.set(call, (result as AsyncIterable<unknown>)[Symbol.asyncIterator]());
				return;
			}
			this.#answer(call, { type: 'value', ...encodeValue(await result) });
		} catch (error) {
			this.#answer(call, { type: 'error', error: encodeError(error) });
		}
		for (const handle of handles) this.#signals.delete(handle);
	}

	async #next(call: number): Promise<void> {
		try {
			const step = await this.#streams.get(call)?.next();
			if (step === undefined || step.done) {
				this.#streams.delete(call);
				this.#answer(call, { type: 'done' });
			} else this.#answer(call, { type: 'value', ...encodeValue(step.value) });
		} catch (error) {
			this.#streams.delete(call);
			this.#answer(call, { type: 'error', error: encodeError(error) });
		}
	}

	async #return(call: number): Promise<void> {
		const stream = this.#streams.get(call);
		this.#streams.delete(call);
		try {
			await stream?.return?.();
			this.#answer(call, { type: 'done' });
		} catch (error) {
			this.#answer(call, { type: 'error', error: encodeError(error) });
		}
	}

	#answer(call: number, outcome: Outcome): void {
		post(this.#port, { type: 'outcome', call, outcome });
	}

	/** Makes of the handles in a parameter what they stand for. */
	#revive(parameter: unknown, handles: number[]): unknown {
		return mapParts(parameter, (part) => {
			if (!isHandle(part)) return part;
			handles.push(part.id);
			switch (part.$handle) {
				case 'signal': {
					const controller = new AbortController();
					if (part.aborted) controller.abort();
					this.#signals.set(part.id, controller);
					return controller.signal;
				}
				case 'function':
					return (...parameters: unknown[]) => post(this.#port, { type: 'callback', handle: part.id, parameters });
				case 'stream':
					return this.#pulledStream(part.id);
				default: {
					const never: never = part.$handle;
					return never;
				}
			}
		});
	}

	async *#pulledStream(handle: number): AsyncGenerator<unknown> {
		for (;;) {
			const outcome = await new Promise<Outcome>((resolve) => {
				this.#pulls.set(handle, resolve);
				post(this.#port, { type: 'pull', handle });
			});
			if (outcome.type === 'done') return;
			if (outcome.type === 'error') throw decodeError(outcome.error);
			yield outcome.hasErrors ? decodeValue(outcome.value) : outcome.value;
		}
	}
}

function methodsOf(engine: Engine): ReadonlyMap<string, Method> {
	const methods = new Map<string, Method>();
	for (const group of groups) {
		const owner: object | undefined = group === '' ? engine : engine[group];
		if (owner === undefined) continue;
		for (const name of namesOf(owner)) {
			const method: unknown = Reflect.get(owner, name);
			if (typeof method === 'function') methods.set(group === '' ? name : `${group}.${name}`, method.bind(owner));
		}
	}
	return methods;
}

/** Own names and those of its classes. */
function namesOf(owner: object): readonly string[] {
	const names = new Set<string>();
	for (let at = owner; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
		for (const name of Object.getOwnPropertyNames(at)) if (name !== 'constructor') names.add(name);
	}
	return [...names];
}

function isHandle(value: unknown): value is Handle {
	return typeof value === 'object' && value !== null && '$handle' in value && 'id' in value;
}

function post(port: MessagePort, message: FromEngine): void {
	port.postMessage(message);
}
