import { lstatSync, readdirSync, type Stats } from 'node:fs';
import { type BytePath, bytePath, pathBytes } from '../system/byte-path.ts';
import { getXattr, isSystemError } from '../system/syscalls.ts';

/** What a name below an overlay's upper directory was before. */
export interface LowerThing {
	/** Of the one that is seen: the topmost. */
	readonly path: BytePath;
	readonly stats: Stats;
	/** Of a directory: all that are merged into it, topmost first; empty for anything else. */
	readonly directories: readonly BytePath[];
}

/** True for overlayfs's whiteout. Spec: kernel overlayfs.rst, "whiteouts and opaque directories" */
export function isWhiteout(stats: Stats): boolean {
	return stats.isCharacterDevice() && stats.rdev === 0;
}

/** True for a directory that hides the one below it; false where it is gone. */
export function isOpaque(path: BytePath): boolean {
	try {
		return getXattr(pathBytes(path), 'trusted.overlay.opaque')?.toString() === 'y';
	} catch (error) {
		if (isSystemError(error, 'ENOENT')) return false;
		throw error;
	}
}

/** The root of a stack of lower directories, top first. */
export function lowerRoot(lowers: readonly string[]): LowerThing | undefined {
	const [top] = lowers;
	if (top === undefined) return undefined;
	return { path: bytePath(top), stats: lstatSync(top), directories: lowers.map(bytePath) };
}

/** What overlayfs shows as `name` in a merged lower directory; undefined where there is nothing. */
export function lookUp(parent: LowerThing | undefined, name: BytePath): LowerThing | undefined {
	const directories: BytePath[] = [];
	let seen: { readonly path: BytePath; readonly stats: Stats } | undefined;
	for (const directory of parent?.directories ?? []) {
		const path = `${directory}/${name}`;
		const stats = statsOf(path);
		if (stats === undefined) continue;
		if (isWhiteout(stats)) break;
		seen ??= { path, stats };
		if (!stats.isDirectory()) break;
		directories.push(path);
		if (isOpaque(path)) break;
	}
	return seen === undefined ? undefined : { ...seen, directories };
}

/** Every name that a merged lower directory shows. */
export function listNames(directory: LowerThing): readonly BytePath[] {
	const names = new Set(directory.directories.flatMap((path) => readdirSync(pathBytes(path), 'latin1')));
	return [...names].filter((name) => lookUp(directory, name) !== undefined);
}

/** A name that is too long for the lower filesystem is not there. */
function statsOf(path: BytePath): Stats | undefined {
	try {
		return lstatSync(pathBytes(path), { throwIfNoEntry: false });
	} catch (error) {
		if (error instanceof Error && 'code' in error && error.code === 'ENAMETOOLONG') return undefined;
		throw error;
	}
}
