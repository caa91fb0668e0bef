import { closeSync, constants, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname } from 'node:path';
import { getSystemErrorName } from 'node:util';

/** A path for a system call: text, or bytes where a name may not be UTF-8. */
export type SyscallPath = string | Uint8Array;

/** A failed system call, in the shape of Node's own: `code` is `ENOSPC`, `EPERM`, … */
export interface SystemCallError extends Error {
	readonly code: string;
	readonly errno: number;
	readonly syscall: string;
	readonly path?: string;
}

/** Flags of mount(2) that we use. */
export const mountFlags = { readOnly: 1, noSuid: 2, noDev: 4, noExec: 8, bind: 4096, recursive: 16384 } as const;

const atCurrentDirectory = -100;
const symlinkNoFollow = 0x100;
const mountDetach = 2;
const unmountNoFollow = 8;
/** The same numbers on every architecture, as for all system calls from 424 on. */
const callNumbers = { pidfdSendSignal: 424, pidfdOpen: 434 } as const;

/**
 * Mounts. `data` holds the filesystem's own options and must be shorter than a page.
 * @throws SystemCallError
 */
export function mount(request: {
	readonly source: SyscallPath;
	readonly target: SyscallPath;
	readonly type: string;
	readonly flags?: number;
	readonly data?: SyscallPath;
}): void {
	const data = request.data === undefined ? null : terminated(request.data);
	const { source, target, type } = request;
	const failed = library().mount(terminated(source), terminated(target), terminated(type), request.flags ?? 0, data);
	check(failed, 'mount', target);
}

/** Unmounts, never through a symlink. `lazy` detaches at once what is still busy. @throws SystemCallError */
export function unmount(target: SyscallPath, options: { readonly lazy?: boolean } = {}): void {
	const flags = unmountNoFollow | (options.lazy === true ? mountDetach : 0);
	check(library().umount2(terminated(target), flags), 'umount2', target);
}

/** Makes a node; `mode` includes the type (`constants.S_IFCHR`, …). @throws SystemCallError */
export function mknod(
	path: SyscallPath,
	mode: number,
	device: { readonly major: number; readonly minor: number },
): void {
	check(library().mknod(terminated(path), mode, deviceNumber(device.major, device.minor)), 'mknod', path);
}

/** The inverse of `deviceNumber`, for `Stats.rdev`. */
export function deviceParts(device: number): { readonly major: number; readonly minor: number } {
	const wide = BigInt(device);
	return {
		major: Number(((wide >> 8n) & 0xfffn) | ((wide >> 32n) & 0xfffff000n)),
		minor: Number((wide & 0xffn) | ((wide >> 12n) & 0xffffff00n)),
	};
}

/** Sets an extended attribute of the thing itself, never of a symlink's target. @throws SystemCallError */
export function setXattr(path: SyscallPath, name: string, value: Uint8Array): void {
	const failed = library().lsetxattr(terminated(path), terminated(name), value, value.length, 0);
	check(failed, 'lsetxattr', path);
}

/** One extended attribute, undefined where it is not set. @throws SystemCallError */
export function getXattr(path: SyscallPath, name: string): Buffer | undefined {
	const target = terminated(path);
	const attribute = terminated(name);
	try {
		return readGrowing('lgetxattr', path, (buffer, size) => library().lgetxattr(target, attribute, buffer, size));
	} catch (error) {
		if (isSystemError(error, 'ENODATA', 'ENOTSUP')) return undefined;
		throw error;
	}
}

/** All extended attributes by name, sorted; empty where the filesystem has none. @throws SystemCallError */
export function listXattrs(path: SyscallPath): Map<string, Buffer> {
	const target = terminated(path);
	const found = new Map<string, Buffer>();
	let names: Buffer;
	try {
		names = readGrowing('llistxattr', path, (buffer, size) => library().llistxattr(target, buffer, size));
	} catch (error) {
		if (isSystemError(error, 'ENOTSUP')) return found;
		throw error;
	}
	if (names.length === 0) return found;
	for (const name of names
		.toString('latin1', 0, names.length - 1)
		.split('\0')
		.sort()) {
		const value = getXattr(path, name);
		if (value !== undefined) found.set(name, value);
	}
	return found;
}

