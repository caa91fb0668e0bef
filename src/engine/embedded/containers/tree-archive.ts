import { lstatSync } from 'node:fs';
import { describeEntry, encodeFile } from '../layers/changes.ts';
import { encodeTarEntry, tarEnd } from '../layers/tar-writer.ts';
import { type WalkStep, walkTree } from '../layers/walk-tree.ts';
import { type BytePath, pathBytes } from '../system/byte-path.ts';

/** A thing that is archived, held open by the caller for as long as it takes. */
export interface ArchivedThing {
	/** Its handle where it is a directory. */
	readonly handle: number;
	/** The handle of the directory that it stands in. */
	readonly parent: number | undefined;
	readonly isDirectory: boolean;
	/** Absolute within its root, without links. */
	readonly path: BytePath;
	/** Directories of the host that stand for others below it. */
	readonly mounts: ReadonlyMap<BytePath, string>;
}

/**
 * A tar of one thing, with what is below it where it is a directory; `name` is what it is called there, `.` for only
 * its contents. No link is followed and no device opened, whatever a running container does to the tree meanwhile.
 * Sockets have no place in a tar.
 */
export function* archiveThing(thing: ArchivedThing, name: BytePath): Generator<Uint8Array, void, void> {
	if (thing.isDirectory) yield* archiveTree(thing, { root: `/proc/self/fd/${thing.handle}/.`, name, at: thing.path });
	else {
		const ownName = thing.path.slice(thing.path.lastIndexOf('/') + 1);
		const path = `/proc/self/fd/${thing.parent}/${ownName}`;
		const stats = lstatSync(pathBytes(path));
		yield* archiveStep({ phase: 'enter', path, relative: name, stats, skip: false }, name, new Map());
	}
	yield tarEnd;
}

function* archiveTree(
	thing: ArchivedThing,
	from: { readonly root: string; readonly name: BytePath; readonly at: BytePath },
): Generator<Uint8Array, void, void> {
	const links = new Map<string, BytePath>();
	const at = from.at === '/' ? '' : from.at;
	for (const step of walkTree(from.root, { guarded: true })) {
		if (step.phase === 'leave') continue;
		const name = step.relative === '' ? from.name : `${from.name}/${step.relative}`;
		const here = `${at}/${step.relative}`;
		const mounted = step.relative === '' ? undefined : thing.mounts.get(here);
		if (mounted !== undefined) {
			step.skip = true;
			yield* archiveTree(thing, { root: mounted, name, at: here });
		} else yield* archiveStep(step, name, links);
	}
}

function* archiveStep(step: WalkStep, name: BytePath, links: Map<string, BytePath>): Generator<Uint8Array, void, void> {
	if (step.stats.isSocket()) return;
	const described = describeEntry({ step });
	if (described === undefined) return;
	const inode = `${step.stats.dev}:${step.stats.ino}`;
	const first = described.type === 'directory' ? undefined : links.get(inode);
	if (described.type === 'directory') yield encodeTarEntry({ ...described, name: `${name}/` });
	else if (first !== undefined) {
		yield encodeTarEntry({ ...described, name, type: 'hardlink', linkName: first, sizeBytes: 0 });
	} else if (described.type === 'file') {
		if (!(yield* encodeFile({ step }, { ...described, name }))) return;
	} else yield encodeTarEntry({ ...described, name });
	if (step.stats.nlink > 1) links.set(inode, name);
}
