import {
	closeSync,
	constants,
	fchmodSync,
	fchownSync,
	fstatSync,
	futimesSync,
	lchownSync,
	linkSync,
	lstatSync,
	mkdirSync,
	openSync,
	symlinkSync,
	unlinkSync,
	writeSync,
} from 'node:fs';
import { EngineError } from '../../errors.ts';
import type { TarEntry, TarTime } from '../layers/tar-format.ts';
import type { TarSink } from '../layers/tar-reader.ts';
import { type BytePath, pathBytes, printablePath } from '../system/byte-path.ts';
import { mknod } from '../system/syscalls.ts';
import { withPath } from './rootfs.ts';

/** Who shall own what is made; `kept`: as the tar says. */
export type CopyOwner = 'kept' | { readonly uid: number; readonly gid: number };

/** How entries become files below a directory of a container. */
export interface TreeWriterOptions {
	/** A directory of the host that nothing leads out of: links in it end at it. */
	readonly root: string;
	readonly mounts: ReadonlyMap<BytePath, string>;
	/** Absolute within the root, without links: where entries go. */
	readonly directory: BytePath;
	/** Places below the root that must not be changed. */
	readonly readOnly: readonly BytePath[];
	/** What an entry is to be called, below `directory`; empty for the directory itself. */
	readonly rename: (name: BytePath) => BytePath;
	readonly owner: CopyOwner;
}

const nodeTypes = {
	'character-device': constants.S_IFCHR,
	'block-device': constants.S_IFBLK,
	fifo: constants.S_IFIFO,
} as const;

/**
 * Writes a tar into a tree that somebody else may be changing meanwhile. Each parent is walked to by handles that
 * follow no link out of the root, and whatever gets an owner or a mode gets it through its own descriptor, never by
 * its name: a name could mean something else by then (CVE-2018-15664). Close it, whatever happened.
 * Extended attributes are left out.
 */
export class TreeWriter implements TarSink {
	readonly #options: TreeWriterOptions;
	readonly #times: { readonly path: BytePath; readonly mtime: TarTime }[] = [];
	#file: number | undefined;
	#mtime: TarTime = { seconds: 0, nanoseconds: 0 };

	constructor(options: TreeWriterOptions) {
		this.#options = options;
	}

