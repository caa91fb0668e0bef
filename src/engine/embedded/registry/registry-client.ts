import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError } from '../../errors.ts';
import { readToldFailure } from './answer-text.ts';
import type { Authorizer } from './authorizer.ts';
import { sameOrigin } from './endpoint.ts';
import type { Answer, Connections, Exchange, RequestBody } from './http-exchange.ts';
import type { RegistryLimits } from './limits.ts';
import { isPassing, networkFailure } from './network-failure.ts';

/** One thing that is asked of a registry. */
export interface RegistryRequest {
	readonly method: Exchange['method'];
	/** Below `/v2/`, or a URL that the registry gave. */
	readonly at: string | URL;
	/** What is asked for, as a person would say it after "to": `read app:1`. */
	readonly what: string;
	/** Rights it needs: `repository:app:pull`. */
	readonly scopes: readonly string[];
	readonly headers?: Readonly<Record<string, string>>;
	readonly body?: RequestBody;
	/** Statuses besides 2xx that are an answer, not a failure. */
	readonly expected?: readonly number[];
	/** False where the caller tries again himself. */
	readonly retry?: boolean;
	readonly signal?: AbortSignal | undefined;
}

/** What a client works with. */
export interface ClientWorld {
	/** As the person knows it. */
	readonly registry: string;
	/** Scheme and host of the API. */
	readonly base: URL;
	readonly connections: Connections;
	readonly authorizer: Authorizer;
	readonly limits: RegistryLimits;
	readonly now: () => number;
}

const redirects: readonly number[] = [301, 302, 303, 307, 308];

/** Asks one registry: with the right credentials, again where that helps, and within bounds. */
export class RegistryClient {
	readonly world: ClientWorld;

	constructor(world: ClientWorld) {
		this.world = world;
	}

	/**
	 * A 2xx or expected answer. Its body is not read yet.
	 * @throws EngineError unauthorized, denied, not-found, rate-limited, unavailable, bad-answer, registry-refused
	 */
	async request(request: RegistryRequest): Promise<Answer> {
		const { limits, registry } = this.world;
		const attempts = request.retry === false ? 1 : limits.attempts;
		for (let attempt = 1; ; attempt++) {
			const isLast = attempt >= attempts;
			let answer: Answer;
			try {
				answer = await this.#authorized(request);
			} catch (error) {
				request.signal?.throwIfAborted();
				if (isLast || !isPassing(error)) throw networkFailure(error, registry);
				await this.#wait(attempt, request);
				continue;
			}
			if (answer.status < 300 || request.expected?.includes(answer.status)) return answer;
			if (answer.status === 429) {
				const afterMs = retryAfterMs(answer, this.world.now());
				answer.discard();
				if (isLast || (afterMs ?? 0) > limits.longestWaitMs) {
					throw new EngineError('rate-limited', { registry, retryAfterMs: afterMs });
				}
				await this.#wait(attempt, request, afterMs);
				continue;
			}
			if (answer.status < 500) throw await this.#refusal(request, answer);
			answer.discard();
			if (isLast) throw new EngineError('unavailable', { registry, why: `it fails with status ${answer.status}` });
			await this.#wait(attempt, request);
		}
	}

	/** A URL that the registry gave in `Location`. @throws EngineError bad-answer */
	locationOf(answer: Answer): URL {
		const { registry } = this.world;
		const text = answer.headers.location;
		const url = text === undefined ? null : URL.parse(text, answer.url.href);
		if (url === null) throw new EngineError('bad-answer', { registry, why: 'it does not say where to go on' });
		if (url.username !== '' || url.password !== '') {
			throw new EngineError('bad-answer', { registry, why: 'it leads to an address with a password in it' });
		}
		if (url.protocol !== 'https:' && (url.protocol !== 'http:' || answer.url.protocol === 'https:')) {
			throw new EngineError('bad-answer', { registry, why: 'it leads from https to something else' });
		}
		return url;
	}

	async #authorized(request: RegistryRequest): Promise<Answer> {
		const { authorizer } = this.world;
		const answer = await this.#send(request);
		if (answer.status !== 401 || request.expected?.includes(401)) return this.#followed(request, answer);
		if (!authorizer.learn(answer, request.scopes)) throw await this.#refusal(request, answer);
		if ((await authorizer.header(request.scopes)) === undefined) throw await this.#refusal(request, answer);
		answer.discard();
		return this.#followed(request, await this.#send(request));
	}

	async #send({ method, at, headers, body, scopes, signal }: RegistryRequest): Promise<Answer> {
		const { base, connections, authorizer } = this.world;
		const url = typeof at === 'string' ? new URL(`/v2/${at}`, base) : at;
		const authorization = sameOrigin(url, base) ? await authorizer.header(scopes) : undefined;
		return connections.send({
			method,
			url,
			headers: {
				'user-agent': 'tonnage',
				// Bytes as they are stored: a digest is of those.
				'accept-encoding': 'identity',
				...headers,
				...(authorization === undefined ? {} : { authorization }),
			},
			...(body === undefined ? {} : { body }),
			signal,
		});
	}

	/** Whoever a redirect leads to gets no credentials, not even the registry itself. */
	async #followed({ method, headers, signal }: RegistryRequest, first: Answer): Promise<Answer> {
		const { connections, limits, registry } = this.world;
		let answer = first;
		for (let hops = 0; redirects.includes(answer.status) && (method === 'GET' || method === 'HEAD'); hops++) {
			answer.discard();
			if (hops === limits.redirects) {
				throw new EngineError('bad-answer', { registry, why: `it redirects more than ${limits.redirects} times` });
			}
			const url = this.locationOf(answer);
			answer = await connections.send({
				method,
				url,
				headers: { 'user-agent': 'tonnage', 'accept-encoding': 'identity', ...headers },
				signal,
			});
		}
		return answer;
	}

	async #refusal(request: RegistryRequest, answer: Answer): Promise<EngineError> {
		const { registry, authorizer } = this.world;
		const { what } = request;
		const { codes, detail } = await readToldFailure(answer, authorizer.secrets);
		const { status } = answer;
		if (status === 401) {
			return new EngineError('unauthorized', { registry, what, hadLogin: authorizer.hasLogin, detail });
		}
		if (status === 403 || codes[0] === 'DENIED') return new EngineError('denied', { registry, what, detail });
		if (codes[0] === 'TOOMANYREQUESTS') return new EngineError('rate-limited', { registry, retryAfterMs: undefined });
		return new EngineError('registry-refused', { registry, what, status, detail });
	}

	async #wait(attempt: number, request: RegistryRequest, afterMs?: number): Promise<void> {
		const { limits } = this.world;
		const ms = afterMs ?? Math.min(limits.backoffMs * 2 ** (attempt - 1), limits.longestWaitMs);
		await sleep(ms, undefined, request.signal === undefined ? {} : { signal: request.signal }).catch(
			(error: unknown) => {
				request.signal?.throwIfAborted();
				throw error;
			},
		);
	}
}

/** Seconds or a date. Spec: RFC 9110 10.2.3 */
function retryAfterMs(answer: Answer, now: number): number | undefined {
	const text = answer.headers['retry-after'];
	if (text === undefined) return undefined;
	if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
	const at = Date.parse(text);
	return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
