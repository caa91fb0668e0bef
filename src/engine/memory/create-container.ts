import { digestOf } from '../digest.ts';
import { EngineError } from '../errors.ts';
import type { ContainerId, ContainerMount, ReferenceText } from '../model.ts';
import type { ContainerRequest } from '../port-containers.ts';
import { familiarReference } from '../reference.ts';
import { resolveImage } from './resolve.ts';
import type { MemoryWorld } from './world.ts';

const namePattern = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;
const shipWords = [
	'anchor',
	'barge',
	'clipper',
	'dory',
	'ferry',
	'galley',
	'ketch',
	'lugger',
	'sloop',
	'yawl',
] as const;

/** Makes a container and its volumes. @throws EngineError not-found, ambiguous, already-exists, invalid-argument */
export function createContainer(world: MemoryWorld, request: ContainerRequest): ContainerId {
	const { image, tag } = resolveImage(world, request.image);
	const name = request.name ?? nextName(world);
	checkName(world, name);
	world.serial++;
	const id = digestOf(`container ${world.serial}`).slice(7) as ContainerId;
	const asked = new Set(request.mounts.map(({ target }) => target));
	const mounts = [
		...request.mounts,
		...image.run.volumes
			.filter((target) => !asked.has(target))
			.map((target): ContainerMount => ({ type: 'volume', source: '', target, readOnly: false })),
	].map((mount) => withVolume(world, mount));
	world.containers.set(id, {
		id,
		name,
		imageId: image.id,
		imageReference: tag === undefined ? request.image : familiarReference(tag.reference as ReferenceText),
		status: 'created',
		exitCode: undefined,
		outOfMemory: false,
		createdAt: world.now,
		startedAt: undefined,
		finishedAt: undefined,
		pid: undefined,
		writableBytes: 0,
		measuredBytes: 0,
		measuredAt: world.now,
		network: request.network,
		mounts,
		run: {
			...image.run,
			environment: [...image.run.environment, ...request.environment],
			entrypoint: request.entrypoint ?? image.run.entrypoint,
			// Docker: a new entrypoint drops the image's command.
			command: request.command ?? (request.entrypoint === undefined ? image.run.command : []),
			workingDirectory: request.workingDirectory ?? image.run.workingDirectory,
			user: request.user ?? image.run.user,
			stopSignal: request.stopSignal ?? image.run.stopSignal,
			labels: { ...image.run.labels, ...request.labels },
		},
		tty: request.tty,
		stdinOpen: request.stdinOpen,
		autoRemove: request.autoRemove,
		limits: request.limits,
		...(request.confinement === undefined ? {} : { confinement: request.confinement }),
		hostname: request.hostname ?? id.slice(0, 12),
		error: undefined,
		logs: [],
		changes: [],
		load: { cpus: 0.01, memoryBytes: 4_194_304, pidCount: 1 },
		generation: world.nextGeneration(),
	});
	world.recordEvent('create', { kind: 'container', id }, { name, image: request.image });
	return id;
}

/** Makes sure that a volume is there. */
export function ensureVolume(
	world: MemoryWorld,
	name: string,
	{ anonymous, labels = {} }: { readonly anonymous: boolean; readonly labels?: Readonly<Record<string, string>> },
): void {
	if (world.volumes.has(name)) return;
	world.volumes.set(name, {
		name,
		anonymous,
		createdAt: world.now,
		lastUsedAt: undefined,
		labels,
		sizeBytes: 0,
		generation: world.nextGeneration(),
	});
	world.recordEvent('create', { kind: 'volume', id: name });
}

/** @throws EngineError invalid-argument */
export function checkVolumeName(name: string): void {
	if (namePattern.test(name)) return;
	const why = 'it needs two or more of a-z, A-Z, 0-9, "_", "." and "-", and starts with a letter or digit';
	throw new EngineError('invalid-argument', { argument: `the volume name "${name}"`, why });
}

function withVolume(world: MemoryWorld, mount: ContainerMount): ContainerMount {
	if (mount.type !== 'volume') return mount;
	const anonymous = mount.source === '';
	if (anonymous) world.serial++;
	const source = anonymous ? digestOf(`volume ${world.serial}`).slice(7) : mount.source;
	ensureVolume(world, source, { anonymous });
	return { ...mount, source };
}

/** @throws EngineError invalid-argument, already-exists */
export function checkName(world: MemoryWorld, name: string): void {
	if (!namePattern.test(name)) {
		throw new EngineError('invalid-argument', {
			argument: '--name',
			why: 'a name has at least two of a-z, A-Z, 0-9, "_", "." and "-", and starts with a letter or digit',
		});
	}
	for (const container of world.containers.values()) {
		if (container.name !== name) continue;
		const holder = `container ${container.id.slice(0, 12)}`;
		throw new EngineError('already-exists', { what: 'container', name, holder });
	}
}

function nextName(world: MemoryWorld): string {
	const taken = new Set([...world.containers.values()].map(({ name }) => name));
	for (let round = 0; ; round++) {
		const word = shipWords[(world.serial + round) % shipWords.length];
		const name = `steady_${word}${round < shipWords.length ? '' : round}`;
		if (!taken.has(name)) return name;
	}
}
