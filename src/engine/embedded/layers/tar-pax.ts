import type { BytePath } from '../system/byte-path.ts';
import { TarFormatError, type TarTime } from './tar-format.ts';

/** What a pax extended header says of the entry after it. Absent members are not said. */
export interface PaxAttributes {
	readonly path?: BytePath;
	readonly linkPath?: BytePath;
	readonly size?: number;
	readonly uid?: number;
	readonly gid?: number;
	readonly mtime?: TarTime;
	readonly xattrs: ReadonlyMap<string, Buffer>;
	/** A file with holes in GNU's pax formats, whose payload is not its content. */
	readonly isSparse: boolean;
}

const xattrPrefix = 'SCHILY.xattr.';
const sparsePrefix = 'GNU.sparse.';

/**
 * Reads the records `<length> <keyword>=<value>\n` of a pax extended header; the last of a keyword counts, an empty
 * value unsays. Keywords that do not matter for a filesystem are passed over.
 * Spec: POSIX.1-2017 pax(1), "pax Extended Header"
 * @throws TarFormatError
 */
export function parsePax(bytes: Buffer): PaxAttributes {
	const values = new Map<string, Buffer>();
	for (let at = 0; at < bytes.length; ) {
		const space = bytes.indexOf(0x20, at);
		const digits = space === -1 ? '' : bytes.toString('latin1', at, Math.min(space, at + 8));
		const end = at + Number(digits);
		if (!/^[1-9]\d*$/.test(digits) || end > bytes.length || bytes[end - 1] !== 0x0a) {
			throw new TarFormatError('a pax record has a wrong length');
		}
		const equals = bytes.indexOf(0x3d, space);
		if (equals === -1 || equals >= end || equals === space + 1) {
			throw new TarFormatError('a pax record has no keyword');
		}
		values.set(bytes.toString('latin1', space + 1, equals), bytes.subarray(equals + 1, end - 1));
		at = end;
	}
	return attributesOf(values);
}

function attributesOf(values: ReadonlyMap<string, Buffer>): PaxAttributes {
	const xattrs = new Map<string, Buffer>();
	let isSparse = false;
	for (const [keyword, value] of values) {
		if (keyword.startsWith(sparsePrefix)) isSparse = true;
		if (!keyword.startsWith(xattrPrefix)) continue;
		const name = keyword.slice(xattrPrefix.length);
		if (name.includes('\0')) throw new TarFormatError('an attribute’s name has a NUL byte');
		// A copy: the header's own bytes would otherwise live as long as the attribute.
		xattrs.set(Buffer.from(name, 'latin1').toString('utf8'), Buffer.from(value));
	}
	const read = <T>(keyword: string, parse: (text: string) => T): T | undefined => {
		const value = values.get(keyword);
		return value === undefined || value.length === 0 ? undefined : parse(value.toString('latin1'));
	};
	const [path, linkPath] = [read('path', pathValue), read('linkpath', pathValue)];
	const [size, uid, gid] = [read('size', countValue), read('uid', countValue), read('gid', countValue)];
	const mtime = read('mtime', timeValue);
	return {
		...(path === undefined ? {} : { path }),
		...(linkPath === undefined ? {} : { linkPath }),
		...(size === undefined ? {} : { size }),
		...(uid === undefined ? {} : { uid }),
		...(gid === undefined ? {} : { gid }),
		...(mtime === undefined ? {} : { mtime }),
		xattrs,
		isSparse,
	};
}

function pathValue(text: string): BytePath {
	if (text.includes('\0')) throw new TarFormatError('a name has a NUL byte');
	return text;
}

function countValue(text: string): number {
	const value = Number(text);
	if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) {
		throw new TarFormatError(`a pax header says "${text.replace(/[^ -~]/g, '?').slice(0, 40)}" where a number must be`);
	}
	return value;
}

/** Seconds with a fraction, of which nine digits count. Negative times round down, so that nanoseconds are positive. */
function timeValue(text: string): TarTime {
	const match = /^(-?)(\d{1,15})(?:\.(\d*))?$/.exec(text);
	if (match === null) throw new TarFormatError('a pax header has a time that is not a number');
	const seconds = Number(match[2]);
	const nanoseconds = Number((match[3] ?? '').slice(0, 9).padEnd(9, '0'));
	if (match[1] !== '-') return { seconds, nanoseconds };
	return nanoseconds === 0
		? { seconds: 0 - seconds, nanoseconds }
		: { seconds: -seconds - 1, nanoseconds: 1e9 - nanoseconds };
}