	/** @throws EngineError unsafe, invalid-argument; system errors */
	entry(entry: TarEntry): void {
		const path = this.#pathOf(entry.name);
		if (path === this.#options.directory) return;
		this.#refuseReadOnly(path);
		this.#withParent(path, (parent, name) => {
			const place = `/proc/self/fd/${parent}/${name}`;
			if (entry.type === 'directory') {
				this.#makeDirectory(place, path, entry);
				return;
			}
			this.#clear(place, entry.name);
			this.#make(place, entry);
		});
	}

	payload(bytes: Uint8Array): void {
		if (this.#file === undefined) return;
		for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at);
	}

	endEntry(): void {
		if (this.#file === undefined) return;
		futimesSync(this.#file, secondsOf(this.#mtime), secondsOf(this.#mtime));
		this.close();
	}

	/** Directories get their times last: everything made in them has changed those. */
	finish(): void {
		for (const { path, mtime } of this.#times.toReversed()) {
			this.#withParent(path, (parent, name) => {
				const directory = openDirectory(`/proc/self/fd/${parent}/${name}`);
				try {
					futimesSync(directory, secondsOf(mtime), secondsOf(mtime));
				} finally {
					closeSync(directory);
				}
			});
		}
	}

	close(): void {
		if (this.#file !== undefined) closeSync(this.#file);
		this.#file = undefined;
	}

	#make(place: BytePath, entry: TarEntry): void {
		const at = pathBytes(place);
		switch (entry.type) {
			case 'file': {
				const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
				this.#file = openSync(at, flags, 0o600);
				this.#mtime = entry.mtime;
				this.#describe(this.#file, entry);
				return;
			}
			case 'symlink':
				symlinkSync(pathBytes(entry.linkName), at);
				this.#own(at, entry);
				return;
			case 'hardlink':
				this.#withParent(this.#pathOf(entry.linkName), (parent, name) =>
					linkSync(pathBytes(`/proc/self/fd/${parent}/${name}`), at),
				);
				return;
			case 'directory':
				return;
			default:
				mknod(at, nodeTypes[entry.type] | entry.mode, { major: entry.deviceMajor, minor: entry.deviceMinor });
				this.#own(at, entry);
		}
	}

	#makeDirectory(place: BytePath, path: BytePath, entry: TarEntry): void {
		const stats = lstatSync(pathBytes(place), { throwIfNoEntry: false });
		if (stats !== undefined && !this.#leadsToDirectory(path)) {
			throw invalid(entry.name, 'a directory cannot be copied over a file');
		}
		// What is there already keeps its owner and mode.
		if (stats !== undefined) return;
		mkdirSync(pathBytes(place), 0o700);
		const directory = openDirectory(place);
		try {
			this.#describe(directory, entry);
		} finally {
			closeSync(directory);
		}
		this.#times.push({ path, mtime: entry.mtime });
	}

	#leadsToDirectory(path: BytePath): boolean {
		const { root, mounts } = this.#options;
		return withPath({ root, mounts, path, missing: 'stop' }, ({ stats }) => stats.isDirectory()) === true;
	}

	#clear(place: BytePath, name: BytePath): void {
		const stats = lstatSync(pathBytes(place), { throwIfNoEntry: false });
		if (stats?.isDirectory()) throw invalid(name, 'a file cannot be copied over a directory');
		if (stats !== undefined) unlinkSync(pathBytes(place));
	}

	#describe(descriptor: number, entry: TarEntry): void {
		const { owner } = this.#options;
		const { uid, gid } = owner === 'kept' ? entry : owner;
		const own = fstatSync(descriptor);
		if (own.uid !== uid || own.gid !== gid) fchownSync(descriptor, uid, gid);
		fchmodSync(descriptor, entry.mode);
	}

	#own(place: Buffer, entry: TarEntry): void {
		const { owner } = this.#options;
		const { uid, gid } = owner === 'kept' ? entry : owner;
		lchownSync(place, uid, gid);
	}

	/** Directories that the tar does not name are made, as tar does. */
	#withParent(path: BytePath, act: (parent: number, name: BytePath) => void): void {
		const { root, mounts } = this.#options;
		const cut = path.lastIndexOf('/');
		const found = withPath({ root, mounts, path: path.slice(0, cut), missing: 'make-directories' }, (walked) => {
			if (!walked.stats.isDirectory()) throw invalid(path.slice(0, cut), 'it is not a directory');
			act(walked.handle, path.slice(cut + 1));
			return true;
		});
		if (found !== true) throw invalid(path.slice(0, cut), 'it is not a directory');
	}

	#pathOf(entryName: BytePath): BytePath {
		if (entryName.split('/').includes('..')) {
			const why = 'climbs out of where it is copied to';
			throw new EngineError('unsafe', { what: 'the archive', entry: printablePath(entryName), why });
		}
		const parts = this.#options.rename(entryName).split('/');
		const relative = parts.filter((part) => part !== '' && part !== '.').join('/');
		const { directory } = this.#options;
		return relative === '' ? directory : `${directory === '/' ? '' : directory}/${relative}`;
	}

	#refuseReadOnly(path: BytePath): void {
		const mount = this.#options.readOnly.find((target) => path === target || path.startsWith(`${target}/`));
		if (mount === undefined) return;
		throw new EngineError('io-failed', { operation: 'write', path: printablePath(path), code: 'EROFS' });
	}
}

function openDirectory(place: BytePath): number {
	return openSync(pathBytes(place), constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
}

function secondsOf({ seconds, nanoseconds }: TarTime): number {
	return seconds + nanoseconds / 1e9;
}

function invalid(path: BytePath, why: string): EngineError<'invalid-argument'> {
	return new EngineError('invalid-argument', { argument: `the destination ${printablePath(path)}`, why });
}
