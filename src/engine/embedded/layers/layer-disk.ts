import {
	closeSync,
	constants,
	copyFileSync,
	linkSync,
	lstatSync,
	mkdirSync,
	openSync,
	renameSync,
	rmdirSync,
	type Stats,
	statfsSync,
	symlinkSync,
	unlinkSync,
	writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { EngineError } from '../../errors.ts';
import { type BytePath, bytePath, pathBytes } from '../system/byte-path.ts';
import { isSystemError, mknod, setXattr } from '../system/syscalls.ts';
import { applyAttributes, type NodeAttributes, type NodeKind } from './node-attributes.ts';

/** A file of at least this size is asked for room before its first byte is written. */
const worthAskingBytes = 2 ** 20;

const nodeTypes = {
	'character-device': constants.S_IFCHR,
	'block-device': constants.S_IFBLK,
	fifo: constants.S_IFIFO,
} as const;

/**
 * The files of a layer that is being unpacked, in a directory that nobody else writes in. Paths are relative to `fs`;
 * the caller vouches that every parent in them is a real directory made here. What is made must not exist yet.
 */
export class LayerDisk {
	readonly #directory: string;
	readonly #root: BytePath;
	readonly #whiteout: string;
	#whiteoutMade = false;
	#displacedMade = false;
	#file: number | undefined;

	/** `directory` holds an empty `fs`. */
	constructor(directory: string) {
		this.#directory = directory;
		this.#root = bytePath(join(directory, 'fs'));
		this.#whiteout = join(directory, 'whiteout');
	}

	makeDirectory(path: BytePath): void {
		mkdirSync(this.#at(path), { mode: 0o700 });
	}

	/** Begins a file; `write` and `endFile` belong to it. @throws EngineError out-of-space */
	beginFile(path: BytePath, sizeBytes: number): void {
		if (sizeBytes >= worthAskingBytes) {
			const { bavail, bsize } = statfsSync(this.#directory);
			if (sizeBytes > bavail * bsize) {
				throw new EngineError('out-of-space', { path: this.#directory, resource: 'bytes' });
			}
		}
		const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
		this.#file = openSync(this.#at(path), flags, 0o600);
	}

	/** False where no file is open. */
	write(bytes: Uint8Array): boolean {
		if (this.#file === undefined) return false;
		for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at);
		return true;
	}

	/** False where no file is open. */
	endFile(): boolean {
		if (this.#file === undefined) return false;
		closeSync(this.#file);
		this.#file = undefined;
		return true;
	}

	makeSymlink(path: BytePath, target: BytePath): void {
		symlinkSync(pathBytes(target), this.#at(path));
	}

	makeDevice(
		path: BytePath,
		device: { readonly type: keyof typeof nodeTypes; readonly major: number; readonly minor: number },
	): void {
		mknod(this.#at(path), nodeTypes[device.type] | 0o600, device);
	}

	/** One more name for what `target` names; a symlink itself is meant, as link(2) follows nothing. */
	makeHardlink(path: BytePath, target: BytePath): void {
		linkSync(this.#at(target), this.#at(path));
	}

	/**
	 * One device inode serves all whiteouts, as in the kernel itself. True where a new inode was made for it: the
	 * first time, and where the filesystem allows the last one no more links.
	 * Spec: kernel overlayfs.rst, "whiteouts and opaque directories"
	 */
	makeWhiteout(path: BytePath): boolean {
		try {
			if (this.#whiteoutMade) {
				linkSync(this.#whiteout, this.#at(path));
				return false;
			}
		} catch (error) {
			if (!isSystemError(error, 'EMLINK')) throw error;
			unlinkSync(this.#whiteout);
		}
		mknod(this.#whiteout, constants.S_IFCHR, { major: 0, minor: 0 });
		this.#whiteoutMade = true;
		linkSync(this.#whiteout, this.#at(path));
		return true;
	}

	makeOpaque(path: BytePath): void {
		setXattr(this.#at(path), 'trusted.overlay.opaque', Buffer.from('y'));
	}

	removeDirectory(path: BytePath): void {
		rmdirSync(this.#at(path));
	}

	removeFile(path: BytePath): void {
		unlinkSync(this.#at(path));
	}

	/**
	 * Takes a file out of the layer and keeps its content as `displaced/<payload>`. One that has other names is
	 * copied: moved, it would count as one more link of theirs.
	 */
	displace(path: BytePath, payload: number, hasOtherNames: boolean): void {
		const displaced = join(this.#directory, 'displaced');
		if (!this.#displacedMade) mkdirSync(displaced, { mode: 0o700 });
		this.#displacedMade = true;
		const apart = join(displaced, String(payload));
		if (!hasOtherNames) {
			renameSync(this.#at(path), apart);
			return;
		}
		copyFileSync(this.#at(path), apart, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
		unlinkSync(this.#at(path));
	}

	stats(path: BytePath): Stats {
		return lstatSync(this.#at(path));
	}

	/** @throws EngineError limit-exceeded, unsupported */
	describe(path: BytePath, kind: NodeKind, attributes: NodeAttributes): void {
		applyAttributes(this.#at(path), kind, attributes);
	}

	/** Removes what only the unpacking needed. */
	finish(): void {
		if (this.#whiteoutMade) unlinkSync(this.#whiteout);
	}

	#at(path: BytePath): Buffer {
		return pathBytes(path === '' ? this.#root : `${this.#root}/${path}`);
	}
}
