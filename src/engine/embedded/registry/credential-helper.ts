import { spawn } from 'node:child_process';
import { EngineError } from '../../errors.ts';
import { type JsonObject, parseJson } from '../../oci/json.ts';
import { printable } from '../../oci/printable.ts';

const helperTimeoutMs = 60_000;
const largestAnswer = 1024 * 1024;

/**
 * Runs `docker-credential-NAME` with a word, and gives what it answers; undefined where it has nothing to say or
 * does not know the registry. What it writes never gets into a message: it may be a secret.
 * Spec: docker/docker-credential-helpers README (v0.9)
 * @throws EngineError missing-component, unavailable, timeout; the signal's reason
 */
export async function askHelper(
	name: string,
	word: 'get' | 'store' | 'erase',
	call: { readonly input: string; readonly registry: string; readonly signal?: AbortSignal | undefined },
): Promise<JsonObject | undefined> {
	if (!/^[A-Za-z0-9][\w.-]*$/.test(name)) {
		throw new EngineError('invalid-argument', {
			argument: `the credential helper "${printable(name)}"`,
			why: 'it is not a program’s name',
		});
	}
	const program = `docker-credential-${name}`;
	const { code, output } = await run(program, word, call);
	if (code === 0) return word === 'get' ? parseAnswer(output, program) : undefined;
	const isUnknown = /credentials not found|no credentials|not found/i.test(output);
	if (isUnknown && word !== 'store') return undefined;
	throw new EngineError('unavailable', {
		registry: call.registry,
		why: `${program} ${word} failed with exit code ${code}`,
	});
}

function parseAnswer(output: string, program: string): JsonObject | undefined {
	try {
		const value = parseJson(Buffer.from(output), { what: 'the answer of', where: program });
		return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
	} catch {
		throw new EngineError('corrupt', { what: 'the answer of', where: program, why: 'it is not valid JSON' });
	}
}

function run(
	program: string,
	word: string,
	call: { readonly input: string; readonly registry: string; readonly signal?: AbortSignal | undefined },
): Promise<{ readonly code: number | null; readonly output: string }> {
	return new Promise((resolve, reject) => {
		const child = spawn(program, [word], { stdio: ['pipe', 'pipe', 'ignore'] });
		let output = '';
		const fail = (error: unknown) => {
			child.kill('SIGKILL');
			reject(error);
		};
		const timer = setTimeout(
			() => fail(new EngineError('timeout', { operation: `${program} ${word}`, afterMs: helperTimeoutMs })),
			helperTimeoutMs,
		);
		const abort = () => fail(call.signal?.reason);
		call.signal?.addEventListener('abort', abort, { once: true });
		const settled = () => {
			clearTimeout(timer);
			call.signal?.removeEventListener('abort', abort);
		};
		child.stdout.setEncoding('utf8').on('data', (text: string) => {
			output += text;
			if (output.length > largestAnswer) {
				fail(new EngineError('limit-exceeded', { what: `the answer of ${program}`, limit: 'it is larger than 1 MiB' }));
			}
		});
		child.once('error', (cause) => {
			settled();
			reject(
				new EngineError(
					'missing-component',
					{
						component: program,
						neededFor: `to log in to ${call.registry}, as Docker’s config.json says`,
						packages: [],
					},
					{ cause },
				),
			);
		});
		child.once('close', (code) => {
			settled();
			resolve({ code, output });
		});
		// It may end before it has read anything.
		child.stdin.on('error', () => {});
		child.stdin.end(call.input);
	});
}
