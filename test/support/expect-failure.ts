import { expect } from 'vitest';
import type { ProgramRun } from './run-program.ts';

/** What a failure must be: its exit code, one sentence that says it, and where there is a next step, the step. */
export interface Failure {
	readonly exitCode: number;
	readonly says: RegExp;
	readonly hint?: RegExp;
}

/** Checks the whole of what was said: nothing unexpected stands between, before or after. */
export function expectFailure(ran: ProgramRun, { exitCode, says, hint }: Failure): void {
	const [sentence = '', second, ...more] = ran.stderr.trimEnd().split('\n');
	expect(sentence).toMatch(/^tonnage: [^\n]*[.:]$/);
	expect(sentence).toMatch(says);
	expect(sentence).not.toContain('defect');
	if (hint === undefined) expect(second).toBeUndefined();
	else expect(second).toMatch(hint);
	expect(more).toEqual([]);
	expect(ran.exitCode).toBe(exitCode);
}
