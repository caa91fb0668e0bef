import { setTimeout as sleep } from 'node:timers/promises';
import { isEngineError } from '../../errors.ts';
import type { Digest } from '../../model.ts';
import type { Answer } from './http-exchange.ts';
import type { RegistryClient } from './registry-client.ts';

/** Where a push goes. */
export interface PushPlace {
	readonly client: RegistryClient;
	readonly repository: string;
	readonly signal: AbortSignal | undefined;
}

/** A blob to send. */
export interface BlobToSend {
	readonly digest: Digest;
	readonly sizeBytes: number;
	readonly open: () => AsyncIterable<Uint8Array>;
}

/** The rights that a push needs. */
export function pushScopes(repository: string): readonly string[] {
	return [`repository:${repository}:pull,push`];
}

/** True where the registry has a blob in that repository. Spec: distribution-spec spec.md#checking-if-content-exists-in-the-registry (v1.1.1) */
export async function hasBlob(
	{ client, repository, signal }: PushPlace,
	digest: Digest,
	size: number,
): Promise<boolean> {
	const answer = await client.request({
		method: 'HEAD',
		at: `${repository}/blobs/${digest}`,
		what: `look into ${repository}`,
		scopes: pushScopes(repository),
		expected: [404],
		signal,
	});
	answer.discard();
	if (answer.status === 404) return false;
	const told = answer.headers['content-length'];
	return told === undefined || Number(told) === size;
}

/** Asks the registry to take a blob over from another of its repositories; false where it would not. Spec: distribution-spec spec.md#mounting-a-blob-from-another-repository (v1.1.1) */
export async function mountBlob(place: PushPlace, digest: Digest, from: string): Promise<boolean> {
	const { client, repository, signal } = place;
	const query = new URLSearchParams({ mount: digest, from });
	let answer: Answer;
	try {
		answer = await client.request({
			method: 'POST',
			at: `${repository}/blobs/uploads/?${query}`,
			what: `push to ${repository}`,
			scopes: [...pushScopes(repository), `repository:${from}:pull`],
			headers: { 'content-length': '0' },
			expected: [400, 401, 403, 404, 405],
			retry: false,
			signal,
		});
	} catch (error) {
		// Not everybody may read there; the layer then travels.
		if (isEngineError(error, 'unauthorized') || isEngineError(error, 'denied')) return false;
		throw error;
	}
	answer.discard();
	return answer.status === 201;
}

/**
 * Sends a blob in one piece; the whole anew where it fails by the network or the registry.
 * Spec: distribution-spec spec.md#post-then-put (v1.1.1)
 */
export async function uploadBlob(
	place: PushPlace,
	blob: BlobToSend,
	onProgress?: (bytes: number) => void,
): Promise<void> {
	const { limits } = place.client.world;
	for (let attempt = 1; ; attempt++) {
		try {
			await uploadOnce(place, blob, onProgress);
			return;
		} catch (error) {
			place.signal?.throwIfAborted();
			if (attempt === limits.attempts || !isEngineError(error, 'unavailable')) throw error;
			await sleep(limits.backoffMs * 2 ** (attempt - 1), undefined, place.signal ? { signal: place.signal } : {}).catch(
				() => {},
			);
			place.signal?.throwIfAborted();
		}
	}
}

async function uploadOnce(
	{ client, repository, signal }: PushPlace,
	blob: BlobToSend,
	onProgress?: (bytes: number) => void,
): Promise<void> {
	const scopes = pushScopes(repository);
	const what = `push to ${repository}`;
	const begun = await client.request({
		method: 'POST',
		at: `${repository}/blobs/uploads/`,
		what,
		scopes,
		headers: { 'content-length': '0' },
		signal,
	});
	begun.discard();
	const url = client.locationOf(begun);
	url.searchParams.set('digest', blob.digest);
	const ended = await client.request({
		method: 'PUT',
		at: url,
		what,
		scopes,
		headers: { 'content-type': 'application/octet-stream' },
		body: { sizeBytes: blob.sizeBytes, open: () => counted(blob.open(), onProgress) },
		retry: false,
		signal,
	});
	ended.discard();
}

async function* counted(
	chunks: AsyncIterable<Uint8Array>,
	onProgress: ((bytes: number) => void) | undefined,
): AsyncGenerator<Uint8Array> {
	let bytes = 0;
	for await (const chunk of chunks) {
		yield chunk;
		bytes += chunk.length;
		onProgress?.(bytes);
	}
}
