import { closeSync, constants, fstatSync, lstatSync, openSync, readlinkSync, readSync, type Stats } from 'node:fs';
import type { FileChange } from '../../model.ts';
import { type BytePath, pathBytes, pathText } from '../system/byte-path.ts';
import { deviceParts, isSystemError } from '../system/syscalls.ts';
import { ChunkJoiner } from './chunk-joiner.ts';
import { type LowerThing, listNames } from './lower-view.ts';
import type { TarEntry, TarEntryType } from './tar-format.ts';
import { encodeTarEntry, tarEnd, tarPadding } from './tar-writer.ts';
import { keptXattrs, type UpperThing, walkUpper } from './upper-view.ts';
import type { WalkStep } from './walk-tree.ts';

const readBytes = 256 * 1024;
const openAsPath = 0o10000000;

/**
 * What a container has changed, by its overlay's upper directory: as `docker diff` tells it, sorted by path. A
 * directory counts as changed where something directly or deeper in it did. Of a tree that was added or deleted as a
 * whole, additions are all listed and deletions by their top only. `lowers` is top first.
 */
export function listChanges(upper: string, lowers: readonly string[]): FileChange[] {
	const changes = new Map<BytePath, FileChange['kind']>();
	const record = (path: BytePath, kind: FileChange['kind']) => {
		changes.set(path, kind);
		for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
			const parent = path.slice(0, at);
			if (changes.has(parent)) return;
			changes.set(parent, 'changed');
		}
	};
	for (const thing of walkUpper(upper, lowers)) {
		const { step, lower } = thing;
		const path = step.relative;
		if (lower === undefined) {
			if (!thing.isWhiteout) record(path, 'added');
		} else if (thing.isWhiteout) record(path, 'deleted');
		else if (isDifferent(step, lower)) record(path, 'changed');
		else changes.delete(path);
		// What the upper has under such a name corrects this when the walk comes to it.
		if (thing.isOpaque && lower !== undefined) {
			for (const name of listNames(lower)) record(`${path}/${name}`, 'deleted');
		}
	}
	const paths = [...changes.keys()].sort();
	return paths.map((path) => ({ path: `/${pathText(path)}`, kind: changes.get(path) ?? 'changed' }));
}

/**
 * What a container has changed as a layer's tar, in byte order of the names. The same upper directory always gives
 * the same bytes. Hard links, extended attributes, times to the nanosecond and deletions are in it; sockets are not,
 * as a tar cannot hold them. On a running container nothing outside of `upper` is read, and a file that shrinks
 * meanwhile is filled up with zeros. `lowers` is top first.
 * Spec: image-spec layer.md#representing-changes (v1.1.1)
 */
export async function* changesetTar(upper: string, lowers: readonly string[]): AsyncGenerator<Uint8Array> {
	const joiner = new ChunkJoiner(readBytes);
	const links = new Map<string, BytePath>();
	for (const thing of walkUpper(upper, lowers)) {
		for (const bytes of encodeThing(thing, links)) yield* joiner.add(bytes);
	}
	yield* joiner.add(tarEnd);
	yield* joiner.flush();
}

/** Copied up is not yet changed. Directories' sizes mean nothing. */
function isDifferent(step: WalkStep, lower: LowerThing): boolean {
	const [now, before] = [step.stats, lower.stats];
	if (now.mode !== before.mode || now.uid !== before.uid || now.gid !== before.gid || now.rdev !== before.rdev) {
		return true;
	}
	if (now.mtimeMs !== before.mtimeMs || (!now.isDirectory() && now.size !== before.size)) return true;
	if (now.isSymbolicLink() && linkTarget(step.path) !== linkTarget(lower.path)) return true;
	return !sameXattrs(keptXattrs(step.path, now), keptXattrs(lower.path, before));
}

function sameXattrs(some: ReadonlyMap<string, Buffer>, others: ReadonlyMap<string, Buffer>): boolean {
	return some.size === others.size && [...some].every(([name, value]) => others.get(name)?.equals(value) === true);
}

/** undefined where it is gone, or is a link no more. */
function linkTarget(path: BytePath): BytePath | undefined {
	try {
		return readlinkSync(pathBytes(path), 'latin1');
	} catch (error) {
		if (isSystemError(error, 'ENOENT', 'EINVAL')) return undefined;
		throw error;
	}
}

