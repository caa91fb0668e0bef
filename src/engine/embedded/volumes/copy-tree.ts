import {
	chmodSync,
	constants,
	copyFileSync,
	lchownSync,
	linkSync,
	lstatSync,
	mkdirSync,
	readlinkSync,
	type Stats,
	symlinkSync,
} from 'node:fs';
import { walkTree } from '../layers/walk-tree.ts';
import { type BytePath, bytePath, pathBytes } from '../system/byte-path.ts';
import { deviceParts, isSystemError, listXattrs, mknod, setModifiedTime, setXattr } from '../system/syscalls.ts';

/**
 * Copies a directory's contents with owners, modes, times, links and attributes, following no symlink. The target
 * must be an empty directory that nobody else can reach; the source must be at rest. Sockets are left out.
 */
export function copyTree(source: string, target: string): void {
	const base = bytePath(target);
	const copied = new Map<number, BytePath>();
	for (const { phase, path, relative, stats } of walkTree(source)) {
		const to = relative === '' ? base : `${base}/${relative}`;
		// A directory's own are set last, because every entry that is made in it changes its time.
		if (phase === 'leave') copyAttributes(path, to, stats);
		else if (relative !== '') copyEntry(path, to, { stats, copied });
	}
}

function copyEntry(
	from: BytePath,
	to: BytePath,
	entry: { readonly stats: Stats; readonly copied: Map<number, BytePath> },
): void {
	const { stats, copied } = entry;
	const first = stats.nlink > 1 && !stats.isDirectory() ? copied.get(stats.ino) : undefined;
	if (first !== undefined) linkSync(pathBytes(first), pathBytes(to));
	else if (makeEntry(from, to, stats)) {
		copied.set(stats.ino, to);
		if (!stats.isDirectory()) copyAttributes(from, to, stats);
	}
}

function makeEntry(from: BytePath, to: BytePath, stats: Stats): boolean {
	if (stats.isDirectory()) mkdirSync(pathBytes(to), 0o700);
	else if (stats.isFile())
		copyFileSync(pathBytes(from), pathBytes(to), constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
	else if (stats.isSymbolicLink()) symlinkSync(readlinkSync(pathBytes(from), 'buffer'), pathBytes(to));
	else if (stats.isSocket()) return false;
	else mknod(pathBytes(to), stats.mode, deviceParts(stats.rdev));
	return true;
}

/** In this order: a change of owner takes set-user-id bits and file capabilities away. */
function copyAttributes(from: BytePath, to: BytePath, stats: Stats): void {
	lchownSync(pathBytes(to), stats.uid, stats.gid);
	if (!stats.isSymbolicLink()) chmodSync(pathBytes(to), stats.mode & 0o7777);
	for (const [name, value] of listXattrs(pathBytes(from))) {
		if (name.startsWith('trusted.overlay.')) continue;
		try {
			setXattr(pathBytes(to), name, value);
		} catch (error) {
			// What this filesystem cannot hold is left behind, as Docker does.
			if (!isSystemError(error, 'ENOTSUP', 'EPERM')) throw error;
		}
	}
	const { mtimeNs } = lstatSync(pathBytes(from), { bigint: true });
	setModifiedTime(pathBytes(to), Number(mtimeNs / 1_000_000_000n), Number(mtimeNs % 1_000_000_000n));
}
