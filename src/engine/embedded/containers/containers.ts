import { EngineError } from '../../errors.ts';
import type { ContainerDetail, ContainerSummary, FileChange, ImageId, LogLine } from '../../model.ts';
import type { CommitOptions, Containers, Foreground, LogOptions } from '../../port-containers.ts';
import { commitContainer } from '../images/commit.ts';
import { listChanges } from '../layers/changes.ts';
import type { Store } from '../store.ts';
import { type RuntimeProbe, requirePrograms } from '../system/runtime-probe.ts';
import { awaitExit, finishUnseenExits } from './await-exit.ts';
import { withContainerLock } from './container-lock.ts';
import { containerPaths } from './container-paths.ts';
import {
	detailFrom,
	hasProcess,
	listRecords,
	requireRecord,
	resolveContainer,
	summaryFrom,
} from './container-record.ts';
import { recordSize, weighRunning } from './container-size.ts';
import { createContainerFiles } from './copy.ts';
import { createContainer } from './create.ts';
import { execInContainer } from './exec.ts';
import { finishExit } from './finish-exit.ts';
import { attachInForeground, runInForeground } from './foreground.ts';
import { endAtOnce, killContainer, stopContainer } from './kill.ts';
import { readLogs } from './logs.ts';
import { pauseContainer, unpauseContainer, whileFrozen } from './pause.ts';
import { lowersOf } from './prepare-root.ts';
import { listProcesses } from './processes.ts';
import { removeContainer } from './remove.ts';
import { renameContainer } from './rename.ts';
import { refuseForeign, type StartOptions, startContainer } from './start.ts';
import { readStats } from './stats.ts';
import { updateContainer } from './update.ts';

/** What containers need besides a store. */
export interface ContainersOptions {
	readonly runtime: RuntimeProbe;
	/** How this program is called: a container's monitor does so at its end, with `container-exited ROOT ID`. */
	readonly selfCommand: readonly string[];
}

/** The containers of one store, behind the port. */
export function createContainers(store: Store, options: ContainersOptions): Containers {
	const startOptions = (): StartOptions => ({
		programs: requirePrograms(options.runtime),
		selfCommand: options.selfCommand,
	});
	const start = async (id: string): Promise<void> => {
		const attendance = await startContainer(store, id, startOptions());
		await attendance?.end();
	};
	return {
		list: () => listContainers(store),
		inspect: (name) => inspectContainer(store, name),
		create: async (request) => {
			requirePrograms(options.runtime);
			return createContainer(store, request);
		},
		start: async (name) => await start(resolveContainer(store, name)),
		stop: async (name, { graceMs }) => await stopContainer(store, resolveContainer(store, name), graceMs),
		restart: async (name, { graceMs }) => {
			const id = resolveContainer(store, name);
			await stopContainer(store, id, graceMs);
			await start(id);
			recordRestart(store, id);
		},
		kill: async (name, { signal }) => await killContainer(store, resolveContainer(store, name), signal),
		wait: async (name, { signal }) => (await awaitExit(store, resolveContainer(store, name), { signal })) ?? 0,
		remove: (name, removal) => removeByName(store, name, removal),
		logs: (name, logOptions) => logsByName(store, name, logOptions),
		changes: async (name) => changesOf(store, name),
		commit: (name, commit) => commitByName(store, name, commit),
		pause: async (name) => await pauseContainer(store, resolveContainer(store, name)),
		unpause: async (name) => await unpauseContainer(store, resolveContainer(store, name)),
		rename: async (name, newName) => await renameContainer(store, resolveContainer(store, name), newName),
		processes: async (name) => listProcesses(store, resolveContainer(store, name)),
		update: async (name, change) => await updateContainer(store, resolveContainer(store, name), change),
		stats: async () => readStats(store),
		measure: async ({ budgetMs }) => measureRunning(store, Date.now() + budgetMs),
		files: createContainerFiles(store),
		foreground: createForeground(store, options, startOptions),
	};
}

function createForeground(store: Store, options: ContainersOptions, startOptions: () => StartOptions): Foreground {
	return {
		run: async (name, streams) =>
			await runInForeground(store, resolveContainer(store, name), { streams, start: startOptions() }),
		attach: async (name, streams) => await attachInForeground(store, resolveContainer(store, name), streams),
		exec: async (name, request, streams) =>
			await execInContainer(store, resolveContainer(store, name), {
				request,
				streams,
				programs: requirePrograms(options.runtime),
			}),
	};
}

async function listContainers(store: Store): Promise<readonly ContainerSummary[]> {
	await finishUnseenExits(store);
	return listRecords(store).map(summaryFrom);
}

async function inspectContainer(store: Store, name: string): Promise<ContainerDetail> {
	await finishUnseenExits(store);
	return detailFrom(store, requireRecord(store, resolveContainer(store, name)));
}

async function removeByName(
	store: Store,
	name: string,
	options: { readonly force: boolean; readonly volumes: boolean },
): Promise<{ readonly freedBytes: number }> {
	const id = resolveContainer(store, name);
	await finishUnseenExits(store);
	const record = requireRecord(store, id);
	if (hasProcess(record.status)) {
		if (!options.force) {
			throw new EngineError('wrong-status', { container: record.name, operation: 'remove', status: record.status });
		}
		refuseForeign(record, 'remove');
		await endAtOnce(store, record);
		// It may have been one that goes by itself.
		if (record.settings.autoRemove) return { freedBytes: 0 };
	}
	return await withContainerLock(store, id, async () => ({
		freedBytes: await removeContainer(store, requireRecord(store, id), options),
	}));
}

async function* logsByName(store: Store, name: string, options: LogOptions): AsyncIterable<LogLine> {
	yield* readLogs(store, resolveContainer(store, name), options);
}

function changesOf(store: Store, name: string): readonly FileChange[] {
	const record = requireRecord(store, resolveContainer(store, name));
	return listChanges(containerPaths(store.paths, record.id).upper, lowersOf(store, record));
}

async function commitByName(store: Store, name: string, options: CommitOptions): Promise<ImageId> {
	const id = resolveContainer(store, name);
	await finishExit(store, id);
	return await withContainerLock(store, id, async () => {
		const record = requireRecord(store, id);
		const commit = () =>
			commitContainer(store, {
				imageId: record.imageId,
				upper: containerPaths(store.paths, id).upper,
				lowers: lowersOf(store, record),
				run: record.settings.run,
				options,
			});
		const imageId = record.status === 'running' && options.pause ? await whileFrozen(id, commit) : await commit();
		store.database.writeVolatile(() =>
			store.database.recordEvent('commit', { kind: 'container', id }, { name: record.name, image: imageId }),
		);
		return imageId;
	});
}

/** One after the other until the time is up; those that were measured longest ago come first. */
function measureRunning(store: Store, deadline: number): void {
	const running = listRecords(store)
		.filter(({ status }) => hasProcess(status))
		.sort((one, other) => (one.measuredAt ?? 0) - (other.measuredAt ?? 0));
	for (const { id } of running) {
		if (Date.now() > deadline) return;
		const size = weighRunning(store, id, deadline);
		if (size !== undefined) store.database.writeVolatile(() => recordSize(store, id, size));
	}
}

function recordRestart(store: Store, id: string): void {
	const record = requireRecord(store, id);
	store.database.writeVolatile(() =>
		store.database.recordEvent(
			'restart',
			{ kind: 'container', id },
			{ name: record.name, image: record.imageReference },
		),
	);
}
