import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mountsBelow, unmountOverlay } from '../../src/engine/embedded/layers/overlay.ts';
import { unlinkTree } from '../../src/engine/embedded/layers/unlink-tree.ts';
import { openEmbeddedEngine } from '../../src/engine/embedded/open.ts';
import { connectEngineThread } from '../../src/engine/embedded/thread/connect.ts';
import type { ImageId } from '../../src/engine/model.ts';
import type { Engine } from '../../src/engine/port.ts';
import { describeEngine } from '../conformance/engine-suite.ts';
import type { MakeHarness } from '../conformance/harness.ts';
import { exitedCommand, importRoot } from '../support/container-world.ts';
import { archiveOf, dockerMembers, makeImage } from '../support/image-archives.ts';

const engineThread = new URL('../../src/engine/embedded/thread/engine-thread.ts', import.meta.url);

interface Opening {
	readonly root: string;
	readonly selfCommand: readonly string[];
	readonly version: string;
}

describeEngine('embedded', makeHarness(openEmbeddedEngine));
describeEngine(
	'embedded, in a thread of its own,',
	makeHarness((options) => connectEngineThread(engineThread, options)),
);

function makeHarness(openEngine: (options: Opening) => Promise<Engine>): MakeHarness {
	return async () => {
		const directory = mkdtempSync(join(tmpdir(), 'tonnage-conformance-'));
		const opening: Opening = { root: join(directory, 'store'), selfCommand: exitedCommand, version: 'test' };
		const engine = await openEngine(opening);
		return {
			engine,
			makeImage: (reference, layers) => loadImage(engine, reference, layers),
			makeBox: async () => {
				await importRoot(engine.images, directory, { name: 'box:1' });
				return 'box:1';
			},
			cleanup: async () => {
				await engine.close();
				// A test may have closed its engine; what runs is ended by another one on the same store.
				const another = await openEmbeddedEngine(opening);
				try {
					await endAll(another);
				} finally {
					await another.close();
					for (const mount of mountsBelow(directory)) unmountOverlay(mount);
					unlinkTree(directory);
				}
			},
		};
	};
}

/** A layer's name stands for its content: some bytes in a file of that name. */
async function loadImage(engine: Engine, reference: string | undefined, layers: readonly string[]): Promise<ImageId> {
	const image = makeImage(layers.map((name) => ({ [name]: name.repeat(1000) })));
	const archive = archiveOf(dockerMembers([{ image, tags: reference === undefined ? [] : [reference] }]));
	const [loaded] = await engine.images.load({ type: 'stream', stream: stream(archive), label: 'an archive' }, {});
	if (loaded === undefined) throw new Error('nothing was loaded');
	return loaded.id;
}

async function endAll({ containers }: Engine): Promise<void> {
	for (const { id } of await containers.list()) await containers.remove(id, { force: true, volumes: true });
}

async function* stream(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
	yield bytes;
}
