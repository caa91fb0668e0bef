import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { CliHost, EngineSettings } from './cli/context.ts';
import type { Engine } from './engine/port.ts';

const packageFile = new URL('../package.json', import.meta.url);
const program = fileURLToPath(new URL('../bin/tonnage.js', import.meta.url));
/** Bundled, it lies beside this module; from source, in its folder. */
const engineThread = new URL(
	import.meta.url.endsWith('.ts') ? './engine/embedded/thread/engine-thread.ts' : './engine-thread.js',
	import.meta.url,
);

/**
 * The whole program: joins engines and faces, runs what `words` ask for, and ends the process with its exit code.
 * Everything is imported only when it is needed, because most calls need little and all should start at once.
 */
export async function main(words: readonly string[]): Promise<void> {
	// A container's monitor calls it so when the container has exited; no person types it, so help does not show it.
	if (words[0] === 'container-exited' && words.length === 3) {
		await noteExit(words[1] ?? '', words[2] ?? '');
		return;
	}
	const { runCli } = await import('./cli/run-cli.ts');
	const exitCode = await runCli(words, await makeHost());
	// Standard input may still be open, and should not hold up the end.
	process.exit(exitCode);
}

async function noteExit(root: string, containerId: string): Promise<void> {
	// The store may have been removed meanwhile, and opening it would make it anew.
	if (!existsSync(root)) return;
	const { openStore } = await import('./engine/embedded/open.ts');
	const { finishExit } = await import('./engine/embedded/containers/finish-exit.ts');
	const store = openStore({ root });
	try {
		await finishExit(store, containerId);
	} finally {
		store.close();
	}
}

async function makeHost(): Promise<CliHost> {
	const { processHost } = await import('./cli/process-host.ts');
	const version = readVersion();
	const optionsFor = ({ root }: EngineSettings) => ({ root, version, selfCommand: [process.execPath, program] });
	return processHost({
		version,
		openEngine: async (settings) => {
			const { openEmbeddedEngine } = await import('./engine/embedded/open.ts');
			return openEmbeddedEngine(optionsFor(settings));
		},
		openDashboard: async (settings) => {
			const { openDashboard } = await import('./ui/open.ts');
			const { stdin, stdout, stderr, env: environment } = process;
			return withEngineThread(optionsFor(settings), (engine) =>
				openDashboard({ engine, streams: { stdin, stdout, stderr }, environment }),
			);
		},
		printFrame: async (settings, size) => {
			const { printFrame } = await import('./ui/open.ts');
			return withEngineThread(optionsFor(settings), (engine) => printFrame({ engine, ...size }));
		},
	});
}

/** For the screen, whose frames no work of the engine may hold up. */
async function withEngineThread<Result>(options: object, use: (engine: Engine) => Promise<Result>): Promise<Result> {
	const { connectEngineThread } = await import('./engine/embedded/thread/connect.ts');
	const engine = await connectEngineThread(engineThread, options);
	try {
		return await use(engine);
	} finally {
		await engine.close();
	}
}

function readVersion(): string {
	const document: { readonly version: string } = JSON.parse(readFileSync(packageFile, 'utf8'));
	return document.version;
}