function* encodeThing(thing: UpperThing, links: Map<string, BytePath>): Generator<Uint8Array> {
	const { lower, name } = thing;
	const { stats, relative } = thing.step;
	if (thing.isWhiteout) {
		// Overlayfs leaves whiteouts of what only the upper ever had; they say nothing.
		if (lower !== undefined) yield encodeTarEntry(marker(`${directoryOf(relative)}.wh.${name}`));
		return;
	}
	const entry = stats.isSocket() ? undefined : describeEntry(thing);
	if (entry === undefined) return;
	if (entry.type === 'directory') {
		yield encodeTarEntry({ ...entry, name: `${relative}/` });
		const hidesSomething = thing.isOpaque && lower !== undefined && lower.directories.length > 0;
		if (hidesSomething) yield encodeTarEntry(marker(`${relative}/.wh..wh..opq`));
		return;
	}
	const first = stats.nlink > 1 ? links.get(inodeOf(stats)) : undefined;
	if (first !== undefined) yield encodeTarEntry({ ...entry, type: 'hardlink', linkName: first, sizeBytes: 0 });
	else if (entry.type !== 'file') yield encodeTarEntry(entry);
	else if (!(yield* encodeFile(thing, entry))) return;
	if (stats.nlink > 1 && first === undefined) links.set(inodeOf(stats), relative);
}

/** A file's header and payload, padded, for what `describeEntry` gave. False where the file is gone; then there is no entry. */
export function* encodeFile(thing: Pick<UpperThing, 'step'>, entry: TarEntry): Generator<Uint8Array, boolean> {
	const file = openRegularFile(thing);
	if (file === undefined) return false;
	try {
		yield encodeTarEntry(entry);
		let left = entry.sizeBytes;
		while (left > 0) {
			const bytes = Buffer.allocUnsafe(Math.min(left, readBytes));
			const count = readSync(file, bytes, 0, bytes.length, null);
			if (count === 0) break;
			left -= count;
			yield bytes.subarray(0, count);
		}
		for (; left > 0; left -= Math.min(left, readBytes)) yield Buffer.alloc(Math.min(left, readBytes));
		yield tarPadding(entry.sizeBytes);
		return true;
	} finally {
		closeSync(file);
	}
}

/**
 * The file that was looked at and nothing else: a container may have put a device or a fifo in its place, which
 * merely to open has effects. undefined where it is gone.
 */
function openRegularFile({ step }: Pick<UpperThing, 'step'>): number | undefined {
	let found: number;
	try {
		found = openSync(pathBytes(step.path), openAsPath | constants.O_NOFOLLOW);
	} catch (error) {
		if (isSystemError(error, 'ENOENT')) return undefined;
		throw error;
	}
	try {
		if (inodeOf(fstatSync(found)) !== inodeOf(step.stats)) return undefined;
		return openSync(`/proc/self/fd/${found}`, constants.O_RDONLY);
	} finally {
		closeSync(found);
	}
}

/** What a tar says of a thing on disk. undefined where it is gone, or has become something else. */
export function describeEntry({ step }: Pick<UpperThing, 'step'>): TarEntry | undefined {
	const { stats } = step;
	const path = pathBytes(step.path);
	const type = typeOf(stats);
	const device = deviceParts(stats.rdev);
	try {
		return {
			name: step.relative,
			type,
			sizeBytes: type === 'file' ? stats.size : 0,
			mode: stats.mode & 0o7777,
			uid: stats.uid,
			gid: stats.gid,
			mtime: timeOf(lstatSync(path, { bigint: true }).mtimeNs),
			linkName: type === 'symlink' ? (linkTarget(step.path) ?? '') : '',
			xattrs: keptXattrs(step.path, stats),
			deviceMajor: device.major,
			deviceMinor: device.minor,
		};
	} catch (error) {
		if (isSystemError(error, 'ENOENT', 'EINVAL')) return undefined;
		throw error;
	}
}

function typeOf(stats: Stats): TarEntryType {
	if (stats.isDirectory()) return 'directory';
	if (stats.isSymbolicLink()) return 'symlink';
	if (stats.isCharacterDevice()) return 'character-device';
	if (stats.isBlockDevice()) return 'block-device';
	return stats.isFIFO() ? 'fifo' : 'file';
}

function timeOf(nanoseconds: bigint): TarEntry['mtime'] {
	const billion = 1_000_000_000n;
	const rest = ((nanoseconds % billion) + billion) % billion;
	return { seconds: Number((nanoseconds - rest) / billion), nanoseconds: Number(rest) };
}

function marker(name: BytePath): TarEntry {
	return {
		name,
		type: 'file',
		sizeBytes: 0,
		mode: 0o600,
		uid: 0,
		gid: 0,
		mtime: { seconds: 0, nanoseconds: 0 },
		linkName: '',
		xattrs: new Map(),
		deviceMajor: 0,
		deviceMinor: 0,
	};
}

function directoryOf(relative: BytePath): BytePath {
	return relative.slice(0, relative.lastIndexOf('/') + 1);
}

function inodeOf(stats: Stats): string {
	return `${stats.dev}:${stats.ino}`;
}
