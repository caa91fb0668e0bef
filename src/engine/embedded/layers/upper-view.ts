import type { Stats } from 'node:fs';
import { type BytePath, pathBytes } from '../system/byte-path.ts';
import { isSystemError, listXattrs } from '../system/syscalls.ts';
import { isOpaque, isWhiteout, type LowerThing, lookUp, lowerRoot } from './lower-view.ts';
import { isKeptXattr } from './node-attributes.ts';
import { type WalkStep, walkTree } from './walk-tree.ts';

/** One thing of an overlay's upper directory beside what it was before. */
export interface UpperThing {
	readonly step: WalkStep;
	readonly name: BytePath;
	/** undefined where there was nothing. */
	readonly lower: LowerThing | undefined;
	readonly isWhiteout: boolean;
	/** A directory that hides what was below it. */
	readonly isOpaque: boolean;
}

/**
 * Walks an overlay's upper directory, parents first, names in byte order, the root left out. Safe on a running
 * container: nothing outside of `upper` is ever looked at.
 */
export function* walkUpper(upper: string, lowers: readonly string[]): Generator<UpperThing, void, void> {
	const parents: (LowerThing | undefined)[] = [];
	for (const step of walkTree(upper, { guarded: true })) {
		if (step.phase === 'leave') {
			parents.pop();
			continue;
		}
		if (step.relative === '') {
			parents.push(lowerRoot(lowers));
			continue;
		}
		const name = step.relative.slice(step.relative.lastIndexOf('/') + 1);
		const lower = lookUp(parents.at(-1), name);
		const isDirectory = step.stats.isDirectory();
		yield { step, name, lower, isWhiteout: isWhiteout(step.stats), isOpaque: isDirectory && isOpaque(step.path) };
		if (isDirectory && !step.skip) parents.push(lower);
	}
}

/** The extended attributes that belong to a layer, not those that overlayfs keeps its notes in; none where it is gone. */
export function keptXattrs(path: BytePath, stats: Stats): Map<string, Buffer> {
	const kind = stats.isDirectory()
		? 'directory'
		: stats.isSymbolicLink()
			? 'symlink'
			: stats.isFile()
				? 'file'
				: 'device';
	const all = allXattrs(path);
	for (const name of all.keys()) if (!isKeptXattr(name, kind)) all.delete(name);
	return all;
}

function allXattrs(path: BytePath): Map<string, Buffer> {
	try {
		return listXattrs(pathBytes(path));
	} catch (error) {
		if (isSystemError(error, 'ENOENT')) return new Map();
		throw error;
	}
}
