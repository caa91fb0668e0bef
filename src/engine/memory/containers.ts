import type { ContainerDetail, ContainerProcess, ContainerStats, ContainerSummary, LogLine } from '../model.ts';
import type { Containers, LogOptions } from '../port-containers.ts';
import { applyChanges } from './changes.ts';
import { checkName, createContainer } from './create-container.ts';
import { imageSizeBytes } from './images.ts';
import { endContainer, removeContainer, setPaused, signalContainer, startContainer, wrongStatus } from './lifecycle.ts';
import { resolveContainer } from './resolve.ts';
import { defaultPlatform, type LayerContent, layerStack, storeImage } from './store-image.ts';
import { containerDiskBytes, type MemoryContainer, type MemoryWorld } from './world.ts';

/** What a host without a limit would give. */
const hostMemoryBytes = 8_000_000_000;

/** The containers of a world behind the port. Their processes are pretended; their time is the world's. */
export function createContainers(world: MemoryWorld): Containers {
	const find = (name: string) => resolveContainer(world, name);
	return {
		list: async () =>
			[...world.containers.values()]
				.map((container) => summarize(world, container))
				.sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? -1 : 1)),
		inspect: async (name) => describe(world, find(name)),
		create: async (request) => createContainer(world, request),
		start: async (name) => startContainer(world, find(name)),
		stop: async (name) => stopContainer(world, find(name)),
		restart: async (name) => {
			stopContainer(world, find(name));
			startContainer(world, find(name));
			const { id, name: called } = find(name);
			world.recordEvent('restart', { kind: 'container', id }, { name: called });
		},
		kill: async (name, { signal }) => {
			const container = find(name);
			if (container.pid === undefined) throw wrongStatus(container, 'kill');
			signalContainer(world, container, signal);
		},
		wait: async (name, { signal }) => {
			const { id } = find(name);
			let exitCode = find(name).exitCode ?? 0;
			for await (const container of eachState(world, id, signal)) {
				exitCode = container.exitCode ?? exitCode;
				if (container.pid === undefined) break;
			}
			signal?.throwIfAborted();
			return exitCode;
		},
		remove: async (name, { force, volumes }) => {
			const container = find(name);
			if (container.pid !== undefined && !force) throw wrongStatus(container, 'remove');
			signalContainerHard(world, container);
			return { freedBytes: removeContainer(world, container, { volumes }) };
		},
		logs: (name, options) => readLogs(world, find(name), options),
		changes: async (name) => find(name).changes,
		commit: async (name, { reference, author, message, changes }) => {
			const container = find(name);
			const image = world.images.get(container.imageId);
			const below = layerStack(world, image?.topChainId)
				.flatMap((id) => world.layers.get(id) ?? [])
				.map(({ createdBy, sizeBytes }) => ({ name: createdBy, sizeBytes }));
			const content = {
				layers: [...below, ...ownLayer(container)],
				run: applyChanges(container.run, changes),
				platform: image?.platform ?? defaultPlatform,
				author: author === '' ? undefined : author,
				comment: message,
				createdAt: world.now,
				repositoryDigests: [],
			};
			const { id } = storeImage(world, content, reference === undefined ? [] : [reference]);
			world.recordEvent('commit', { kind: 'container', id: container.id }, { name: container.name, imageID: id });
			return id;
		},
		pause: async (name) => setPaused(world, find(name), true),
		unpause: async (name) => setPaused(world, find(name), false),
		rename: async (name, newName) => {
			const { id, name: oldName } = find(name);
			checkName(world, newName);
			world.updateContainer(id, { name: newName });
			world.recordEvent('rename', { kind: 'container', id }, { name: newName, oldName });
		},
		processes: async (name) => listProcesses(world, find(name)),
		update: async (name, change) => {
			const { id, name: called, limits } = find(name);
			world.updateContainer(id, { limits: { ...limits, ...change } });
			world.recordEvent('update', { kind: 'container', id }, { name: called });
		},
		stats: async () => [...world.containers.values()].flatMap((container) => readStats(world, container)),
		measure: async () => {
			for (const { id, pid, writableBytes, ...container } of world.containers.values()) {
				if (pid === undefined) continue;
				world.containers.set(id, {
					...container,
					id,
					pid,
					writableBytes,
					measuredBytes: writableBytes,
					measuredAt: world.now,
				});
			}
		},
	};
}

/** What a commit adds: nothing where the container wrote nothing, as Docker adds no empty layer. */
function ownLayer({ run, writableBytes }: MemoryContainer): readonly LayerContent[] {
	return writableBytes === 0 ? [] : [{ name: run.command.join(' '), sizeBytes: writableBytes }];
}

