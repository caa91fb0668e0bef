import { digestOf } from '../digest.ts';
import { EngineError } from '../errors.ts';
import type { ContainerId, EngineEvent, ResourceKey, VolumeSummary } from '../model.ts';
import type { Engine, EventOptions, Volumes } from '../port.ts';
import { createContainers } from './containers.ts';
import { checkVolumeName, ensureVolume } from './create-container.ts';
import { createImages } from './images.ts';
import { takeInventory } from './inventory.ts';
import { endContainer, writeLog } from './lifecycle.ts';
import { createPins } from './pins.ts';
import { createPlanArchive } from './plan-archive.ts';
import { removeResources } from './removal.ts';
import { resolveContainer } from './resolve.ts';
import { keyText, type MemoryLeftover, MemoryWorld, volumeDiskBytes } from './world.ts';

/** How many removals go between two looks at the caller's signal. */
const batchSize = 64;

/** What a test may do to a memory engine from outside, as users, processes and crashes do to a real one. */
export interface MemoryControls {
	readonly world: MemoryWorld;
	/** Lets time pass. */
	advance(ms: number): void;
	/** Ends the process of a container by itself. */
	exit(container: string, exitCode: number): void;
	/** Adds a line to what a container wrote. */
	writeLog(container: string, text: string): void;
	/** Makes a running container's writable layer grow; unmeasured until `measure` or its exit. */
	write(container: string, bytes: number): void;
	/** Changes what a running container uses. */
	setLoad(container: string, load: { readonly cpus?: number; readonly memoryBytes?: number }): void;
	/** Takes a live lease; gives the function that releases it. */
	hold(purpose: string, keys: readonly ResourceKey[]): () => void;
	/** Leaves bytes that no record knows. */
	leave(leftover: MemoryLeftover): void;
	/** Lets the unlinking of one thing fail from now on. */
	jam(key: ResourceKey): void;
}

/** When worlds begin that say nothing else. */
const beginning = Date.UTC(2026, 10, 20, 12);

/**
 * The port over plain maps: complete, honest about what it stores, and without any process, file or clock of its
 * own. For tests and for demonstrations without a store.
 */
export function createMemoryEngine(world: MemoryWorld = new MemoryWorld(beginning)): Engine & MemoryControls {
	const closing = new AbortController();
	return {
		...createControls(world),
		identity: { kind: 'memory', endpoint: 'memory:', version: '0', missing: [] },
		images: createImages(world),
		containers: createContainers(world),
		volumes: createVolumes(world),
		store: {
			takeInventory: async () => takeInventory(world),
			remove: async (requests, { signal }) => {
				const outcomes = [];
				for (let start = 0; start < requests.length; start += batchSize) {
					signal?.throwIfAborted();
					outcomes.push(...removeResources(world, requests.slice(start, start + batchSize)));
				}
				return outcomes;
			},
		},
		pins: createPins(world),
		plans: createPlanArchive(world),
		events: (options) => watchEvents(world, options, AbortSignal.any([options.signal, closing.signal])),
		close: async () => closing.abort(),
	};
}

function createControls(world: MemoryWorld): MemoryControls {
	const idOf = (name: string): ContainerId => resolveContainer(world, name).id;
	return {
		world,
		advance: (ms) => {
			world.now += ms;
			world.announce();
		},
		exit: (container, exitCode) => endContainer(world, idOf(container), exitCode),
		writeLog: (container, text) => writeLog(world, idOf(container), { text }),
		write: (container, bytes) => {
			const found = resolveContainer(world, container);
			world.containers.set(found.id, { ...found, writableBytes: found.writableBytes + bytes });
		},
		setLoad: (container, load) => {
			const found = resolveContainer(world, container);
			world.containers.set(found.id, { ...found, load: { ...found.load, ...load } });
		},
		hold: (purpose, holds) => {
			world.serial++;
			const id = `lease-${world.serial}`;
			world.leases.set(id, { id, purpose, pid: 4000 + world.serial, createdAt: world.now, holds });
			return () => world.leases.delete(id);
		},
		leave: (leftover) => world.leftovers.set(keyText(leftover.key), leftover),
		jam: (key) => world.stuck.add(keyText(key)),
	};
}

function createVolumes(world: MemoryWorld): Volumes {
	return {
		list: async () => listVolumes(world),
		create: async ({ name: wanted, labels }) => {
			if (wanted === undefined) world.serial++;
			const name = wanted ?? digestOf(`volume ${world.serial}`).slice(7);
			checkVolumeName(name);
			ensureVolume(world, name, { anonymous: wanted === undefined, labels });
			return name;
		},
		remove: async (name) => {
			const [outcome] = removeResources(world, [{ key: { kind: 'volume', id: name }, generation: undefined }]);
			if (outcome?.type === 'removed') return { freedBytes: outcome.freedBytes };
			if (outcome === undefined || outcome.type === 'already-gone') {
				throw new EngineError('not-found', { what: 'volume', id: name });
			}
			throw outcome.error;
		},
	};
}

function listVolumes(world: MemoryWorld): readonly VolumeSummary[] {
	return [...world.volumes.values()]
		.sort((a, b) => (a.name < b.name ? -1 : 1))
		.map((volume) => ({
			name: volume.name,
			anonymous: volume.anonymous,
			createdAt: volume.createdAt,
			mountpoint: `memory:volumes/${volume.name}/_data`,
			labels: volume.labels,
			sizeBytes: volume.sizeBytes,
			diskBytes: volumeDiskBytes(volume),
			measuredAt: volume.createdAt,
			usedBy: [...world.containers.values()]
				.filter(({ mounts }) => mounts.some(({ type, source }) => type === 'volume' && source === volume.name))
				.map(({ id }) => id),
		}));
}

async function* watchEvents(
	world: MemoryWorld,
	{ sinceSequence, sinceAt, untilAt = Infinity }: EventOptions,
	signal: AbortSignal,
): AsyncGenerator<EngineEvent> {
	let last = sinceSequence ?? (sinceAt === undefined ? world.events.length : 0);
	let wake: () => void = () => {};
	const rouse = () => wake();
	const stopWatching = world.watch(rouse);
	signal.addEventListener('abort', rouse, { once: true });
	try {
		while (!signal.aborted) {
			const changed = new Promise<void>((resolve) => {
				wake = resolve;
			});
			for (const event of world.events.slice(last)) {
				last = event.sequence;
				if (event.at > untilAt) return;
				if (event.at < (sinceAt ?? 0)) continue;
				yield event;
				if (signal.aborted) return;
			}
			if (world.events.length > last || signal.aborted) continue;
			if (world.now >= untilAt) return;
			await changed;
		}
	} finally {
		stopWatching();
		signal.removeEventListener('abort', rouse);
	}
}
