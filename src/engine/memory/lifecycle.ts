import { EngineError } from '../errors.ts';
import type { ContainerId, LogLine } from '../model.ts';
import { freedBytesOf, removeImageTree, removeResources } from './removal.ts';
import type { MemoryContainer, MemoryWorld } from './world.ts';

/** A signal's number where a container's exit code tells of it: 128 + n. */
const signalNumbers: Readonly<Record<string, number>> = {
	HUP: 1,
	INT: 2,
	QUIT: 3,
	KILL: 9,
	USR1: 10,
	USR2: 12,
	TERM: 15,
};

/** Starts what does not run. Its program is decided by its command. @see runProgram */
export function startContainer(world: MemoryWorld, container: MemoryContainer): void {
	if (container.status === 'paused') throw wrongStatus(container, 'start');
	if (container.pid !== undefined) return;
	world.serial++;
	world.updateContainer(container.id, {
		status: 'running',
		pid: 4000 + world.serial,
		startedAt: world.now,
		finishedAt: undefined,
		exitCode: undefined,
		outOfMemory: false,
		error: undefined,
	});
	touchImage(world, container);
	world.recordEvent('start', { kind: 'container', id: container.id }, { name: container.name });
	runProgram(world, container);
}

/** What happens when the process of a container has ended, by itself or by a signal. */
export function endContainer(world: MemoryWorld, id: ContainerId, exitCode: number): void {
	const container = world.containers.get(id);
	if (container?.pid === undefined) return;
	world.updateContainer(id, {
		status: 'exited',
		pid: undefined,
		exitCode,
		finishedAt: world.now,
		measuredBytes: container.writableBytes,
		measuredAt: world.now,
	});
	touchImage(world, container);
	world.recordEvent('die', { kind: 'container', id }, { name: container.name, exitCode: String(exitCode) });
	if (container.autoRemove) removeContainer(world, container, { volumes: true });
}

/** Stops a running container where it stands, or lets a paused one go on. @throws EngineError wrong-status */
export function setPaused(world: MemoryWorld, container: MemoryContainer, paused: boolean): void {
	const operation = paused ? 'pause' : 'unpause';
	if (container.status !== (paused ? 'running' : 'paused')) throw wrongStatus(container, operation);
	world.updateContainer(container.id, { status: paused ? 'paused' : 'running' });
	world.recordEvent(operation, { kind: 'container', id: container.id }, { name: container.name });
}

/** For what a container cannot do in its status. */
export function wrongStatus(container: MemoryContainer, operation: string): EngineError<'wrong-status'> {
	return new EngineError('wrong-status', { container: container.name, operation, status: container.status });
}

function touchImage(world: MemoryWorld, { imageId }: MemoryContainer): void {
	const image = world.images.get(imageId);
	if (image !== undefined) world.images.set(imageId, { ...image, lastUsedAt: world.now });
}

/** Ends a container as a signal would; one that programs ignore by default does nothing. */
export function signalContainer(world: MemoryWorld, container: MemoryContainer, signal: string): void {
	const name = signal.toUpperCase().replace(/^SIG/, '');
	const number = signalNumbers[name] ?? Number(name);
	world.recordEvent('kill', { kind: 'container', id: container.id }, { name: container.name, signal: name });
	if (container.status === 'paused') setPaused(world, container, false);
	if (Number.isInteger(number) && number > 0) endContainer(world, container.id, 128 + number);
}

/** Removes a stopped container, the image that was hidden for it, and on demand its anonymous volumes. */
export function removeContainer(
	world: MemoryWorld,
	container: MemoryContainer,
	{ volumes }: { readonly volumes: boolean },
): number {
	const outcomes = [
		...removeResources(world, [{ key: { kind: 'container', id: container.id }, generation: undefined }]),
	];
	const hidden = world.images.get(container.imageId)?.hidden === true;
	const stillUsed = [...world.containers.values()].some(({ imageId }) => imageId === container.imageId);
	if (hidden && !stillUsed) outcomes.push(...removeImageTree(world, container.imageId));
	if (volumes) {
		const anonymous = container.mounts.filter(
			({ type, source }) => type === 'volume' && world.volumes.get(source)?.anonymous === true,
		);
		outcomes.push(
			...removeResources(
				world,
				anonymous.map(({ source }) => ({ key: { kind: 'volume', id: source }, generation: undefined })),
			),
		);
	}
	return freedBytesOf(outcomes);
}

/** Adds a line to what a container wrote. */
export function writeLog(
	world: MemoryWorld,
	id: ContainerId,
	line: { readonly text: string; readonly stream?: LogLine['stream'] },
): void {
	const container = world.containers.get(id);
	if (container === undefined) return;
	const timestamp = new Date(world.now).toISOString().replace('Z', '000000Z');
	const written: LogLine = {
		stream: line.stream ?? 'stdout',
		at: world.now,
		timestamp,
		text: line.text,
		partial: false,
	};
	// A line of a log decides nothing about the container's fate: no new generation.
	world.containers.set(id, { ...container, logs: [...container.logs, written] });
	world.announce();
}

/** `true`, `false`, `echo …` and `sh -c "exit N"` end at once; everything else runs until something ends it. */
function runProgram(world: MemoryWorld, container: MemoryContainer): void {
	const [program = '', ...rest] = [...container.run.entrypoint, ...container.run.command];
	const [word = '', ...args] =
		program.endsWith('sh') && rest[0] === '-c' ? (rest[1] ?? '').split(' ') : [program, ...rest];
	switch (word.split('/').at(-1)) {
		case 'true':
			endContainer(world, container.id, 0);
			break;
		case 'false':
			endContainer(world, container.id, 1);
			break;
		case 'exit':
			endContainer(world, container.id, Number(args[0] ?? 0));
			break;
		case 'echo':
			writeLog(world, container.id, { text: args.join(' ') });
			endContainer(world, container.id, 0);
	}
}