/** Sets the modification time (and the access time to the same), of a symlink itself too. @throws SystemCallError */
export function setModifiedTime(path: SyscallPath, seconds: number, nanoseconds: number): void {
	for (const offset of [0, 16]) {
		timesBuffer.writeBigInt64LE(BigInt(seconds), offset);
		timesBuffer.writeBigInt64LE(BigInt(nanoseconds), offset + 8);
	}
	const failed = library().utimensat(atCurrentDirectory, terminated(path), timesBuffer, symlinkNoFollow);
	check(failed, 'utimensat', path);
}

/** Takes an exclusive flock without waiting; false where another open file has one. @throws SystemCallError */
export function tryLock(fd: number): boolean {
	return tryFlock(fd, 2);
}

/** Takes a shared flock without waiting; false where another open file has an exclusive one. @throws SystemCallError */
export function tryLockShared(fd: number): boolean {
	return tryFlock(fd, 1);
}

/** Waits for an exclusive flock; blocks this thread, so only for locks that are held briefly. @throws SystemCallError */
export function lockExclusive(fd: number): void {
	flockUninterrupted(fd, 2);
}

/** Waits for a shared flock; blocks this thread, so only for locks that are held briefly. @throws SystemCallError */
export function lockShared(fd: number): void {
	flockUninterrupted(fd, 1);
}

/** @throws SystemCallError */
export function unlock(fd: number): void {
	flockUninterrupted(fd, 8);
}

/** Writes out everything of the filesystem that `fd` is on. Afterwards `st_blocks` is final. @throws SystemCallError */
export function syncFilesystem(fd: number): void {
	check(library().syncfs(fd), 'syncfs');
}

/**
 * Connects to a SOCK_SEQPACKET socket, which `node:net` cannot. Read and write the descriptor with `node:fs`; each
 * read is one packet. The caller closes it. Paths longer than a socket address holds are reached through their directory.
 * @throws SystemCallError
 */
export function connectSeqpacket(path: string): number {
	const directory = openSync(dirname(path), constants.O_RDONLY | constants.O_DIRECTORY);
	try {
		const socket = check(library().socket(1, 5 | 0o2000000, 0), 'socket');
		const address = Buffer.concat([Buffer.from([1, 0]), Buffer.from(`/proc/self/fd/${directory}/${basename(path)}\0`)]);
		try {
			check(library().connect(socket, address, address.length), 'connect', path);
		} catch (error) {
			closeSync(socket);
			throw error;
		}
		return socket;
	} finally {
		closeSync(directory);
	}
}

/** Ends what this side of a socket writes; the other side reads to the end, and may go on writing. @throws SystemCallError */
export function shutdownWrites(socket: number): void {
	check(library().shutdown(socket, 1), 'shutdown');
}

/** Ends both directions of a socket: who waits for it reads its end. The descriptor stays. @throws SystemCallError */
export function shutdownSocket(socket: number): void {
	check(library().shutdown(socket, 2), 'shutdown');
}

/** A descriptor of a process, which never comes to mean another one with the same id. Close it. @throws SystemCallError */
export function openProcess(pid: number): number {
	return check(library().syscall(callNumbers.pidfdOpen, pid, 0, 0, 0), 'pidfd_open');
}

/** Sends a signal by number to the process that `openProcess` gave. @throws SystemCallError ESRCH where it is gone */
export function signalProcess(process: number, signal: number): void {
	check(library().syscall(callNumbers.pidfdSendSignal, process, signal, 0, 0), 'pidfd_send_signal');
}

/** True for an error of a system call, Node's or ours, with one of these codes (any code where none is given). */
export function isSystemError(error: unknown, ...codes: readonly string[]): error is SystemCallError {
	if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return false;
	return codes.length === 0 || codes.includes(String(error.code));
}

