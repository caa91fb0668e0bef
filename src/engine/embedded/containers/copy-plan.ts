import { EngineError } from '../../errors.ts';

/** What is copied: `/src/.` means what is in a directory, not the directory. */
export interface CopySource {
	readonly path: string;
	readonly isDirectory: boolean;
}

/** What stands where it is copied to, links followed. */
export interface CopyTarget {
	readonly path: string;
	readonly kind: 'missing' | 'directory' | 'other';
}

/** Where the copy goes. */
export interface CopyPlace {
	/** A directory that must be there. */
	readonly directory: string;
	/** The copy's name in it; empty where the contents go right into the directory. */
	readonly name: string;
}

/** Docker's rules for what `cp SRC DEST` makes. Paths are absolute. Pure. @throws EngineError invalid-argument */
export function planCopy(source: CopySource, target: CopyTarget): CopyPlace {
	const contentsOnly = source.path.endsWith('/.') || lastName(source.path) === '';
	const wantsDirectory = /\/\.?$/.test(target.path);
	if (target.kind === 'directory') {
		return { directory: target.path, name: contentsOnly ? '' : lastName(source.path) };
	}
	if (target.kind === 'other') {
		if (source.isDirectory) throw invalid(target.path, 'a directory cannot be copied over a file');
		if (wantsDirectory) throw invalid(target.path, 'it is not a directory');
	} else if (wantsDirectory && !source.isDirectory) throw invalid(target.path, 'there is no such directory');
	const path = target.path.replace(/\/\.?$/, '');
	return { directory: path.slice(0, path.lastIndexOf('/')) || '/', name: lastName(path) };
}

/** The last name of a path that may end in `/` or `/.`; empty for the root. */
export function lastName(path: string): string {
	return path.replace(/(\/\.?)+$/, '').replace(/^.*\//s, '');
}

function invalid(path: string, why: string): EngineError<'invalid-argument'> {
	return new EngineError('invalid-argument', { argument: `the destination ${path}`, why });
}
