import { expect, test } from 'vitest';
import { answerFrom } from '../../../../src/engine/embedded/containers/monitor.ts';
import { checkName, inventName } from '../../../../src/engine/embedded/containers/names.ts';
import { runtimeError } from '../../../../src/engine/embedded/containers/runtime-error.ts';
import { parseSignal } from '../../../../src/engine/embedded/containers/signals.ts';
import { isEngineError } from '../../../../src/engine/errors.ts';

const invalid = expect.toSatisfy((error: unknown) => isEngineError(error, 'invalid-argument'));

test.each([
	['SIGTERM', 15],
	['term', 15],
	['9', 9],
	['KILL', 9],
	['SIGRTMIN', 34],
	['RTMIN+3', 37],
	['SIGRTMAX-1', 63],
	['RTMAX', 64],
])('the signal %s is %i', (text, number) => {
	expect(parseSignal(text)).toBe(number);
});

test.each(['', 'SIG', 'NOPE', '0', '65', '-9', '9x', 'RTMIN+40', 'RTMAX-40', '__proto__'])(
	'"%s" is no signal',
	(text) => {
		expect(() => parseSignal(text)).toThrow(invalid);
	},
);

test('invented names are valid ones, and a clash makes the next one less likely', () => {
	expect(inventName(0, () => 0)).toMatch(/^[a-z]+_[a-z]+$/);
	expect(inventName(3, (bound) => bound - 1)).toMatch(/^[a-z]+_[a-z]+999$/);
	for (let attempt = 0; attempt < 20; attempt++) checkName(inventName(attempt), 'container');
});

test.each(['', 'a', '-a', '.hidden', 'a/b', '../a', 'a b', 'a\nb', 'ä1', 'a'.repeat(129)])(
	'"%s" is no name',
	(name) => {
		expect(() => checkName(name, 'volume')).toThrow(invalid);
	},
);

const outputs: readonly {
	readonly says: string;
	readonly code: string;
	readonly exitCode?: number;
	readonly message?: RegExp;
}[] = [
	{
		says: 'runc create failed: unable to start container process: exec: "foo": executable file not found in $PATH',
		code: 'command-failed',
		exitCode: 127,
		message: /^Cannot run "foo" in the container: it is not found in \$PATH\.$/,
	},
	{
		says: 'time="2024-01-01T00:00:00Z" level=error msg="runc create failed: unable to start container process: exec: \\"/foo\\": stat /foo: no such file or directory"',
		code: 'command-failed',
		exitCode: 127,
	},
	{
		says: 'runc create failed: unable to start container process: exec: "/etc": is a directory',
		code: 'command-failed',
		exitCode: 126,
	},
	{
		says: 'runc create failed: unable to start container process: exec: "/x": permission denied',
		code: 'command-failed',
		exitCode: 126,
	},
	{
		says: 'crun: executable file `foo` not found in $PATH: No such file or directory',
		code: 'command-failed',
		exitCode: 127,
	},
	{
		says: '[conmon:e]: noise\nrunc create failed: rootfs_linux.go: cannot mount\n',
		code: 'runtime-failed',
		message: /: rootfs_linux\.go: cannot mount$/,
	},
	{ says: '', code: 'runtime-failed', message: /gave no reason/ },
];

test.each(outputs)('a runtime that says "$says" is a $code', ({ says, code, exitCode, message }) => {
	const error = runtimeError({ operation: 'start', container: 'web', command: ['foo'] }, says);
	expect(error.code).toBe(code);
	if (exitCode !== undefined) expect(error.data).toMatchObject({ exitCode });
	if (message !== undefined) expect(error.message).toMatch(message);
});

test('what a runtime repeats from an image has no control characters', () => {
	const error = runtimeError(
		{ operation: 'start', container: 'web', command: ['\u001b[31m'] },
		'bad \u001b]0;title\u0007',
	);
	expect(error.message).not.toMatch(/\p{Cc}/u);
});

test('a monitor’s answer is a pid, or why there is none', () => {
	expect(answerFrom('{"data": 42}')).toEqual({ type: 'started', pid: 42 });
	expect(answerFrom('{"data": -1, "message": "no \\"way\\""}')).toEqual({ type: 'failed', message: 'no "way"' });
	expect(answerFrom('{"data": -1}')).toEqual({ type: 'failed', message: '' });
	expect(answerFrom('Killed')).toEqual({ type: 'failed', message: 'Killed' });
});
