import { availableParallelism } from 'node:os';
import { posix } from 'node:path';
import { EngineError } from '../../errors.ts';
import type { Confinement, ContainerMount, ResourceLimits, RunConfig } from '../../model.ts';
import type { ContainerRequest } from '../../port-containers.ts';
import { isCapability } from './capabilities.ts';
import type { ContainerSettings } from './container-record.ts';
import { checkName } from './names.ts';
import { parseSignal } from './signals.ts';

/** Docker's least: less than this and nothing starts. */
const leastMemoryBytes = 6 * 1024 * 1024;

/** Facts from outside that settle what a request leaves open. */
export interface SettingsContext {
	readonly id: string;
	readonly hostHostname: string;
	/** A name for one more anonymous volume. */
	readonly inventVolumeName: () => string;
}

/**
 * What a container will be, from its image's config and the request, by Docker's rules: an entrypoint from the
 * command line also discards the image's command; environment and labels are merged; an image's VOLUME becomes an
 * anonymous volume unless something is mounted there.
 * @throws EngineError invalid-argument
 */
export function mergeSettings(
	image: RunConfig,
	request: ContainerRequest,
	context: SettingsContext,
): ContainerSettings {
	const run = mergeRun(image, request);
	if (run.entrypoint.length + run.command.length === 0) {
		throw invalid('the command', 'neither the command line nor the image says what to run');
	}
	for (const text of [...run.entrypoint, ...run.command, ...run.environment]) {
		if (text.includes('\0')) throw invalid('the command', 'arguments and environment cannot hold a NUL character');
	}
	if (run.stopSignal !== undefined) parseSignal(run.stopSignal);
	return {
		run,
		tty: request.tty,
		stdinOpen: request.stdinOpen,
		autoRemove: request.autoRemove,
		limits: checkedLimits(request.limits),
		...(request.confinement === undefined ? {} : { confinement: checkedConfinement(request.confinement) }),
		hostname: checkedHostname(
			request.hostname ?? (request.network === 'host' ? context.hostHostname : context.id.slice(0, 12)),
		),
		network: request.network,
		mounts: mergeMounts(image, request, context),
	};
}

function mergeRun(image: RunConfig, request: ContainerRequest): RunConfig {
	const workingDirectory = request.workingDirectory || image.workingDirectory;
	if (workingDirectory !== '' && !workingDirectory.startsWith('/')) {
		throw invalid(`the working directory "${workingDirectory}"`, 'it must be an absolute path');
	}
	return {
		environment: mergeEnvironment(image.environment, request.environment),
		// `--entrypoint ""` is how a command line says "none".
		entrypoint: request.entrypoint?.join('') === '' ? [] : (request.entrypoint ?? image.entrypoint),
		command: request.command ?? (request.entrypoint === undefined ? image.command : []),
		workingDirectory: workingDirectory === '' ? '' : posix.normalize(workingDirectory),
		user: request.user || image.user,
		volumes: image.volumes,
		exposedPorts: image.exposedPorts,
		stopSignal: request.stopSignal ?? image.stopSignal,
		labels: { ...image.labels, ...request.labels },
	};
}

/** Later entries replace earlier ones of the same key in place; an entry without "=" takes a variable away. */
export function mergeEnvironment(base: readonly string[], added: readonly string[]): readonly string[] {
	const merged = new Map<string, string>();
	for (const entry of [...base, ...added]) {
		const cut = entry.indexOf('=');
		if (cut === 0) throw invalid(`the environment "${entry}"`, 'a variable needs a name');
		if (cut < 0) merged.delete(entry);
		else merged.set(entry.slice(0, cut), entry);
	}
	return [...merged.values()];
}

function mergeMounts(image: RunConfig, request: ContainerRequest, context: SettingsContext): readonly ContainerMount[] {
	const mounts = request.mounts.map((mount) => ({
		...mount,
		target: checkedTarget(mount.target),
		source: mount.type === 'volume' && mount.source === '' ? context.inventVolumeName() : mount.source,
	}));
	for (const mount of mounts) {
		if (mount.type === 'volume') checkName(mount.source, 'volume');
		if (mount.type === 'bind' && !mount.source.startsWith('/')) {
			throw invalid(`the mount source "${mount.source}"`, 'it must be an absolute path, or the name of a volume');
		}
	}
	const targets = mounts.map(({ target }) => target);
	const twice = targets.find((target, index) => targets.indexOf(target) !== index);
	if (twice !== undefined) throw invalid(`the mount point ${twice}`, 'it is given twice');
	const anonymous = image.volumes
		.map(checkedTarget)
		.filter((target, index, all) => !targets.includes(target) && all.indexOf(target) === index)
		.map((target): ContainerMount => ({ type: 'volume', source: context.inventVolumeName(), target, readOnly: false }));
	return [...mounts, ...anonymous];
}

function checkedTarget(target: string): string {
	if (!target.startsWith('/')) throw invalid(`the mount point "${target}"`, 'it must be an absolute path');
	const normal = posix.normalize(target).replace(/(?<=.)\/+$/, '');
	if (normal === '/') throw invalid('the mount point "/"', 'the root itself cannot be mounted over');
	return normal;
}

/** Limits that this host can keep, Docker's ways of saying "none" taken away. @throws EngineError invalid-argument */
export function checkedLimits(limits: ResourceLimits): ResourceLimits {
	const { memoryBytes, cpus, pidsLimit } = limits;
	if (memoryBytes !== undefined && !(memoryBytes >= leastMemoryBytes)) {
		throw invalid('the memory limit', 'it must be at least 6 MB');
	}
	const most = availableParallelism();
	if (cpus !== undefined && !(cpus >= 0.01 && cpus <= most)) {
		throw invalid('the number of CPUs', `it must be from 0.01 to ${most}, which is what this host has`);
	}
	return {
		memoryBytes: memoryBytes === undefined ? undefined : Math.floor(memoryBytes),
		cpus,
		// Docker's 0 and -1 mean "no limit".
		pidsLimit: pidsLimit === undefined || pidsLimit <= 0 ? undefined : Math.floor(pidsLimit),
	};
}

function checkedConfinement(confinement: Confinement): Confinement {
	for (const name of [...confinement.addedCapabilities, ...confinement.droppedCapabilities]) {
		if (!isCapability(name)) throw invalid(`the capability ${name}`, 'there is none of that name');
	}
	return confinement;
}

function checkedHostname(hostname: string): string {
	if (/^[a-zA-Z0-9]([a-zA-Z0-9_.-]{0,62}[a-zA-Z0-9])?$/.test(hostname)) return hostname;
	throw invalid(`the host name "${hostname}"`, 'it needs 1 to 64 letters, digits, "-" or "."');
}

function invalid(argument: string, why: string): EngineError<'invalid-argument'> {
	return new EngineError('invalid-argument', { argument, why });
}
