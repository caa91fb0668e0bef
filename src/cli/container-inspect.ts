import { EngineError, isEngineError } from '../engine/errors.ts';
import type { ContainerDetail, ContainerMount, VolumeSummary } from '../engine/model.ts';
import type { Engine } from '../engine/port.ts';
import { dockerConfinement } from './container-confinement.ts';
import { dockerConfig } from './docker-shape.ts';
import { UsageError } from './failure.ts';
import { dockerImage } from './image-inspect.ts';
import { printInspection } from './inspection.ts';
import { dictionary } from './template-values.ts';
import { rfc3339 } from './timestamps.ts';
import type { VerbCall } from './verb.ts';

type Finder = (engine: Engine, name: string) => Promise<object>;

/** In Docker's order of looking. */
const finders: Readonly<Record<string, Finder>> = {
	container: findContainer,
	image: async ({ images }, name) => dockerImage(await images.inspect(name)),
	volume: findVolume,
};

/** `tonnage inspect`: whatever is called so; containers first, then images, then volumes. */
export async function inspectAnything({ context, operands, options }: VerbCall): Promise<number> {
	const type = options.text('type');
	if (type !== undefined && !Object.hasOwn(finders, type)) {
		throw new UsageError(`There is no type "${type}".`, `A type is one of ${Object.keys(finders).join(', ')}.`);
	}
	const candidates = Object.entries(finders).filter(([name]) => type === undefined || name === type);
	const engine = await context.engine();
	return printInspection(context, operands, {
		format: options.text('format'),
		inspect: async (name) => {
			for (const [, find] of candidates) {
				try {
					return await find(engine, name);
				} catch (error) {
					const isElsewhere = isEngineError(error, 'not-found') || isEngineError(error, 'invalid-reference');
					if (!isElsewhere || candidates.length === 1) throw error;
				}
			}
			throw new EngineError(
				'not-found',
				{ what: 'container, image or volume', id: name },
				{ hint: 'List what there is with "tonnage ps -a", "tonnage images" or "tonnage volume ls".' },
			);
		},
	});
}

/** `tonnage container inspect`. */
export async function inspectContainers({ context, operands, options }: VerbCall): Promise<number> {
	const engine = await context.engine();
	return printInspection(context, operands, {
		format: options.text('format'),
		inspect: (name) => findContainer(engine, name),
	});
}

/** `tonnage volume inspect`. */
export async function inspectVolumes({ context, operands, options }: VerbCall): Promise<number> {
	const engine = await context.engine();
	return printInspection(context, operands, {
		format: options.text('format'),
		inspect: (name) => findVolume(engine, name),
	});
}

async function findVolume({ volumes }: Engine, name: string): Promise<object> {
	const found = (await volumes.list()).find((volume) => volume.name === name);
	if (found === undefined) throw new EngineError('not-found', { what: 'volume', id: name });
	return dockerVolume(found);
}

async function findContainer({ containers, volumes }: Engine, name: string): Promise<object> {
	const container = await containers.inspect(name);
	const hasVolumes = container.mounts.some(({ type }) => type === 'volume');
	const known = hasVolumes ? await volumes.list() : [];
	return dockerContainer(container, new Map(known.map((volume) => [volume.name, volume.mountpoint])));
}

/** A container with Docker's field names, as far as there is something to say; `mountpoints` by volume name. */
function dockerContainer(container: ContainerDetail, mountpoints: ReadonlyMap<string, string>): object {
	const { run, limits, status } = container;
	const [path = '', ...args] = container.command;
	return {
		Id: container.id,
		Created: rfc3339(container.createdAt),
		Path: path,
		Args: args,
		State: {
			Status: status,
			Running: status === 'running' || status === 'paused',
			Paused: status === 'paused',
			Restarting: status === 'restarting',
			OOMKilled: container.outOfMemory,
			Dead: status === 'dead',
			Pid: container.pid ?? 0,
			ExitCode: container.exitCode ?? 0,
			Error: container.error ?? '',
			StartedAt: rfc3339(container.startedAt),
			FinishedAt: rfc3339(container.finishedAt),
		},
		Image: container.imageId,
		LogPath: container.logPath,
		Name: `/${container.name}`,
		Driver: 'overlay',
		Platform: 'linux',
		HostConfig: {
			Binds: container.mounts.filter(({ type }) => type !== 'tmpfs').map(bindText),
			NetworkMode: container.network,
			AutoRemove: container.autoRemove,
			Memory: limits.memoryBytes ?? 0,
			NanoCpus: Math.round((limits.cpus ?? 0) * 1e9),
			PidsLimit: limits.pidsLimit ?? null,
			...dockerConfinement(container.confinement),
		},
		GraphDriver: { Name: 'overlay', Data: { MergedDir: container.rootPath } },
		SizeRw: container.writableBytes ?? null,
		SizeRootFs: container.writableBytes === undefined ? null : container.writableBytes + container.imageBytes,
		DiskSize: container.diskBytes ?? null,
		MeasuredAt: rfc3339(container.measuredAt),
		Mounts: container.mounts.map((mount) => ({
			Type: mount.type,
			...(mount.type === 'volume' ? { Name: mount.source, Driver: 'local' } : {}),
			Source: mountpoints.get(mount.source) ?? mount.source,
			Destination: mount.target,
			Mode: mount.readOnly ? 'ro' : '',
			RW: !mount.readOnly,
		})),
		Config: {
			Hostname: container.hostname,
			Tty: container.tty,
			OpenStdin: container.stdinOpen,
			Image: container.imageReference,
			...dockerConfig(run),
			Labels: dictionary(Object.entries(container.labels)),
		},
		NetworkSettings: { Networks: dictionary([[container.network, {}]]) },
	};
}

function dockerVolume(volume: VolumeSummary): object {
	return {
		CreatedAt: rfc3339(volume.createdAt),
		Driver: 'local',
		Labels: dictionary(Object.entries(volume.labels)),
		Mountpoint: volume.mountpoint,
		Name: volume.name,
		Options: null,
		Scope: 'local',
		UsageData: { RefCount: volume.usedBy.length, Size: volume.sizeBytes ?? null, DiskSize: volume.diskBytes ?? null },
	};
}

function bindText({ source, target, readOnly }: ContainerMount): string {
	return `${source}:${target}${readOnly ? ':ro' : ''}`;
}
