import { EngineError } from '../../errors.ts';
import { asObject, parseJson } from '../../oci/json.ts';
import { readToldFailure } from './answer-text.ts';
import { type Challenge, parseChallenge } from './challenge.ts';
import type { Credentials } from './docker-logins.ts';
import { isLoopback } from './endpoint.ts';
import type { Answer, Connections, Exchange } from './http-exchange.ts';
import { answerLimitBytes, type RegistryLimits } from './limits.ts';
import { readDocument } from './read-document.ts';

/** What an authorizer needs to know. */
export interface AuthorizerWorld {
	/** As the person knows it, for messages. */
	readonly registry: string;
	/** Of the API; a token is never asked for over less than this. */
	readonly base: URL;
	readonly connections: Connections;
	/** Called at most once, and only where the registry asks. */
	readonly credentials: () => Promise<Credentials | undefined>;
	readonly limits: RegistryLimits;
	readonly now: () => number;
	readonly signal: AbortSignal | undefined;
}

interface Token {
	readonly value: string;
	readonly expiresAt: number;
}

/** What a token is good for where its server does not say. Spec: distribution token specification (v2.8.3) */
const defaultLifeSeconds = 60;
/** A token is not used in its last seconds: it would end on the way. */
const spareMs = 5_000;
const clientId = 'tonnage';

/** Turns a registry's challenges into `Authorization` headers, and keeps the tokens while they last. */
export class Authorizer {
	readonly #world: AuthorizerWorld;
	readonly #tokens = new Map<string, Token>();
	#challenge: Challenge | undefined;
	#credentials: Promise<Credentials | undefined> | undefined;
	readonly #secrets = new Set<string>();
	#hasLogin = false;

	constructor(world: AuthorizerWorld) {
		this.#world = world;
	}

