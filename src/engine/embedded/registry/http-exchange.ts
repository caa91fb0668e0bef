import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import http from 'node:http';
import https from 'node:https';
import { pipeline } from 'node:stream';
import type { Trust } from './trust.ts';

/** One question to a server. Redirects are not followed and nothing is tried again. */
export interface Exchange {
	readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST';
	readonly url: URL;
	readonly headers: Readonly<Record<string, string>>;
	readonly body?: RequestBody;
	readonly signal?: AbortSignal | undefined;
}

/** What is sent; opened anew for each try. */
export interface RequestBody {
	readonly sizeBytes: number;
	readonly open: () => AsyncIterable<Uint8Array>;
}

/** Head of an answer. The body must be read, or `discard`ed. */
export interface Answer {
	readonly status: number;
	readonly headers: IncomingHttpHeaders;
	readonly url: URL;
	readonly body: AsyncIterable<Uint8Array>;
	/** Nobody wants the body: a small one is read away, so that its connection can be used again. */
	readonly discard: () => void;
	/** Ends the connection. */
	readonly abort: () => void;
}

/** The connections of one piece of work. */
export interface Connections {
	readonly send: (exchange: Exchange) => Promise<Answer>;
	/** Ends all of them, also those under way. */
	readonly close: () => void;
}

/** Thrown where a connection brings nothing for too long. */
export class IdleConnection extends Error {
	override readonly name = 'IdleConnection';
}

const smallBodyBytes = 64 * 1024;

/** Keeps connections open between exchanges; `close` them. `idleMs` without a byte either way ends one. */
export function openConnections(trust: Trust, idleMs: number): Connections {
	const plain = new http.Agent({ keepAlive: true });
	const secure = new https.Agent({ keepAlive: true, ...trust });
	return {
		send: (exchange) => send(exchange, { plain, secure, idleMs }),
		close: () => {
			plain.destroy();
			secure.destroy();
		},
	};
}

function send(
	{ method, url, headers, body, signal }: Exchange,
	by: { readonly plain: http.Agent; readonly secure: https.Agent; readonly idleMs: number },
): Promise<Answer> {
	return new Promise((resolve, reject) => {
		signal?.throwIfAborted();
		const isSecure = url.protocol === 'https:';
		const request = (isSecure ? https : http).request(url, {
			method,
			agent: isSecure ? by.secure : by.plain,
			headers: { ...headers, ...(body === undefined ? {} : { 'content-length': String(body.sizeBytes) }) },
		});
		let idle: IdleConnection | undefined;
		request.setTimeout(by.idleMs, () => {
			idle = new IdleConnection('no byte came');
			request.destroy(idle);
		});
		// Whoever reads a body would only hear that it was cut.
		const reason = (error: unknown) => (signal?.aborted ? signal.reason : (idle ?? error));
		request.once('response', (response) => resolve(answerFrom(response, { url, reason })));
		// Not the option of that name: Node would end by it whatever the connection serves next, too.
		const abort = () => request.destroy(signal?.reason);
		signal?.addEventListener('abort', abort, { once: true });
		request.once('close', () => signal?.removeEventListener('abort', abort));
		// After the answer whoever reads the body is told.
		request.on('error', (error) => reject(reason(error)));
		if (body === undefined) request.end();
		// A server may answer, and close, before it has read all: that answer counts.
		else pipeline(body.open(), request, (error) => error && reject(error));
	});
}

function answerFrom(
	response: IncomingMessage,
	{ url, reason }: { readonly url: URL; readonly reason: (error: unknown) => unknown },
): Answer {
	// A body that nobody has begun to read may fail as well.
	response.on('error', () => {});
	return {
		status: response.statusCode ?? 0,
		headers: response.headers,
		url,
		body: bodyOf(response, reason),
		discard: () => {
			if (Number(response.headers['content-length'] ?? Number.NaN) <= smallBodyBytes) response.resume();
			else response.destroy();
		},
		abort: () => {
			response.destroy();
		},
	};
}

async function* bodyOf(response: IncomingMessage, reason: (error: unknown) => unknown): AsyncGenerator<Uint8Array> {
	try {
		yield* response;
	} catch (error) {
		throw reason(error);
	}
}
