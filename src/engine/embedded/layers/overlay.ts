import { closeSync, constants, mkdirSync, mkdtempSync, openSync, readFileSync, realpathSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { EngineError } from '../../errors.ts';
import { isSystemError, mount, mountFlags, unmount } from '../system/syscalls.ts';

/** One overlay: what is read, what is written, where the sum appears. All absolute, all existing directories. */
export interface OverlayMount {
	/** Top first, as the kernel wants them. */
	readonly lowers: readonly string[];
	readonly upper: string;
	/** Empty, on the filesystem of `upper`. */
	readonly work: string;
	readonly target: string;
}

/** The kernel takes one page of mount data, with its final NUL. */
const longestData = 4095;

/**
 * Mounts an overlay. Redirects and metacopies are off: an upper stays readable by itself, and a layer's attributes
 * can never point elsewhere. Without lowers the upper itself appears at the target.
 * @throws EngineError missing-component, permission-denied, limit-exceeded, io-failed
 */
export function mountOverlay(request: OverlayMount): void {
	const { lowers, upper, work, target } = request;
	const opened: number[] = [];
	try {
		if (lowers.length === 0) {
			mount({ source: upper, target, type: 'none', flags: mountFlags.bind });
			return;
		}
		let data = overlayData({ lowers, upper, work });
		if (Buffer.byteLength(data) > longestData) {
			// A descriptor's name is short; the kernel resolves it while it mounts.
			const short = (path: string) => {
				const file = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
				opened.push(file);
				return `/proc/self/fd/${file}`;
			};
			data = overlayData({ lowers: lowers.map(short), upper, work });
		}
		if (Buffer.byteLength(data) > longestData) {
			throw new EngineError('limit-exceeded', {
				what: 'the number of layers',
				limit: `${lowers.length} layers are more than the kernel mounts at once`,
			});
		}
		mount({ source: 'overlay', target, type: 'overlay', data });
	} catch (error) {
		throw mountError(error, target);
	} finally {
		for (const file of opened) closeSync(file);
	}
}

/** Unmounts; what is not mounted or not there is done already, and what is busy is detached. @throws EngineError io-failed */
export function unmountOverlay(target: string): void {
	try {
		try {
			unmount(target);
		} catch (error) {
			if (!isSystemError(error, 'EBUSY')) throw error;
			unmount(target, { lazy: true });
		}
	} catch (error) {
		if (isSystemError(error, 'EINVAL', 'ENOENT')) return;
		throw mountError(error, target);
	}
}

/** True where something is mounted on exactly this path, in this process's mount namespace. */
export function isMounted(target: string): boolean {
	const path = realPath(target);
	return mountPoints().includes(path);
}

/** Mount points at or below `root`, deepest first, so that they can be unmounted in this order. */
export function mountsBelow(root: string): readonly string[] {
	const path = realPath(root);
	return mountPoints()
		.filter((point) => point === path || point.startsWith(`${path}/`))
		.map((point) => root + point.slice(path.length))
		.reverse();
}

/** Tries a whole overlay in `root`: undefined where it works, else why not, in words. */
export function probeOverlay(root: string): string | undefined {
	let directory: string | undefined;
	try {
		directory = mkdtempSync(join(root, '.overlay-probe-'));
		const at = (name: string) => join(directory ?? root, name);
		for (const name of ['lower', 'upper', 'work', 'merged']) mkdirSync(at(name));
		mountOverlay({ lowers: [at('lower')], upper: at('upper'), work: at('work'), target: at('merged') });
		unmountOverlay(at('merged'));
		return undefined;
	} catch (error) {
		return error instanceof Error ? error.message : String(error);
	} finally {
		for (const name of ['merged', 'work/work', 'work', 'upper', 'lower', '']) removeIfEmpty(directory, name);
	}
}

function removeIfEmpty(parent: string | undefined, name: string): void {
	try {
		if (parent !== undefined) rmdirSync(join(parent, name));
	} catch {}
}

function overlayData(paths: Omit<OverlayMount, 'target'>): string {
	const lower = paths.lowers.map((path) => escaped(path).replaceAll(':', '\\:')).join(':');
	const directories = `lowerdir=${lower},upperdir=${escaped(paths.upper)},workdir=${escaped(paths.work)}`;
	return `${directories},index=off,redirect_dir=nofollow,metacopy=off`;
}

/** Spec: kernel Documentation/filesystems/overlayfs.rst, "Multiple lower layers" */
function escaped(path: string): string {
	return path.replace(/[\\,]/g, '\\$&');
}

/** In the order they were mounted. Spec: proc_pid_mountinfo(5) */
function mountPoints(): string[] {
	const lines = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
	return lines.flatMap((line) => {
		const point = line.split(' ', 5)[4];
		if (point === undefined) return [];
		return [point.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))];
	});
}

function realPath(path: string): string {
	try {
		return realpathSync(path);
	} catch {
		return path;
	}
}

function mountError(error: unknown, target: string): unknown {
	if (!isSystemError(error)) return error;
	switch (error.code) {
		case 'ENODEV':
			return new EngineError(
				'missing-component',
				{ component: 'The overlay filesystem', neededFor: 'to run containers', packages: [] },
				{ cause: error, hint: 'Load it with "modprobe overlay", or use a kernel that has it.' },
			);
		case 'EPERM':
		case 'EACCES':
			return new EngineError('permission-denied', { operation: 'mount an overlay on', path: target }, { cause: error });
		case 'EINVAL':
			return new EngineError(
				'unsupported',
				{
					operation: 'running containers',
					why: `the kernel does not take the filesystem of ${target} for the writable layer of an overlay`,
				},
				{ cause: error, hint: 'Choose a --root on ext4, xfs, btrfs or tmpfs; inside of a container, one on a volume.' },
			);
		case 'ENOSPC':
		case 'EROFS':
			return error;
		default:
			return new EngineError(
				'io-failed',
				{ operation: 'mount an overlay on', path: target, code: error.code },
				{ cause: error },
			);
	}
}
