import { closeSync, constants, lstatSync, openSync, readdirSync, type Stats } from 'node:fs';
import { type BytePath, bytePath, pathBytes } from '../system/byte-path.ts';
import { isSystemError } from '../system/syscalls.ts';

/** One step of a walk: the way into a thing, or out of a directory that was gone into. */
export interface WalkStep {
	readonly phase: 'enter' | 'leave';
	/** For system calls, through `pathBytes`; valid until the walk goes on. */
	readonly path: BytePath;
	/** Below the root, without a leading slash; empty for the root itself. */
	readonly relative: BytePath;
	/** As they were on the way in. */
	readonly stats: Stats;
	/** Set it on the way into a directory to stay out of it. */
	skip: boolean;
}

export interface WalkOptions {
	/**
	 * For a tree that a running container can change meanwhile: each directory is held open and entered from its
	 * parent's descriptor, so that one which is swapped for a symlink never leads out of the tree. Takes a descriptor
	 * for each level, and about twice the time.
	 */
	readonly guarded?: boolean;
	/** A failed system call, except that a thing has vanished meanwhile. Absent: it is thrown. */
	readonly failed?: (path: BytePath, error: unknown) => void;
}

interface Frame {
	readonly step: WalkStep;
	/** What the names are appended to: the path, or its descriptor's. */
	readonly base: BytePath;
	readonly descriptor: number | undefined;
	readonly names: readonly BytePath[];
	next: number;
}

/**
 * Longer ones are replaced by a descriptor's name: the kernel walks every path from its start, and takes none longer
 * than 4096 bytes. Honest trees rarely get here.
 */
const longestBase = 600;

/**
 * Walks a tree, parents first, names in byte order, without following any symlink. Neither depth nor the length of
 * paths is limited: what is deeper than a path can name is reached through descriptors. A missing root is ENOENT.
 */
export function* walkTree(root: string, options: WalkOptions = {}): Generator<WalkStep, void, void> {
	const frames: Frame[] = [];
	try {
		const first = enterStep(bytePath(root), '', lstatSync(root));
		yield first;
		pushFrame(frames, first, options);
		for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
			const name = frame.names[frame.next++];
			if (name === undefined) {
				frames.pop();
				closeFrame(frame);
				yield { ...frame.step, phase: 'leave' };
				continue;
			}
			const path = `${frame.base}/${name}`;
			const stats = attempt(path, options, () => lstatSync(pathBytes(path)));
			if (stats === undefined) continue;
			const relative = frame.step.relative === '' ? name : `${frame.step.relative}/${name}`;
			const step = enterStep(path, relative, stats);
			yield step;
			pushFrame(frames, step, options);
		}
	} finally {
		for (const frame of frames) closeFrame(frame);
	}
}

function enterStep(path: BytePath, relative: BytePath, stats: Stats): WalkStep {
	return { phase: 'enter', path, relative, stats, skip: false };
}

function pushFrame(frames: Frame[], step: WalkStep, options: WalkOptions): void {
	if (step.skip || !step.stats.isDirectory()) return;
	const throughDescriptor = options.guarded === true || step.path.length > longestBase;
	const descriptor = throughDescriptor ? attempt(step.path, options, () => openDirectory(step.path)) : undefined;
	if (throughDescriptor && descriptor === undefined) return;
	const base = descriptor === undefined ? step.path : `/proc/self/fd/${descriptor}`;
	try {
		const names = attempt(step.path, options, () => readdirSync(pathBytes(base), 'latin1').sort());
		frames.push({ step, base, descriptor, names: names ?? [], next: 0 });
	} catch (error) {
		if (descriptor !== undefined) closeSync(descriptor);
		throw error;
	}
}

function openDirectory(path: BytePath): number {
	return openSync(pathBytes(path), constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
}

function closeFrame(frame: Frame): void {
	if (frame.descriptor !== undefined) closeSync(frame.descriptor);
}

/** ENOTDIR and ELOOP: a directory that was swapped for something else after it was looked at. */
function attempt<T>(path: BytePath, options: WalkOptions, act: () => T): T | undefined {
	try {
		return act();
	} catch (error) {
		if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return undefined;
		if (options.failed === undefined) throw error;
		options.failed(path, error);
		return undefined;
	}
}
