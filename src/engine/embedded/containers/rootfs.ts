import {
	chmodSync,
	closeSync,
	constants,
	fstatSync,
	mkdirSync,
	openSync,
	readlinkSync,
	readSync,
	type Stats,
} from 'node:fs';
import { posix } from 'node:path';
import { EngineError } from '../../errors.ts';
import { type BytePath, bytePath, pathBytes, pathText, printablePath } from '../system/byte-path.ts';

/** Only a handle: opening with it runs no driver and waits for nobody. Spec: open(2). Source: asm-generic/fcntl.h */
const pathOnly = 0o10000000;
const mostLinks = 40;

/**
 * Paths inside a container's root filesystem, resolved as its own processes would: absolute links and `..` end at
 * *its* root. Each step is taken from an open handle and never lets the kernel follow a link, so neither what an
 * image holds nor what a running container changes meanwhile leads out of it.
 */
export interface Walked {
	/** A handle without rights, for `/proc/self/fd`; closed after the visit. */
	readonly handle: number;
	readonly stats: Stats;
	/** Absolute within the root, without links. */
	readonly path: BytePath;
	/** Where its last name stands: a directory's handle; undefined for the root itself. */
	readonly parent: number | undefined;
}

/** What to do where a component is missing. */
type Missing = 'stop' | 'make-directories' | 'make-file';

/**
 * The text of a regular file; undefined where there is none, or something else than a file.
 * @throws EngineError limit-exceeded past `limitBytes`
 */
export function readFileInRoot(root: string, path: string, limitBytes: number): string | undefined {
	return withPath({ root, path: bytePath(path), missing: 'stop' }, ({ handle, stats }) => {
		if (!stats.isFile()) return undefined;
		if (stats.size > limitBytes) {
			throw new EngineError('limit-exceeded', { what: `${path} of the container`, limit: `${limitBytes} bytes` });
		}
		const file = openSync(`/proc/self/fd/${handle}`, constants.O_RDONLY | constants.O_NONBLOCK);
		try {
			const bytes = Buffer.alloc(stats.size);
			let length = 0;
			for (let read = -1; read !== 0 && length < bytes.length; length += read) {
				read = readSync(file, bytes, length, bytes.length - length, null);
			}
			return bytes.subarray(0, length).toString('utf8');
		} finally {
			closeSync(file);
		}
	});
}

/** Makes sure of a directory, and gives its path without links. @throws EngineError invalid-argument where something else is there */
export function makeDirectoryInRoot(root: string, path: string): string {
	return required(
		withPath({ root, path: bytePath(path), missing: 'make-directories' }, (found) => {
			if (!found.stats.isDirectory()) throw notUsable(path, 'it is not a directory');
			return pathText(found.path);
		}),
		path,
	);
}

/**
 * Refuses a working directory that leads to the kernel's view of processes: there, a runtime's own open directories
 * are doors to the host (CVE-2024-21626). @throws EngineError invalid-argument
 */
export function refuseProcessDirectory(root: string, path: string): void {
	const check = (target: string) => {
		if (posix.normalize(target).startsWith('/proc/')) throw notUsable(path, 'it leads into /proc');
	};
	check(path);
	const onLink = (link: string, target: string) => check(posix.resolve(posix.dirname(link), target));
	withPath({ root, path: bytePath(path), missing: 'stop', onLink }, (found) => check(found.path));
}

/** The same for what is mounted into a root, where links out of it cannot be followed beforehand. @throws EngineError invalid-argument */
export function refuseLinksOut(root: string, path: string): void {
	const onLink = (link: string, target: string) => {
		const climbs = posix.join(posix.dirname(link).slice(1), target).startsWith('..');
		if (target.startsWith('/') || climbs) throw notUsable(path, 'it is a symbolic link out of its mount');
	};
	withPath({ root, path: bytePath(path), missing: 'stop', onLink }, () => {});
}

/** Makes sure that there is something of that kind to mount over, and gives its path without links. @throws EngineError invalid-argument */
export function makeMountPoint(root: string, target: string, kind: 'directory' | 'file'): string {
	const missing = kind === 'directory' ? 'make-directories' : 'make-file';
	return required(
		withPath({ root, path: bytePath(target), missing }, (found) => {
			if (found.path === '/') throw notUsable(target, 'it leads to the root itself');
			if (found.stats.isDirectory() !== (kind === 'directory')) {
				throw notUsable(target, kind === 'directory' ? 'it is a file there' : 'it is a directory there');
			}
			return pathText(found.path);
		}),
		target,
	);
}

/** Runs `act` on a path that is safe to read below: `/proc/self/fd/N` of a directory. undefined where there is none. */
export function withDirectoryInRoot<T>(root: string, path: string, act: (safePath: string) => T): T | undefined {
	return withPath({ root, path: bytePath(path), missing: 'stop' }, ({ handle, stats }) =>
		stats.isDirectory() ? act(`/proc/self/fd/${handle}`) : undefined,
	);
}

