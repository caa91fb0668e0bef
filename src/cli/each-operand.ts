import { isEngineError } from '../engine/errors.ts';
import type { CliContext } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { exitCodeOf, writeFailure } from './failure.ts';

/**
 * Does the same to each operand and goes on after a failure, which is told at once. Gives the exit code: done,
 * partly done, or that of the last failure where nothing was done. Stops when interrupted.
 */
export async function forEachOperand(
	{ host }: CliContext,
	operands: readonly string[],
	options: {
		readonly act: (operand: string) => Promise<void>;
		/** As Docker's `rm -f`: what is not there is told, but is no failure. */
		readonly mayBeMissing?: boolean;
	},
): Promise<number> {
	let doneCount = 0;
	let failure: number = exitCodes.done;
	for (const operand of operands) {
		try {
			await options.act(operand);
			doneCount++;
		} catch (error) {
			host.interrupted.throwIfAborted();
			writeFailure(host.stderr, error);
			if (options.mayBeMissing && isEngineError(error, 'not-found')) doneCount++;
			else failure = exitCodeOf(error);
		}
	}
	return failure !== exitCodes.done && doneCount > 0 ? exitCodes.partlyDone : failure;
}
