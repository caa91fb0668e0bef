import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError } from '../../errors.ts';
import type { Descriptor } from '../../model.ts';
import type { Answer } from './http-exchange.ts';
import { isPassing, networkFailure } from './network-failure.ts';
import type { RegistryClient } from './registry-client.ts';
import type { Spool } from './spool.ts';

/** A blob that is wanted. */
export interface WantedBlob {
	readonly repository: string;
	readonly descriptor: Descriptor;
	/** For people: `layer 2 of app:1`. */
	readonly what: string;
	readonly signal: AbortSignal | undefined;
	readonly onProgress?: ((doneBytes: number) => void) | undefined;
}

/** A cut is only worth another try, without counting, where it brought as much. */
const worthwhileBytes = 1024 * 1024;

/**
 * Fills a spool with a blob. A connection that is cut is taken up again where it stopped. Not one byte more than the
 * descriptor says is written; at the end size and digest are right, and the spool is finished, or it fails.
 * Spec: distribution-spec spec.md#pulling-blobs (v1.1.1)
 * @throws EngineError digest-mismatch, size-mismatch, unavailable and what requests throw; the signal's reason
 */
export async function downloadBlob(client: RegistryClient, wanted: WantedBlob, spool: Spool): Promise<void> {
	const { registry, limits } = client.world;
	const { descriptor, what, signal } = wanted;
	const hash = createHash('sha256');
	let failures = 0;
	while (spool.writtenBytes < descriptor.size) {
		const from = spool.writtenBytes;
		try {
			const answer = await requestFrom(client, wanted, from);
			await copyBody(answer, from, { client, wanted, spool, take: (chunk) => hash.update(chunk) });
		} catch (error) {
			signal?.throwIfAborted();
			if (!isPassing(error)) throw networkFailure(error, registry);
			failures = spool.writtenBytes - from >= worthwhileBytes ? 1 : failures + 1;
			if (failures >= limits.attempts) throw networkFailure(error, registry);
			await sleep(limits.backoffMs * 2 ** (failures - 1), undefined, signal === undefined ? {} : { signal }).catch(
				() => {},
			);
			signal?.throwIfAborted();
			continue;
		}
		if (spool.writtenBytes === descriptor.size) break;
		// It ended by itself, and too early.
		failures = spool.writtenBytes - from >= worthwhileBytes ? 1 : failures + 1;
		if (failures >= limits.attempts) {
			throw new EngineError('size-mismatch', { what, expectedBytes: descriptor.size, foundBytes: spool.writtenBytes });
		}
	}
	const found = `sha256:${hash.digest('hex')}`;
	if (found !== descriptor.digest) {
		throw new EngineError('digest-mismatch', {
			what,
			expected: descriptor.digest,
			found,
			bytesRead: spool.writtenBytes,
		});
	}
	spool.finish();
}

async function requestFrom(client: RegistryClient, wanted: WantedBlob, from: number): Promise<Answer> {
	const { repository, descriptor, what, signal } = wanted;
	const answer = await client.request({
		method: 'GET',
		at: `${repository}/blobs/${descriptor.digest}`,
		what: `read ${what}`,
		scopes: [`repository:${repository}:pull`],
		headers: from === 0 ? {} : { range: `bytes=${from}-` },
		expected: [404],
		signal,
	});
	if (answer.status !== 404) return answer;
	answer.discard();
	throw new EngineError('bad-answer', {
		registry: client.world.registry,
		why: `it does not have ${what} (${descriptor.digest}), which its own manifest names`,
	});
}

/** Appends a body to the spool. What a server sends again, because it knows no ranges, is passed over. */
async function copyBody(
	answer: Answer,
	from: number,
	to: {
		readonly client: RegistryClient;
		readonly wanted: WantedBlob;
		readonly spool: Spool;
		readonly take: (chunk: Uint8Array) => void;
	},
): Promise<void> {
	const { spool, wanted, client } = to;
	const { limits, registry } = client.world;
	const { descriptor, what } = wanted;
	const startsAt = answer.status === 206 ? rangeStart(answer) : 0;
	if (startsAt !== 0 && startsAt !== from) {
		answer.abort();
		throw new EngineError('bad-answer', { registry, why: `it sends ${what} from another place than it was asked for` });
	}
	const announced = Number(answer.headers['content-length'] ?? Number.NaN);
	if (!Number.isNaN(announced) && startsAt + announced !== descriptor.size) {
		answer.abort();
		throw new EngineError('size-mismatch', { what, expectedBytes: descriptor.size, foundBytes: startsAt + announced });
	}
	let position = startsAt;
	let late = false;
	let inSpan = 0;
	let spanBegan = performance.now();
	const watch = setInterval(() => {
		// Where this process itself stood still, flushing a disk perhaps, nothing could come.
		const stoodStill = performance.now() - spanBegan > limits.slowSpanMs * 1.5;
		late = !stoodStill && inSpan < limits.slowestBytes;
		spanBegan = performance.now();
		inSpan = 0;
		if (late) answer.abort();
	}, limits.slowSpanMs);
	try {
		for await (const chunk of answer.body) {
			inSpan += chunk.length;
			position += chunk.length;
			if (position > descriptor.size) {
				throw new EngineError('size-mismatch', { what, expectedBytes: descriptor.size, foundBytes: position });
			}
			const fresh = chunk.subarray(Math.max(0, chunk.length - (position - spool.writtenBytes)));
			if (position <= spool.writtenBytes || fresh.length === 0) continue;
			to.take(fresh);
			spool.write(fresh);
			wanted.onProgress?.(spool.writtenBytes);
		}
		if (late) throw tooSlow(registry);
	} catch (error) {
		throw late ? tooSlow(registry) : error;
	} finally {
		clearInterval(watch);
	}
}

function tooSlow(registry: string): EngineError<'unavailable'> {
	return new EngineError('unavailable', { registry, why: 'it sends next to nothing' });
}

/** Spec: RFC 9110 14.4 */
function rangeStart(answer: Answer): number {
	const match = /^bytes (\d+)-/.exec(answer.headers['content-range'] ?? '');
	return match === null ? -1 : Number(match[1]);
}
