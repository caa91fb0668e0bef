import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mountsBelow, unmountOverlay } from '../../src/engine/embedded/layers/overlay.ts';
import { unlinkTree } from '../../src/engine/embedded/layers/unlink-tree.ts';
import { openEmbeddedEngine, openStore } from '../../src/engine/embedded/open.ts';
import type { Store } from '../../src/engine/embedded/store.ts';
import type { ImageId } from '../../src/engine/model.ts';
import type { Engine } from '../../src/engine/port.ts';
import type { Plan } from '../../src/gc/model.ts';
import { planCollection } from '../../src/gc/plan.ts';
import type { Policy } from '../../src/gc/policy.ts';
import { type PruneRequest, prunePolicy } from '../../src/gc/presets.ts';
import { sweepPlan } from '../../src/gc/sweep.ts';
import { exitedCommand, importRoot } from './container-world.ts';
import { archiveOf, dockerMembers, makeImage } from './image-archives.ts';

/** A real store with a clock that a test may set, for rows of the rule matrix. */
export interface MatrixWorld {
	readonly root: string;
	readonly clock: { ms: number };
	engine(): Engine;
	/** Ends the engine, lets `act` work on the store's files and rows as a crash would leave them, and opens it again. */
	tamper(act: (store: Store) => void): Promise<void>;
	/** An image of layers that are known by their names; `more` joins its config. */
	load(
		reference: string | undefined,
		layers: readonly string[],
		more?: Readonly<Record<string, unknown>>,
	): Promise<ImageId>;
	/** An image that can run, called `box:1`. */
	box(): Promise<void>;
	plan(policy: Policy | PruneRequest): Promise<Plan>;
	sweep(plan: Plan): ReturnType<typeof collect>;
	/** Sorted `kind label` of what such a plan takes, without the documents beside images. */
	taken(policy: Policy | PruneRequest): Promise<readonly string[]>;
	close(): Promise<void>;
}

/** Takes all that any policy may take. */
export const everything: Policy = {
	name: 'everything',
	demotions: [
		...prunePolicy({ verb: 'system', all: true, volumes: true }).demotions,
		...prunePolicy({ verb: 'volume', all: true }).demotions,
	],
	graceMs: 0,
};

/** Opens an empty one. Close it, whatever happened. */
export async function openMatrixWorld(): Promise<MatrixWorld> {
	const directory = mkdtempSync(join(tmpdir(), 'tonnage-matrix-'));
	const root = join(directory, 'store');
	const clock = { ms: Date.now() };
	const open = () => openEmbeddedEngine({ root, selfCommand: exitedCommand, version: '0', now: () => clock.ms });
	let engine = await open();
	const plan: MatrixWorld['plan'] = async (wanted) =>
		planCollection(await engine.store.takeInventory(), 'verb' in wanted ? prunePolicy(wanted) : wanted, clock.ms);
	return {
		root,
		clock,
		engine: () => engine,
		tamper: async (act) => {
			const store = openStore({ root, now: () => clock.ms });
			try {
				act(store);
			} finally {
				store.close();
			}
			await engine.close();
			engine = await open();
		},
		load: async (reference, layers, more) => {
			const image = makeImage(
				layers.map((name) => ({ [name]: name.repeat(2000) })),
				more,
			);
			const tags = reference === undefined ? [] : [reference];
			const body = archiveOf(dockerMembers([{ image, tags }]));
			const stream = (async function* () {
				yield body;
			})();
			await engine.images.load({ type: 'stream', stream, label: 'an archive' }, {});
			return image.id as ImageId;
		},
		box: () => importRoot(engine.images, directory, { name: 'box:1' }),
		plan,
		sweep: (made) => collect(engine, made),
		taken: async (wanted) =>
			(await plan(wanted)).removals
				.filter(({ resource }) => resource.key.kind !== 'blob')
				.map(({ resource }) => `${resource.key.kind} ${resource.label}`)
				.sort(),
		close: async () => {
			try {
				for (const { id } of await engine.containers.list())
					await engine.containers.remove(id, { force: true, volumes: true });
			} finally {
				await engine.close();
				for (const mount of mountsBelow(directory)) unmountOverlay(mount);
				unlinkTree(directory);
			}
		},
	};
}

async function collect(engine: Engine, plan: Plan) {
	const events = await Array.fromAsync(sweepPlan(engine.store, plan));
	const last = events.at(-1);
	if (last?.type !== 'finished') throw new Error('a sweep ends with "finished"');
	return { ...last, events };
}