/** What lies at a path itself, link or not; undefined where nothing does. */
export function lookInRoot(root: string, path: string): 'directory' | 'link' | 'other' | undefined {
	const parent = bytePath(posix.dirname(path));
	return withPath({ root, path: parent, missing: 'stop' }, ({ handle }) => {
		const child = tryOpen(handle, bytePath(posix.basename(path)));
		if (child === undefined) return undefined;
		try {
			const stats = fstatSync(child);
			return stats.isSymbolicLink() ? 'link' : stats.isDirectory() ? 'directory' : 'other';
		} finally {
			closeSync(child);
		}
	});
}

/** One way to go. */
export interface Walk {
	/** A directory of the host. */
	readonly root: string;
	readonly path: BytePath;
	readonly missing: Missing;
	/** Goes to the last name itself where that is a link. */
	readonly keepsLastLink?: boolean;
	/** Directories of the host by where they are mounted in the root, for one whose mounts do not stand. */
	readonly mounts?: ReadonlyMap<BytePath, string>;
	/** Told of each link before it is followed: where it is, and its text. */
	readonly onLink?: (link: string, target: string) => void;
}

/** Goes to a path and runs `act` there; undefined where it is missing. @throws EngineError invalid-argument */
export function withPath<T>(walk: Walk, act: (found: Walked) => T): T | undefined {
	const { root, path, missing } = walk;
	const stack = [{ handle: openSync(root, pathOnly | constants.O_DIRECTORY), name: '' }];
	const closeTo = (depth: number) => {
		for (const { handle } of stack.splice(depth)) closeSync(handle);
	};
	try {
		const queue = path.split('/').filter((part) => part !== '' && part !== '.');
		let linkCount = 0;
		for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
			const top = stack.at(-1)?.handle ?? -1;
			if (name === '..') {
				closeTo(Math.max(1, stack.length - 1));
				continue;
			}
			let handle = tryOpen(top, name);
			if (handle === undefined && missing !== 'stop') {
				make(top, name, missing === 'make-file' && queue.length === 0 ? 'file' : 'directory');
				handle = tryOpen(top, name);
			}
			if (handle === undefined) return undefined;
			const staysHere = walk.keepsLastLink === true && queue.length === 0;
			if (fstatSync(handle).isSymbolicLink() && !staysHere) {
				closeSync(handle);
				if (++linkCount > mostLinks) throw notUsable(printablePath(path), 'it has too many symbolic links');
				const target = readlinkSync(pathBytes(`/proc/self/fd/${top}/${name}`), 'latin1');
				walk.onLink?.(`${pathOf(stack)}/${name}`, target);
				if (target.startsWith('/')) closeTo(1);
				queue.unshift(...target.split('/').filter((part) => part !== '' && part !== '.'));
				continue;
			}
			stack.push({ handle, name });
			const mounted = walk.mounts?.get(pathOf(stack));
			if (mounted === undefined) continue;
			closeTo(stack.length - 1);
			stack.push({ handle: openSync(mounted, pathOnly | constants.O_DIRECTORY), name });
		}
		const handle = stack.at(-1)?.handle ?? -1;
		const parent = stack.at(-2)?.handle;
		return act({ handle, stats: fstatSync(handle), path: pathOf(stack) || '/', parent });
	} finally {
		closeTo(0);
	}
}

function pathOf(stack: readonly { readonly name: string }[]): string {
	return stack.map(({ name }) => name).join('/');
}

function tryOpen(parent: number, name: string): number | undefined {
	try {
		return openSync(pathBytes(`/proc/self/fd/${parent}/${name}`), pathOnly | constants.O_NOFOLLOW);
	} catch (error) {
		const code = error instanceof Error && 'code' in error ? error.code : undefined;
		if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
		throw error;
	}
}

function make(parent: number, name: string, kind: 'directory' | 'file'): void {
	const path = pathBytes(`/proc/self/fd/${parent}/${name}`);
	try {
		if (kind === 'directory') {
			mkdirSync(path, 0o755);
			chmodSync(path, 0o755);
		} else {
			closeSync(
				openSync(path, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_NOFOLLOW, 0o644),
			);
			chmodSync(path, 0o644);
		}
	} catch (error) {
		const code = error instanceof Error && 'code' in error ? error.code : undefined;
		if (code === 'ENOTDIR' || code === 'EEXIST') return;
		throw error;
	}
}

function required(path: string | undefined, asked: string): string {
	if (path === undefined) throw notUsable(asked, 'a part of it is not a directory');
	return path;
}

function notUsable(path: string, why: string): EngineError<'invalid-argument'> {
	return new EngineError('invalid-argument', { argument: `the path ${path} in the container`, why });
}