	/** Everything that must not get into a message. */
	get secrets(): readonly string[] {
		return [...this.#secrets];
	}

	/** True once a login was found and used. */
	get hasLogin(): boolean {
		return this.#hasLogin;
	}

	/** The header for a request with those scopes; undefined before the registry has asked for any. */
	async header(scopes: readonly string[]): Promise<string | undefined> {
		if (this.#challenge === undefined) return undefined;
		if (this.#challenge.scheme === 'basic') return this.#basic();
		const key = scopes.join(' ');
		const kept = this.#tokens.get(key);
		if (kept !== undefined && kept.expiresAt - spareMs > this.#world.now()) return `Bearer ${kept.value}`;
		const token = await this.#fetchToken(this.#challenge, scopes);
		this.#tokens.set(key, token);
		return `Bearer ${token.value}`;
	}

	/** Takes note of a 401. True where asking again, with a new `header`, may help. */
	learn(answer: Answer, scopes: readonly string[]): boolean {
		const challenge = parseChallenge(answer.headers['www-authenticate']);
		if (challenge === undefined) return false;
		this.#challenge = challenge;
		this.#tokens.delete(scopes.join(' '));
		return true;
	}

	async #basic(): Promise<string | undefined> {
		const credentials = await this.#find();
		if (credentials?.type !== 'password') return undefined;
		return basicHeader(credentials, this.#secrets);
	}

	async #find(): Promise<Credentials | undefined> {
		this.#credentials ??= this.#world.credentials();
		const found = await this.#credentials;
		if (found === undefined) return undefined;
		this.#hasLogin = true;
		this.#secrets.add(found.type === 'password' ? found.password : found.token);
		return found;
	}

	async #fetchToken(challenge: Extract<Challenge, { scheme: 'bearer' }>, scopes: readonly string[]): Promise<Token> {
		const { registry, connections, limits, signal, now } = this.#world;
		const credentials = await this.#find();
		const url = this.#realm(challenge.realm);
		const exchange = tokenRequest({ url, service: challenge.service, scopes, credentials }, this.#secrets);
		let answer: Answer;
		try {
			answer = await connections.send({ ...exchange, signal });
		} catch (cause) {
			signal?.throwIfAborted();
			throw new EngineError(
				'unavailable',
				{ registry, why: `its token server ${url.host} does not answer` },
				{ cause },
			);
		}
		if (answer.status !== 200) {
			const { detail } = await readToldFailure(answer, this.secrets);
			if (answer.status === 429) throw new EngineError('rate-limited', { registry, retryAfterMs: undefined });
			if (answer.status >= 500 || (answer.status >= 300 && answer.status < 400)) {
				throw new EngineError('unavailable', {
					registry,
					why: `its token server answers with status ${answer.status}`,
				});
			}
			throw new EngineError('unauthorized', {
				registry,
				what: scopes.length === 0 ? 'log in' : 'use this repository',
				hadLogin: credentials !== undefined,
				detail,
			});
		}
		const token = parseToken(
			await readDocument(answer, {
				what: `the token of ${registry}`,
				limitBytes: answerLimitBytes,
				withinMs: limits.documentMs,
			}),
			{ registry, at: now() },
		);
		this.#secrets.add(token.value);
		return token;
	}

	/** A password must not travel in the clear because somebody else's header says so. */
	#realm(text: string): URL {
		const { registry, base } = this.#world;
		const url = URL.parse(text);
		if (url === null || url.username !== '' || url.password !== '') {
			throw new EngineError('bad-answer', { registry, why: 'the address of its token server is none' });
		}
		const isAllowed =
			url.protocol === 'https:' ||
			(url.protocol === 'http:' && base.protocol === 'http:' && (isLoopback(url.host) || url.host === base.host));
		if (isAllowed) return url;
		throw new EngineError('bad-answer', { registry, why: 'it sends logins to a token server without TLS' });
	}
}

function tokenRequest(
	ask: {
		readonly url: URL;
		readonly service: string | undefined;
		readonly scopes: readonly string[];
		readonly credentials: Credentials | undefined;
	},
	secrets: Set<string>,
): Exchange {
	const { url, service, scopes, credentials } = ask;
	if (credentials?.type === 'identity-token') {
		const form = new URLSearchParams({
			grant_type: 'refresh_token',
			client_id: clientId,
			refresh_token: credentials.token,
			...(service === undefined ? {} : { service }),
			scope: scopes.join(' '),
		});
		const bytes = Buffer.from(form.toString());
		return {
			method: 'POST',
			url,
			headers: { 'content-type': 'application/x-www-form-urlencoded' },
			body: {
				sizeBytes: bytes.length,
				open: async function* () {
					yield bytes;
				},
			},
		};
	}
	const asked = new URL(url);
	if (service !== undefined) asked.searchParams.set('service', service);
	for (const scope of scopes) asked.searchParams.append('scope', scope);
	asked.searchParams.set('client_id', clientId);
	return {
		method: 'GET',
		url: asked,
		headers: credentials === undefined ? {} : { authorization: basicHeader(credentials, secrets) },
	};
}

function basicHeader(credentials: Extract<Credentials, { type: 'password' }>, secrets: Set<string>): string {
	const encoded = Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64');
	secrets.add(encoded);
	return `Basic ${encoded}`;
}

function parseToken(bytes: Uint8Array, { registry, at }: { readonly registry: string; readonly at: number }): Token {
	const source = { what: 'the token of', where: registry };
	const document = asObject(parseJson(bytes, source), source);
	const value = [document.token, document.access_token].find((text) => typeof text === 'string' && text !== '');
	// What cannot stand in a header would be a header of its own.
	if (typeof value !== 'string' || !/^[\x21-\x7e]+$/.test(value)) {
		throw new EngineError('bad-answer', { registry, why: 'its token server gives no token' });
	}
	const life =
		typeof document.expires_in === 'number' && document.expires_in > 0 ? document.expires_in : defaultLifeSeconds;
	return { value, expiresAt: at + life * 1000 };
}
