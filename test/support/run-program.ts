import { spawn } from 'node:child_process';
import { builtProgram } from './built-program.ts';

/** How one call of the program ended. */
export interface ProgramRun {
	/** undefined where a signal ended it. */
	readonly exitCode: number | undefined;
	readonly stdout: string;
	readonly stderr: string;
	readonly tookMs: number;
}

/** What is around a call that a test does not want as usual. */
export interface ProgramWorld {
	readonly environment?: Readonly<Record<string, string | undefined>>;
	readonly input?: string | Uint8Array;
	/** Words before the program's own, e.g. `setpriv --reuid=65534`. */
	readonly prefix?: readonly string[];
	readonly nodeOptions?: readonly string[];
	/** SIGKILL comes that long after the start. */
	readonly killAfterMs?: number;
}

/** How long after the end its output may take to arrive. */
const drainMs = 1000;

/** Runs the real program, as built, in a process of its own, without a terminal. */
export function runProgram(root: string, words: readonly string[], world: ProgramWorld = {}): Promise<ProgramRun> {
	const [node, program] = builtProgram();
	const [command = node, ...parameters] = [
		...(world.prefix ?? []),
		node,
		...(world.nodeOptions ?? []),
		program,
		'--root',
		root,
		...words,
	];
	return new Promise((resolve, reject) => {
		const startedAt = performance.now();
		const child = spawn(command, parameters, { env: { ...process.env, ...world.environment }, stdio: 'pipe' });
		const output = { stdout: '', stderr: '' };
		for (const name of ['stdout', 'stderr'] as const) {
			child[name].setEncoding('utf8').on('data', (text: string) => {
				output[name] += text;
			});
		}
		// It may have ended before it read anything.
		child.stdin.on('error', () => {});
		child.stdin.end(world.input ?? '');
		const timer =
			world.killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), world.killAfterMs);
		child.once('error', reject);
		const finish = (code: number | null) => {
			clearTimeout(timer);
			resolve({ exitCode: code ?? undefined, ...output, tookMs: performance.now() - startedAt });
		};
		child.once('close', finish);
		// What it leaves running may hold its streams open.
		child.once('exit', (code) => setTimeout(finish, drainMs, code).unref());
	});
}
