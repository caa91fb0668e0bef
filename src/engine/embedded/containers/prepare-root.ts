import { chmodSync, chownSync, existsSync, mkdirSync, renameSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { EngineError } from '../../errors.ts';
import type { ChainId } from '../../model.ts';
import { lowerDirectories } from '../layers/layer-store.ts';
import { mountOverlay, unmountOverlay } from '../layers/overlay.ts';
import { unlinkTree } from '../layers/unlink-tree.ts';
import type { Store } from '../store.ts';
import { populateVolume, volumeDataPath } from '../volumes/volume-store.ts';
import { type ContainerPaths, containerPaths } from './container-paths.ts';
import type { ContainerRecord } from './container-record.ts';
import { networkFileMounts, writeNetworkFiles } from './network-files.ts';
import {
	lookInRoot,
	makeDirectoryInRoot,
	makeMountPoint,
	readFileInRoot,
	refuseLinksOut,
	refuseProcessDirectory,
	withDirectoryInRoot,
} from './rootfs.ts';
import type { ReadyMount } from './spec.ts';
import { addGroups, type ResolvedUser, resolveUser } from './user.ts';

/** Larger than any account file in the field. */
const accountFileLimitBytes = 4 * 1024 * 1024;
/** Where the kernel's own files are mounted; a link there would put them somewhere else (CVE-2019-16884). */
const kernelDirectories = ['/proc', '/sys', '/dev'];

/** A root that is mounted and looked at, and what the runtime needs to know of it. */
export interface PreparedRoot {
	readonly mounts: readonly ReadyMount[];
	readonly user: ResolvedUser;
	readonly workingDirectory: string;
}

/**
 * Mounts a container's root and makes everything in it that the runtime will reach for, so that the runtime finds
 * nothing to be led astray by. The caller holds the container, and unmounts when it throws.
 * @throws EngineError invalid-argument, unsafe, missing-component, corrupt
 */
export function prepareRoot(store: Store, record: ContainerRecord): PreparedRoot {
	const paths = containerPaths(store.paths, record.id);
	mountRoot(store, record);
	for (const directory of kernelDirectories) {
		if (lookInRoot(paths.merged, directory) === 'directory') continue;
		throw new EngineError('unsafe', {
			what: `image ${record.imageReference}`,
			entry: directory,
			why: 'is not a directory, so the kernel’s own files would be mounted elsewhere',
		});
	}
	writeNetworkFiles(paths, record.settings);
	const mounts = prepareMounts(store, record, paths);
	const { workingDirectory, user } = record.settings.run;
	return {
		mounts,
		user: resolveUserIn(paths.merged, user, record.settings.confinement?.groups),
		workingDirectory: prepareWorkingDirectory(paths.merged, workingDirectory || '/', mounts),
	};
}

/** The directories under a container's writable layer, top first: our own, then the image's. @throws EngineError corrupt */
export function lowersOf(store: Store, record: ContainerRecord): readonly string[] {
	const paths = containerPaths(store.paths, record.id);
	return [...(existsSync(paths.init) ? [paths.init] : []), ...imageLowers(store, record)];
}

/** Mounts the container's root at `merged`. @throws EngineError missing-component, permission-denied, corrupt */
export function mountRoot(store: Store, record: ContainerRecord): void {
	const paths = containerPaths(store.paths, record.id);
	unmountOverlay(paths.merged);
	const lowers = imageLowers(store, record);
	if (!existsSync(paths.init)) makeInitLayer(paths, lowers);
	copyRootAttributes(paths.init, paths.upper);
	mountOverlay({ lowers: [paths.init, ...lowers], upper: paths.upper, work: paths.work, target: paths.merged });
}

/** Who a text means in a mounted root, with more groups. @throws EngineError invalid-argument */
export function resolveUserIn(root: string, user: string, groups: readonly string[] = []): ResolvedUser {
	const files = {
		passwd: readFileInRoot(root, '/etc/passwd', accountFileLimitBytes),
		group: readFileInRoot(root, '/etc/group', accountFileLimitBytes),
	};
	return addGroups(resolveUser(user, files), groups, files);
}

/** Makes sure of the directory and gives the path to start in. @throws EngineError invalid-argument */
export function prepareWorkingDirectory(root: string, path: string, mounts: readonly ReadyMount[]): string {
	refuseProcessDirectory(root, path);
	const resolved = makeDirectoryInRoot(root, path);
	for (const { type, source, target } of mounts) {
		if (type === 'bind' && resolved.startsWith(`${target}/`)) refuseLinksOut(source, resolved.slice(target.length));
	}
	return resolved;
}

function imageLowers(store: Store, record: ContainerRecord): readonly string[] {
	const image = store.database.get<{ top: ChainId | null }>(
		'SELECT top_chain_id AS top FROM image WHERE id = ?',
		record.imageId,
	);
	return lowerDirectories(store, image?.top);
}

/** What every container's root must have, made through an overlay so that directories of the image keep their attributes. */
function makeInitLayer(paths: ContainerPaths, lowers: readonly string[]): void {
	const unfinished = `${paths.init}.new`;
	unlinkTree(unfinished);
	mkdirSync(unfinished, { mode: 0o755 });
	const topmost = lowers[0];
	if (topmost !== undefined) copyRootAttributes(topmost, unfinished);
	mountOverlay({ lowers, upper: unfinished, work: paths.work, target: paths.merged });
	try {
		for (const directory of kernelDirectories) {
			if (lookInRoot(paths.merged, directory) === undefined) makeDirectoryInRoot(paths.merged, directory);
		}
		for (const { target } of networkFileMounts(paths)) {
			if (lookInRoot(paths.merged, target) === undefined) makeMountPoint(paths.merged, target, 'file');
		}
		if (lookInRoot(paths.merged, '/etc/mtab') === undefined) {
			withDirectoryInRoot(paths.merged, '/etc', (etc) => symlinkSync('/proc/mounts', join(etc, 'mtab')));
		}
	} finally {
		unmountOverlay(paths.merged);
	}
	renameSync(unfinished, paths.init);
}

/** An overlay's root looks like its topmost directory, which here is one of ours. */
function copyRootAttributes(from: string, to: string): void {
	const { mode, uid, gid } = statSync(from);
	const own = statSync(to);
	if (own.uid !== uid || own.gid !== gid) chownSync(to, uid, gid);
	if (own.mode !== mode) chmodSync(to, mode & 0o7777);
}

function prepareMounts(store: Store, record: ContainerRecord, paths: ContainerPaths): readonly ReadyMount[] {
	const wanted = record.settings.mounts;
	const taken = new Set(wanted.map(({ target }) => target));
	const files = networkFileMounts(paths)
		.filter(({ target }) => !taken.has(target))
		.map(
			({ source, target }): ReadyMount => ({
				type: 'bind',
				source,
				target: makeMountPoint(paths.merged, target, 'file'),
				readOnly: false,
			}),
		);
	return [
		...files,
		...wanted.map((mount): ReadyMount => {
			if (mount.type === 'volume') {
				const isFirstStart = record.startedAt === undefined;
				return { ...mount, type: 'bind', ...prepareVolume(store, { ...mount, isFirstStart, merged: paths.merged }) };
			}
			if (mount.type === 'tmpfs')
				return { ...mount, type: 'tmpfs', target: mountPointFor(paths.merged, mount.target, 'directory') };
			const kind = bindKind(mount.source);
			return { ...mount, type: 'bind', target: mountPointFor(paths.merged, mount.target, kind) };
		}),
	];
}

function prepareVolume(
	store: Store,
	mount: {
		readonly source: string;
		readonly target: string;
		readonly isFirstStart: boolean;
		readonly merged: string;
	},
): Pick<ReadyMount, 'source' | 'target'> {
	const source = volumeDataPath(store.paths, mount.source);
	if (!existsSync(source)) throw new EngineError('not-found', { what: 'volume', id: mount.source });
	if (mount.isFirstStart) {
		withDirectoryInRoot(mount.merged, mount.target, (content) => populateVolume(store, mount.source, `${content}/.`));
	}
	return { source, target: mountPointFor(mount.merged, mount.target, 'directory') };
}

/** What lies in the kernel's own directories is made by the runtime, in what it mounts there. */
function mountPointFor(root: string, target: string, kind: 'directory' | 'file'): string {
	if (/^\/proc(\/|$)/.test(target)) {
		throw new EngineError('invalid-argument', {
			argument: `the mount point ${target}`,
			why: 'it lies in the kernel’s own files',
		});
	}
	return /^\/(dev|sys)\//.test(target) ? target : makeMountPoint(root, target, kind);
}

/** As `docker run -v`: a host path that is not there becomes a directory. */
function bindKind(source: string): 'directory' | 'file' {
	try {
		mkdirSync(source, { recursive: true });
		return 'directory';
	} catch (error) {
		const found = statSync(source, { throwIfNoEntry: false });
		if (found !== undefined) return found.isDirectory() ? 'directory' : 'file';
		throw new EngineError(
			'invalid-argument',
			{ argument: `the mount source ${source}`, why: 'it is not there and cannot be made' },
			{ cause: error },
		);
	}
}
