import { isEngineError } from '../engine/errors.ts';
import type { OutputStream } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { printable } from './printable.ts';

/** What was typed makes no sense. The message is one sentence; the hint is the next step. */
export class UsageError extends Error {
	override readonly name = 'UsageError';
	readonly hint: string | undefined;

	constructor(message: string, hint?: string) {
		super(message);
		this.hint = hint;
	}
}

/** `tonnage: <message>`, and the hint on the next line. Anything unexpected brings its stack, so that it can be reported. */
export function writeFailure(stderr: OutputStream, error: unknown): void {
	if (error instanceof UsageError || isEngineError(error)) {
		stderr.write(`tonnage: ${printable(error.message)}\n`);
		if (error.hint !== undefined) stderr.write(`${printable(error.hint)}\n`);
		return;
	}
	const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
	stderr.write(`tonnage: this is a defect in tonnage, please report it: ${printable(text, { keepNewlines: true })}\n`);
}

/** The exit code that goes with a failure; `run` and `exec` translate it once more. */
export function exitCodeOf(error: unknown): number {
	if (error instanceof UsageError) return exitCodes.usage;
	if (isEngineError(error, 'invalid-policy')) return exitCodes.usage;
	if (isEngineError(error, 'invalid-argument') || isEngineError(error, 'invalid-reference')) return exitCodes.usage;
	return exitCodes.failed;
}
