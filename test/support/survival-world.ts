import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mountsBelow, unmountOverlay } from '../../src/engine/embedded/layers/overlay.ts';
import { unlinkTree } from '../../src/engine/embedded/layers/unlink-tree.ts';
import { openEmbeddedEngine } from '../../src/engine/embedded/open.ts';
import type { Engine } from '../../src/engine/port.ts';
import { builtProgram } from './built-program.ts';
import { debianLayer } from './debian-layers.ts';
import { archiveOf, dockerMembers, type MadeImage, sha256 } from './image-archives.ts';
import { type ProgramRun, type ProgramWorld, runProgram } from './run-program.ts';
import { tarOf } from './store.ts';

/** A store that the real program works on, and archives to fill it with. Close it, whatever happened. */
export interface SurvivalWorld {
	readonly directory: string;
	readonly root: string;
	readonly archives: Archives;
	/** One call of the program on the store. */
	tonnage(words: string | readonly string[], world?: ProgramWorld): Promise<ProgramRun>;
	/** The same, which must succeed; gives its output without the last newline. */
	expectDone(words: string | readonly string[]): Promise<string>;
	/** Opens the store in this process, as the next command would, for one piece of work. */
	withEngine<T>(work: (engine: Engine) => Promise<T>): Promise<T>;
	close(): Promise<void>;
}

/** Paths of archives. `box` has busybox; `app` has two more layers on it; `root` is the tar of a root filesystem. */
export interface Archives {
	readonly box: string;
	readonly app: string;
	readonly root: string;
}

/** Makes an empty store, at `root` where that is given, and the archives. */
export async function openSurvivalWorld(options: { readonly root?: string } = {}): Promise<SurvivalWorld> {
	const directory = mkdtempSync(join(tmpdir(), 'tonnage-survival-'));
	const root = options.root ?? join(directory, 'store');
	const archives = await makeArchives(directory);
	const tonnage: SurvivalWorld['tonnage'] = (words, world) =>
		runProgram(root, typeof words === 'string' ? words.split(' ') : words, world);
	const withEngine: SurvivalWorld['withEngine'] = async (work) => {
		const engine = await openEmbeddedEngine({ root, selfCommand: builtProgram(), version: '0' });
		try {
			return await work(engine);
		} finally {
			await engine.close();
		}
	};
	return {
		directory,
		root,
		archives,
		tonnage,
		withEngine,
		expectDone: async (words) => {
			const { exitCode, stdout, stderr } = await tonnage(words);
			if (exitCode !== 0) throw new Error(`tonnage ${words} ended with ${exitCode}: ${stderr}`);
			return stdout.trimEnd();
		},
		close: async () => {
			try {
				await withEngine(async ({ containers }) => {
					for (const { id } of await containers.list()) await containers.remove(id, { force: true, volumes: true });
				});
			} finally {
				for (const mount of mountsBelow(directory)) unmountOverlay(mount);
				unlinkTree(directory);
			}
		},
	};
}

async function makeArchives(directory: string): Promise<Archives> {
	const busybox = readFileSync(await debianLayer(['busybox-static']));
	const links = join(directory, 'links.tar');
	// Debian's busybox comes without the names of its programs.
	const names = 'sh echo sleep true cat touch ls dd ln mkdir rm';
	execFileSync('sh', [
		'-c',
		`mkdir -p "$1/l/bin" && cd "$1/l/bin" && for n in ${names}; do ln -s busybox $n; done && tar -C "$1/l" --sort=name --numeric-owner -cf "$1/links.tar" .`,
		'-',
		directory,
	]);
	const more = (name: string, count: number, bytes: number): Buffer =>
		tarOf(
			Object.fromEntries(
				Array.from({ length: count }, (_, index) => [`${name}/${index}`, `${name} ${index} `.repeat(bytes / 10)]),
			),
		);
	const boxLayers = [busybox, readFileSync(links)];
	const appLayers = [...boxLayers, more('cargo', 60, 20_000), more('papers', 40, 100)];
	const at = (name: string) => join(directory, name);
	writeFileSync(at('box.tar'), archiveOf(dockerMembers([{ image: imageOf(boxLayers), tags: ['box:latest'] }])));
	writeFileSync(at('app.tar'), archiveOf(dockerMembers([{ image: imageOf(appLayers), tags: ['app:1', 'app:2'] }])));
	writeFileSync(at('root.tar'), more('imported', 50, 5000));
	return { box: at('box.tar'), app: at('app.tar'), root: at('root.tar') };
}

function imageOf(layers: readonly Buffer[]): MadeImage {
	const diffIds = layers.map(sha256);
	const config = Buffer.from(
		JSON.stringify({
			architecture: process.arch === 'x64' ? 'amd64' : process.arch,
			os: 'linux',
			created: '2024-05-01T10:00:00Z',
			config: { Env: ['PATH=/bin:/usr/bin'], Cmd: ['sh'] },
			rootfs: { type: 'layers', diff_ids: diffIds },
			history: diffIds.map((_, index) => ({ created_by: `COPY layer ${index}` })),
		}),
	);
	return { id: sha256(config), config, layers, diffIds };
}
