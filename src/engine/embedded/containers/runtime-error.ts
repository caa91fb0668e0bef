import { EngineError } from '../../errors.ts';

/** What a runtime says when a command does not exist, and when it exists but cannot be run; runc's words, then crun's. */
const notFound = /executable file .*not found|stat .*: no such file or directory|exec .*no such file or directory/i;
const notExecutable =
	/exec: .*(permission denied|is a directory)|open executable|exec format error|: permission denied/i;

/** Makes one clear error of a runtime's last words. Docker's exit codes: 127 not found, 126 not executable. */
export function runtimeError(
	failed: { readonly operation: string; readonly container: string; readonly command: readonly string[] },
	output: string,
): EngineError<'command-failed' | 'runtime-failed'> {
	const words = lastWords(output);
	const command = withoutControls(failed.command[0] ?? '');
	if (notFound.test(words)) {
		const why = command.includes('/') ? 'there is no such file' : 'it is not found in $PATH';
		return new EngineError('command-failed', { command, why, exitCode: 127 });
	}
	if (notExecutable.test(words)) {
		const why = /is a directory/i.test(words) ? 'it is a directory' : 'it is not an executable file';
		return new EngineError('command-failed', { command, why, exitCode: 126 });
	}
	return new EngineError('runtime-failed', { operation: failed.operation, container: failed.container, output: words });
}

/** The one line that says why: the last one, without log fields around it. */
function lastWords(output: string): string {
	const line = output
		.split('\n')
		.map((candidate) => candidate.trim())
		.filter((candidate) => candidate !== '')
		.at(-1);
	const message = /\bmsg="((?:[^"\\]|\\.)*)"/.exec(line ?? '')?.[1]?.replaceAll('\\"', '"');
	return withoutControls((message ?? line ?? '').replace(/^(\S+: )?(runc|crun) (create|run|start|exec) failed: /, ''));
}

/** A command's name comes from an image, and the runtime repeats it. */
function withoutControls(text: string): string {
	return text.replace(/\p{Cc}/gu, '\ufffd').slice(0, 300);
}
