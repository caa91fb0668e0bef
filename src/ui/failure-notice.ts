import type { EngineError } from '../engine/errors.ts';
import { cleanText } from './format.ts';
import type { Notice } from './state.ts';

/** An engine's refusal as a message on screen, with its next step. */
export function noticeOf(error: EngineError): Omit<Notice, 'serial'> {
	return {
		tone: 'bad',
		text: cleanText(error.message),
		hint: error.hint === undefined ? undefined : cleanText(error.hint),
	};
}

/** True for what a cancelled call rejects with. */
export function isAbort(error: unknown): boolean {
	return error instanceof Error && error.name === 'AbortError';
}
