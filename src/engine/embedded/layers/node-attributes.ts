import { chmodSync, chownSync, lchownSync } from 'node:fs';
import { EngineError } from '../../errors.ts';
import { isSystemError, setModifiedTime, setXattr } from '../system/syscalls.ts';
import type { TarTime } from './tar-format.ts';

/** What chown, chmod, setxattr and utimensat are told. */
export interface NodeAttributes {
	readonly mode: number;
	readonly uid: number;
	readonly gid: number;
	readonly mtime: TarTime;
	readonly xattrs: ReadonlyMap<string, Buffer>;
}

/** As far as attributes care. */
export type NodeKind = 'file' | 'directory' | 'symlink' | 'device' | 'whiteout';

/**
 * Gives a thing on disk its owner, mode, extended attributes and time, in the order in which none undoes another:
 * chown clears setuid bits and capabilities, and everything else changes times. `path` is absolute, its parents are
 * real directories.
 * @throws SystemCallError; EngineError limit-exceeded, unsupported for extended attributes
 */
export function applyAttributes(path: Buffer, kind: NodeKind, attributes: NodeAttributes): void {
	if (kind === 'symlink') lchownSync(path, attributes.uid, attributes.gid);
	else {
		chownSync(path, attributes.uid, attributes.gid);
		chmodSync(path, attributes.mode);
	}
	for (const [name, value] of attributes.xattrs) {
		if (isKeptXattr(name, kind)) applyXattr(path, name, value);
	}
	setModifiedTime(path, attributes.mtime.seconds, attributes.mtime.nanoseconds);
}

/**
 * Whether an extended attribute belongs to a layer. Never what steers overlayfs: a layer could point into other layers with it. Never a label: what may do what on
 * this host is not an image's to say. And only what the kernel can keep on such a thing.
 */
export function isKeptXattr(name: string, kind: NodeKind): boolean {
	if (name.startsWith('trusted.overlay.') || name.startsWith('user.overlay.')) return false;
	if (name.startsWith('user.')) return kind === 'file' || kind === 'directory';
	if (name.startsWith('system.posix_acl_')) return kind !== 'symlink';
	return name === 'security.capability' || name.startsWith('trusted.');
}

function applyXattr(path: Buffer, name: string, value: Buffer): void {
	try {
		setXattr(path, name, value);
	} catch (error) {
		if (!isSystemError(error)) throw error;
		const what = `the extended attribute ${name.replace(/\p{Cc}/gu, '?').slice(0, 100)}`;
		switch (error.code) {
			case 'ENOSPC':
			case 'E2BIG':
			case 'ERANGE':
				throw new EngineError(
					'limit-exceeded',
					{ what, limit: `the filesystem takes no ${value.length} more bytes of attributes` },
					{ cause: error },
				);
			case 'ENOTSUP':
				// Notes for people can be lost where the filesystem has no place for them; capabilities cannot.
				if (name.startsWith('user.')) return;
				throw new EngineError(
					'unsupported',
					{ operation: `keeping ${what}`, why: 'the filesystem has no such attributes' },
					{ cause: error },
				);
			default:
				throw error;
		}
	}
}
