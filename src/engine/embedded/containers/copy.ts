import { closeSync, constants, lstatSync, openSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { EngineError } from '../../errors.ts';
import type { ContainerFiles } from '../../port-containers.ts';
import { TarReader } from '../layers/tar-reader.ts';
import type { Store } from '../store.ts';
import { type BytePath, bytePath, pathText } from '../system/byte-path.ts';
import { isSystemError } from '../system/syscalls.ts';
import { resolveContainer } from './container-record.ts';
import { type ContainerTree, withContainerTree } from './container-tree.ts';
import { type CopyTarget, lastName, planCopy } from './copy-plan.ts';
import { resolveUserIn } from './prepare-root.ts';
import { type Walked, withPath } from './rootfs.ts';
import { archiveThing } from './tree-archive.ts';
import { type CopyOwner, TreeWriter, type TreeWriterOptions } from './tree-writer.ts';

/** `cp` between this machine and the containers of one store. */
export function createContainerFiles(store: Store): ContainerFiles {
	const within = <T>(name: string, act: (tree: ContainerTree) => Promise<T>) =>
		withContainerTree(store, resolveContainer(store, name), (tree) => naming(act(tree)));
	return {
		copyOut: (name, path, to, options) => within(name, (tree) => copyOut(tree, absolute(path), { ...options, to })),
		copyIn: (from, name, path, options) =>
			within(name, (tree) => copyIn(tree, from, { ...options, path: absolute(path) })),
		readArchive: (name, path, { followLink, write }) =>
			within(name, (tree) =>
				visit(tree, absolute(path), { keepsLastLink: !followLink }, async (found) => {
					for (const bytes of archiveThing(thingOf(tree, found), archiveName(path, found))) await write(bytes);
				}),
			),
		writeArchive: (tar, name, path, { asUser }) =>
			within(name, async (tree) => {
				const directory = await directoryIn(tree, absolute(path));
				const options = { ...tree, directory, rename: same, owner: ownerFor(tree, asUser) };
				await writeTree(tar, options);
			}),
	};
}

async function copyOut(
	tree: ContainerTree,
	path: string,
	options: { readonly to: string; readonly followLink: boolean; readonly keepOwners: boolean },
): Promise<void> {
	await visit(tree, path, { keepsLastLink: !options.followLink }, async (found) => {
		// What a link means has a name of its own.
		const named = path.endsWith('/.') ? path : pathText(found.path);
		const place = planCopy({ path: named, isDirectory: found.stats.isDirectory() }, targetOnHost(options.to));
		const own = { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 };
		await writeTree(archiveThing(thingOf(tree, found), 'copy'), {
			root: realpathSync(place.directory),
			mounts: new Map(),
			readOnly: [],
			directory: '/',
			rename: renamed(place.name),
			owner: options.keepOwners ? 'kept' : own,
		});
	});
}

async function copyIn(
	tree: ContainerTree,
	from: string,
	options: { readonly path: string; readonly followLink: boolean; readonly asUser: boolean },
): Promise<void> {
	const source = options.followLink || from.endsWith('/') ? realpathSync(from) : from;
	const stats = lstatSync(source);
	const target = await targetIn(tree, options.path);
	const named = from.endsWith('/.') ? from : source;
	const place = planCopy({ path: named, isDirectory: stats.isDirectory() }, target);
	const directory = await directoryIn(tree, place.directory);
	const parent = openSync(dirname(source), constants.O_RDONLY | constants.O_DIRECTORY);
	const handle = stats.isDirectory() ? openSync(source, constants.O_RDONLY | constants.O_DIRECTORY) : -1;
	try {
		const path = `/${bytePath(basename(source))}`;
		const thing = { handle, parent, isDirectory: stats.isDirectory(), path, mounts: new Map<BytePath, string>() };
		const owner = ownerFor(tree, options.asUser);
		await writeTree(archiveThing(thing, 'copy'), { ...tree, directory, rename: renamed(place.name), owner });
	} finally {
		closeSync(parent);
		if (handle !== -1) closeSync(handle);
	}
}

async function writeTree(
	tar: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
	options: TreeWriterOptions,
): Promise<void> {
	const writer = new TreeWriter(options);
	try {
		const reader = new TarReader(writer, { where: 'the copy' });
		for await (const bytes of tar) reader.push(bytes);
		reader.end();
		writer.finish();
	} finally {
		writer.close();
	}
}

/** The copy's own top is called `copy` in the tar; it becomes `name`, or goes away where only its contents are meant. */
function renamed(name: string): (entryName: BytePath) => BytePath {
	const top = bytePath(name);
	return (entryName) => `${top}${entryName.slice('copy'.length)}`;
}

function same(name: BytePath): BytePath {
	return name;
}

/** Runs `act` at a path, held open until it is done. @throws EngineError not-found */
async function visit<T>(
	tree: ContainerTree,
	path: string,
	options: { readonly keepsLastLink: boolean },
	act: (found: Walked) => Promise<T>,
): Promise<T> {
	const keepsLastLink = options.keepsLastLink && !/\/\.?$/.test(path);
	const held: number[] = [];
	const hold = (handle: number) => {
		const own = openSync(`/proc/self/fd/${handle}/.`, constants.O_RDONLY | constants.O_DIRECTORY);
		held.push(own);
		return own;
	};
	try {
		const walk = {
			root: tree.root,
			mounts: tree.mounts,
			path: bytePath(path),
			missing: 'stop',
			keepsLastLink,
		} as const;
		const found = withPath(walk, (walked): Walked => {
			const isDirectory = walked.stats.isDirectory();
			if (!isDirectory && /\/\.?$/.test(path)) throw notDirectory(path);
			return {
				...walked,
				handle: isDirectory ? hold(walked.handle) : -1,
				parent: isDirectory || walked.parent === undefined ? undefined : hold(walked.parent),
			};
		});
		if (found === undefined) throw new EngineError('not-found', { what: 'file', id: `${tree.record.name}:${path}` });
		return await act(found);
	} finally {
		for (const handle of held) closeSync(handle);
	}
}

function thingOf(tree: ContainerTree, { handle, parent, stats, path }: Walked) {
	return { handle, parent, isDirectory: stats.isDirectory(), path, mounts: tree.mounts };
}

function archiveName(path: string, found: Walked): BytePath {
	return path.endsWith('/.') ? '.' : bytePath(lastName(pathText(found.path))) || '.';
}

/** Absolute within the root, without links. @throws EngineError not-found, invalid-argument */
async function directoryIn(tree: ContainerTree, path: string): Promise<BytePath> {
	return await visit(tree, path, { keepsLastLink: false }, async (found) => {
		if (!found.stats.isDirectory()) throw notDirectory(path);
		return found.path;
	});
}

async function targetIn(tree: ContainerTree, path: string): Promise<CopyTarget> {
	const walk = { root: tree.root, mounts: tree.mounts, path: bytePath(path), missing: 'stop' } as const;
	const kind = withPath(walk, ({ stats }) => (stats.isDirectory() ? 'directory' : 'other'));
	return { path, kind: kind ?? 'missing' };
}

function targetOnHost(path: string): CopyTarget {
	const stats = statSync(path, { throwIfNoEntry: false });
	return { path, kind: stats === undefined ? 'missing' : stats.isDirectory() ? 'directory' : 'other' };
}

function ownerFor({ root, record }: ContainerTree, asUser: boolean): CopyOwner {
	if (!asUser) return 'kept';
	const { uid, gid } = resolveUserIn(root, record.settings.run.user);
	return { uid, gid };
}

function absolute(path: string): string {
	return path.startsWith('/') ? path : `/${path}`;
}

function notDirectory(path: string): EngineError<'invalid-argument'> {
	return new EngineError('invalid-argument', { argument: `the path ${path}`, why: 'it is not a directory' });
}

/** What the file system says, as an error that people can read. */
async function naming<T>(work: Promise<T>): Promise<T> {
	try {
		return await work;
	} catch (error) {
		if (!isSystemError(error)) throw error;
		const path = 'path' in error && typeof error.path === 'string' ? error.path : 'the files';
		if (error.code === 'ENOENT') throw new EngineError('not-found', { what: 'file', id: path }, { cause: error });
		throw new EngineError('io-failed', { operation: 'copy', path, code: error.code }, { cause: error });
	}
}