const timesBuffer = Buffer.alloc(32);

type Call = (...values: readonly unknown[]) => number;

/** Loaded by the first call, so that verbs which need no system call of ours start without it. */
let loaded: ReturnType<typeof loadLibrary> | undefined;

function library(): ReturnType<typeof loadLibrary> {
	loaded ??= loadLibrary();
	return loaded;
}

function loadLibrary() {
	const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
	const process = koffi.load(null);
	const declare = (name: string, result: string, ...parameters: readonly string[]): Call =>
		process.func(name, result, [...parameters]);
	const bytes = 'void *';
	return {
		errno: (): number => koffi.errno(),
		mount: declare('mount', 'int', bytes, bytes, bytes, 'ulong', bytes),
		umount2: declare('umount2', 'int', bytes, 'int'),
		mknod: declare('mknod', 'int', bytes, 'uint32', 'uint64'),
		lsetxattr: declare('lsetxattr', 'int', bytes, bytes, bytes, 'size_t', 'int'),
		lgetxattr: declare('lgetxattr', 'intptr_t', bytes, bytes, bytes, 'size_t'),
		llistxattr: declare('llistxattr', 'intptr_t', bytes, bytes, 'size_t'),
		utimensat: declare('utimensat', 'int', 'int', bytes, bytes, 'int'),
		flock: declare('flock', 'int', 'int', 'int'),
		syncfs: declare('syncfs', 'int', 'int'),
		socket: declare('socket', 'int', 'int', 'int', 'int'),
		connect: declare('connect', 'int', 'int', bytes, 'uint32'),
		shutdown: declare('shutdown', 'int', 'int', 'int'),
		syscall: declare('syscall', 'long', 'long', 'long', 'long', 'long', 'long'),
	};
}

function check(result: number, syscall: string, path?: SyscallPath): number {
	if (result !== -1) return result;
	const errno = library().errno();
	const code = getSystemErrorName(-errno);
	const shown = path === undefined ? undefined : Buffer.from(path).toString('utf8');
	const error = new Error(`${code}: ${syscall}${shown === undefined ? '' : ` '${shown}'`}`);
	throw Object.assign(error, { code, errno: -errno, syscall, ...(shown === undefined ? {} : { path: shown }) });
}

function terminated(path: SyscallPath): Buffer {
	const bytes = typeof path === 'string' ? Buffer.from(`${path}\0`) : Buffer.concat([path, Buffer.of(0)]);
	// A NUL inside would silently name something else.
	if (bytes.indexOf(0) !== bytes.length - 1) throw new TypeError('a path or name with a NUL byte');
	return bytes;
}

function readGrowing(syscall: string, path: SyscallPath, read: (buffer: Buffer, size: number) => number): Buffer {
	for (let size = 256; ; ) {
		const buffer = Buffer.allocUnsafe(size);
		const length = read(buffer, size);
		if (length >= 0) return buffer.subarray(0, length);
		if (library().errno() !== 34 || size > 1 << 20) check(length, syscall, path);
		size *= 16;
	}
}

function tryFlock(fd: number, operation: number): boolean {
	const nonBlocking = 4;
	if (library().flock(fd, operation | nonBlocking) === 0) return true;
	if (library().errno() === 11) return false;
	check(-1, 'flock');
	return false;
}

function flockUninterrupted(fd: number, operation: number): void {
	const interrupted = 4;
	while (library().flock(fd, operation) === -1) {
		if (library().errno() !== interrupted) check(-1, 'flock');
	}
}

/** As glibc's makedev. */
function deviceNumber(major: number, minor: number): bigint {
	const [high, low] = [BigInt(major), BigInt(minor)];
	return ((high & 0xfffff000n) << 32n) | ((high & 0xfffn) << 8n) | ((low & 0xffffff00n) << 12n) | (low & 0xffn);
}
