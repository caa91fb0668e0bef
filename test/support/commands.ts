import { execFileSync } from 'node:child_process';

/** Runs a program to its end and gives what it wrote, without the last newline. A failure carries its words. */
export function run(
	command: string,
	parameters: readonly string[],
	options: { readonly env?: NodeJS.ProcessEnv; readonly input?: Uint8Array; readonly cwd?: string } = {},
): string {
	const output = execFileSync(command, parameters, {
		...options,
		encoding: 'utf8',
		maxBuffer: 64 * 1024 * 1024,
		stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
	});
	return output.trimEnd();
}
