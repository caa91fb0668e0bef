import { spawnSync } from 'node:child_process';

/** One contender: `prepare` is not timed, `run` is. */
export interface Contender {
	readonly name: string;
	readonly prepare?: () => void | Promise<void>;
	readonly run: () => void | Promise<void>;
}

/** Medians in ms of interleaved rounds, so that whatever else the machine does hits everybody alike. */
export async function medians(
	contenders: readonly Contender[],
	roundCount: number,
): Promise<ReadonlyMap<string, number>> {
	const times = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
	for (let round = 0; round < roundCount; round++) {
		for (const { name, prepare, run } of contenders) {
			await prepare?.();
			const start = performance.now();
			await run();
			times.get(name)?.push(performance.now() - start);
		}
	}
	return new Map([...times].map(([name, values]) => [name, median(values)]));
}

/** The middle value. */
export function median(values: readonly number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Prints medians, and ours as a ratio to each of the others. */
export function report(title: string, results: ReadonlyMap<string, number>, note = ''): void {
	console.log(`\n${title}`);
	const ours = results.get('tonnage') ?? Number.NaN;
	for (const [name, ms] of results) {
		const ratio = name === 'tonnage' ? '' : `   tonnage takes ${(ours / ms).toFixed(2)} of it`;
		console.log(`  ${name.padEnd(18)} ${ms.toFixed(1).padStart(9)} ms${ratio}`);
	}
	if (note !== '') console.log(`  ${note}`);
}

/** Runs a program that must succeed; gives its standard output. */
export function must(
	command: string,
	args: readonly string[],
	options: { readonly env?: NodeJS.ProcessEnv; readonly input?: Buffer } = {},
): string {
	const result = spawnSync(command, args, { encoding: 'buffer', maxBuffer: 1 << 30, ...options });
	if (result.status !== 0) {
		throw new Error(
			`${command} ${args.join(' ')} → ${result.status ?? result.signal ?? result.error}: ${result.stderr?.toString()}`,
		);
	}
	return result.stdout.toString();
}
