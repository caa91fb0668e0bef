import { EngineError } from '../../errors.ts';
import type { Answer } from './http-exchange.ts';

/**
 * The whole body of an answer that must be small, within a time.
 * @throws EngineError limit-exceeded, timeout; what the connection throws
 */
export async function readDocument(
	answer: Answer,
	document: { readonly what: string; readonly limitBytes: number; readonly withinMs: number },
): Promise<Uint8Array> {
	const { what, limitBytes, withinMs } = document;
	const chunks: Uint8Array[] = [];
	let bytes = 0;
	let late = false;
	const timer = setTimeout(() => {
		late = true;
		answer.abort();
	}, withinMs);
	try {
		for await (const chunk of answer.body) {
			bytes += chunk.length;
			if (bytes > limitBytes) {
				throw new EngineError('limit-exceeded', {
					what,
					limit: `it is larger than ${limitBytes.toLocaleString('en')} bytes`,
				});
			}
			chunks.push(chunk);
		}
	} catch (error) {
		if (late) throw new EngineError('timeout', { operation: `reading ${what}`, afterMs: withinMs }, { cause: error });
		throw error;
	} finally {
		clearTimeout(timer);
	}
	return Buffer.concat(chunks);
}