function stopContainer(world: MemoryWorld, container: MemoryContainer): void {
	if (container.pid === undefined) return;
	signalContainer(world, container, container.run.stopSignal ?? 'TERM');
	world.recordEvent('stop', { kind: 'container', id: container.id }, { name: container.name });
}

/** A forced removal must find no process; `--rm` may not get in between, so it is taken off first. */
function signalContainerHard(world: MemoryWorld, container: MemoryContainer): void {
	if (container.pid === undefined) return;
	world.updateContainer(container.id, { autoRemove: false });
	endContainer(world, container.id, 137);
}

function summarize(world: MemoryWorld, container: MemoryContainer): ContainerSummary {
	const image = world.images.get(container.imageId);
	return {
		id: container.id,
		name: container.name,
		imageId: container.imageId,
		imageReference: container.imageReference,
		command: [...container.run.entrypoint, ...container.run.command],
		status: container.status,
		exitCode: container.exitCode,
		outOfMemory: container.outOfMemory,
		createdAt: container.createdAt,
		startedAt: container.startedAt,
		finishedAt: container.finishedAt,
		pid: container.pid,
		writableBytes: container.measuredBytes,
		diskBytes: containerDiskBytes(container),
		measuredAt: container.measuredAt,
		imageBytes: image === undefined ? 0 : imageSizeBytes(world, image),
		labels: container.run.labels,
		network: container.network,
		mounts: container.mounts,
	};
}

function describe(world: MemoryWorld, container: MemoryContainer): ContainerDetail {
	return {
		...summarize(world, container),
		run: container.run,
		tty: container.tty,
		stdinOpen: container.stdinOpen,
		autoRemove: container.autoRemove,
		limits: container.limits,
		...(container.confinement === undefined ? {} : { confinement: container.confinement }),
		hostname: container.hostname,
		logPath: `memory:containers/${container.id}/log`,
		error: container.error,
		rootPath: `memory:containers/${container.id}/merged`,
	};
}

function readStats(world: MemoryWorld, container: MemoryContainer): readonly ContainerStats[] {
	if (container.pid === undefined) return [];
	const { cpus, memoryBytes, pidCount } = container.load;
	return [
		{
			id: container.id,
			takenAt: world.now,
			cpuNs: Math.round((world.now - (container.startedAt ?? world.now)) * 1e6 * cpus),
			memoryBytes,
			memoryLimitBytes: container.limits.memoryBytes ?? hostMemoryBytes,
			pidCount,
			blockReadBytes: undefined,
			blockWrittenBytes: undefined,
		},
	];
}

function listProcesses(world: MemoryWorld, container: MemoryContainer): readonly ContainerProcess[] {
	const { pid, startedAt = world.now, run } = container;
	if (pid === undefined) throw wrongStatus(container, 'show the processes of');
	const [{ cpuNs } = { cpuNs: 0 }] = readStats(world, container);
	const command = [...run.entrypoint, ...run.command].join(' ');
	return [{ pid, parentPid: 1, user: 'root', startedAt, cpuMs: cpuNs / 1e6, terminal: undefined, command }];
}

async function* readLogs(
	world: MemoryWorld,
	container: MemoryContainer,
	{ follow, tailLines, sinceAt, signal }: LogOptions,
): AsyncGenerator<LogLine> {
	const { logs } = container;
	const tail = tailLines === undefined ? logs : logs.slice(Math.max(0, logs.length - tailLines));
	yield* tail.filter(({ at }) => sinceAt === undefined || at >= sinceAt);
	if (!follow) return;
	let seen = container.logs.length;
	for await (const state of eachState(world, container.id, signal)) {
		yield* state.logs.slice(seen);
		seen = state.logs.length;
		if (state.pid === undefined) return;
	}
	signal?.throwIfAborted();
}

/** The container as it is now and after each change of the world; ends when it is gone or the signal aborts. */
async function* eachState(
	world: MemoryWorld,
	id: MemoryContainer['id'],
	signal: AbortSignal | undefined,
): AsyncGenerator<MemoryContainer> {
	let wake: () => void = () => {};
	const rouse = () => wake();
	const stopWatching = world.watch(rouse);
	signal?.addEventListener('abort', rouse, { once: true });
	try {
		while (signal?.aborted !== true) {
			const changed = new Promise<void>((resolve) => {
				wake = resolve;
			});
			const container = world.containers.get(id);
			if (container === undefined) return;
			yield container;
			await changed;
		}
	} finally {
		stopWatching();
		signal?.removeEventListener('abort', rouse);
	}
}
