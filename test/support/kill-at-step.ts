/**
 * Loaded into a program with `--import`: counts what it does to the world (files renamed, made, flushed and unlinked,
 * transactions begun and ended, programs started), writes the steps' names to the file in STEPS_FILE when it ends,
 * and kills itself right before step number KILL_AT_STEP.
 */
import { appendFileSync } from 'node:fs';

const fileSystem: Record<string, unknown> = process.getBuiltinModule('node:fs') as never;
const record = appendFileSync;
const killAt = Number(process.env.KILL_AT_STEP ?? '-1');
const stepsFile = process.env.STEPS_FILE;
const steps: string[] = [];

function step(name: string): void {
	if (steps.length === killAt) process.kill(process.pid, 'SIGKILL');
	steps.push(name);
}

function watch(
	owner: Record<string, unknown>,
	name: string,
	nameOf: (first: unknown, second: unknown) => string,
): void {
	const original = owner[name] as (...values: unknown[]) => unknown;
	owner[name] = function watched(this: unknown, ...values: unknown[]) {
		const called = nameOf(values[0], values[1]);
		if (called !== '') step(called);
		return original.apply(this, values);
	};
}

for (const name of ['renameSync', 'unlinkSync', 'rmdirSync', 'rmSync', 'mkdirSync', 'fsyncSync', 'truncateSync']) {
	watch(fileSystem, name, () => name);
}
watch(fileSystem, 'writeFileSync', () => 'writeFileSync');
watch(fileSystem, 'openSync', (_path, flags) => (flags === undefined || flags === 'r' ? '' : 'openSync'));
const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
watch(DatabaseSync.prototype as never, 'exec', (sql) => String(sql).slice(0, 12));
const programs: Record<string, unknown> = process.getBuiltinModule('node:child_process') as never;
for (const name of ['spawn', 'execFile']) watch(programs, name, (program) => `${name} ${String(program)}`);

process.once('exit', () => {
	if (stepsFile !== undefined) record(stepsFile, `${steps.join('\n')}\n`);
});
