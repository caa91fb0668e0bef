import type { ImageId, Resource, ResourceKind } from '../../src/engine/model.ts';
import type { Engine, RemovalOutcome } from '../../src/engine/port.ts';
import type { ContainerRequest } from '../../src/engine/port-containers.ts';
import { planCollection } from '../../src/gc/plan.ts';
import { type PruneRequest, prunePolicy } from '../../src/gc/presets.ts';

/** One engine with an empty store of its own, and how to fill it. */
export interface Harness {
	readonly engine: Engine;
	/** Stores an image; layers of one name, on the same ones, are the same layers. No reference: dangling. */
	makeImage(reference: string | undefined, layers: readonly string[]): Promise<ImageId>;
	/** Stores an image whose containers can run `sh`, `sleep` and `echo`. Gives its reference. */
	makeBox(): Promise<string>;
	/** Ends what runs and removes everything. */
	cleanup(): Promise<void>;
}

/** Makes a fresh one for each test. */
export type MakeHarness = () => Promise<Harness>;

/** Runs one test's body on an engine of its own, and cleans up however it ends. */
export function onFresh(makeEngine: MakeHarness, body: (harness: Harness) => Promise<void>): () => Promise<void> {
	return async () => {
		const harness = await makeEngine();
		try {
			await body(harness);
		} finally {
			await harness.cleanup();
		}
	};
}

/** Everything of a request that a test does not care about. */
export function request(part: Partial<ContainerRequest> & { readonly image: string }): ContainerRequest {
	return {
		name: undefined,
		command: ['sleep', '300'],
		entrypoint: undefined,
		environment: [],
		workingDirectory: undefined,
		user: undefined,
		hostname: undefined,
		mounts: [],
		network: 'none',
		limits: { memoryBytes: undefined, cpus: undefined, pidsLimit: undefined },
		labels: {},
		tty: false,
		stdinOpen: false,
		autoRemove: false,
		stopSignal: undefined,
		...part,
	};
}

/** All of an asynchronous source. */
export async function gather<T>(source: AsyncIterable<T>): Promise<readonly T[]> {
	const items: T[] = [];
	for await (const item of source) items.push(item);
	return items;
}

/** The one thing of that kind whose key or label is meant. */
export async function findResource(engine: Engine, kind: ResourceKind, name: string): Promise<Resource> {
	const { resources } = await engine.store.takeInventory();
	const found = resources.find(({ key, label }) => key.kind === kind && (key.id === name || label === name));
	if (found === undefined)
		throw new Error(`no ${kind} ${name} among ${resources.map(({ key }) => key.kind).join(' ')}`);
	return found;
}

/** Asks the store to remove resources as they were seen. */
export async function removeSeen(engine: Engine, resources: readonly Resource[]): Promise<readonly RemovalOutcome[]> {
	return engine.store.remove(
		resources.map(({ key, generation }) => ({ key, generation })),
		{},
	);
}

/** The plan of a prune verb on what the engine stores now. */
export async function planFor(engine: Engine, prune: PruneRequest) {
	const inventory = await engine.store.takeInventory();
	return planCollection(inventory, prunePolicy(prune), inventory.takenAt);
}
