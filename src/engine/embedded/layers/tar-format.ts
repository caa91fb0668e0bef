import type { BytePath } from '../system/byte-path.ts';

/** The unit of a tar: headers are one block, payloads are padded to whole ones. */
export const tarBlockBytes = 512;

/** What an entry asks to be made. Spec: POSIX pax, ustar typeflag */
export type TarEntryType = 'file' | 'directory' | 'symlink' | 'hardlink' | 'character-device' | 'block-device' | 'fifo';

/** A point in time as tars and filesystems keep it; `nanoseconds` is always 0 to 999,999,999. */
export interface TarTime {
	readonly seconds: number;
	readonly nanoseconds: number;
}

/** One entry, with its extended headers applied. */
export interface TarEntry {
	/** As it stands in the tar: may be absolute, may climb, may end in a slash. */
	readonly name: BytePath;
	readonly type: TarEntryType;
	/** Bytes of payload that follow; 0 for everything but a file. */
	readonly sizeBytes: number;
	/** Permissions with setuid, setgid and sticky; no type. */
	readonly mode: number;
	readonly uid: number;
	readonly gid: number;
	readonly mtime: TarTime;
	/** Of a symlink or hardlink; else empty. */
	readonly linkName: BytePath;
	readonly xattrs: ReadonlyMap<string, Buffer>;
	readonly deviceMajor: number;
	readonly deviceMinor: number;
}

/** What untrusted input may ask for. */
export interface TarLimits {
	readonly entryCount: number;
	/** All bytes of the tar. */
	readonly tarBytes: number;
	/** Of one name or link target: what the kernel takes as a path. */
	readonly nameBytes: number;
	/** Of one extended header. */
	readonly extendedHeaderBytes: number;
	/** After the end marker. */
	readonly trailingBytes: number;
}

/** Far above any honest layer, and bounded all the same. */
export const defaultTarLimits: TarLimits = {
	entryCount: 2_000_000,
	tarBytes: 2 ** 38,
	nameBytes: 4095,
	extendedHeaderBytes: 2 ** 20,
	trailingBytes: 2 ** 24,
};

/** The fields of one header block, before any extended header. */
export interface TarHeader {
	readonly name: BytePath;
	/** One character. */
	readonly typeFlag: string;
	readonly size: number;
	readonly mode: number;
	readonly uid: number;
	readonly gid: number;
	readonly mtimeSeconds: number;
	readonly linkName: BytePath;
	readonly deviceMajor: number;
	readonly deviceMinor: number;
}

/** Something a tar may not contain; the reader says where. */
export class TarFormatError extends Error {
	override readonly name = 'TarFormatError';
}

const offsets = {
	name: [0, 100],
	mode: [100, 8],
	uid: [108, 8],
	gid: [116, 8],
	size: [124, 12],
	mtime: [136, 12],
	checksum: [148, 8],
	typeFlag: 156,
	linkName: [157, 100],
	magic: 257,
	deviceMajor: [329, 8],
	deviceMinor: [337, 8],
	prefix: [345, 155],
	starPrefix: [345, 131],
	starMagic: 508,
} as const;

/** True for the block of zeros that ends a tar. */
export function isZeroBlock(block: Uint8Array): boolean {
	for (const byte of block) if (byte !== 0) return false;
	return true;
}

/**
 * Reads one header block of a v7, ustar, star or GNU tar, with Go's rules, as Docker does.
 * Spec: POSIX.1-2017 pax(1), "ustar Interchange Format"; GNU tar manual, "Basic Tar Format"
 * @throws TarFormatError
 */
export function decodeHeader(block: Buffer): TarHeader {
	checkChecksum(block);
	const field = ([offset, length]: readonly [number, number]) => numberAt(block, offset, length);
	const isUstar = block.toString('latin1', offsets.magic, offsets.magic + 8) === 'ustar\x0000';
	const isGnu = block.toString('latin1', offsets.magic, offsets.magic + 8) === 'ustar  \0';
	let name = textAt(block, offsets.name);
	if (isUstar) {
		const isStar = block.toString('latin1', offsets.starMagic, offsets.starMagic + 4) === 'tar\0';
		const prefix = textAt(block, isStar ? offsets.starPrefix : offsets.prefix);
		if (prefix !== '') name = `${prefix}/${name}`;
	}
	return {
		name,
		typeFlag: String.fromCharCode(block[offsets.typeFlag] ?? 0),
		size: field(offsets.size),
		mode: field(offsets.mode),
		uid: field(offsets.uid),
		gid: field(offsets.gid),
		mtimeSeconds: field(offsets.mtime),
		linkName: textAt(block, offsets.linkName),
		deviceMajor: isUstar || isGnu ? field(offsets.deviceMajor) : 0,
		deviceMinor: isUstar || isGnu ? field(offsets.deviceMinor) : 0,
	};
}

/** Sum of the header's bytes with the checksum field read as spaces. */
export function headerChecksum(block: Uint8Array): number {
	const [start, length] = offsets.checksum;
	let sum = 0;
	for (let at = 0; at < tarBlockBytes; at++) sum += at >= start && at < start + length ? 32 : (block[at] ?? 0);
	return sum;
}

/** Bytes of padding after a payload. */
export function paddingBytes(sizeBytes: number): number {
	return (tarBlockBytes - (sizeBytes % tarBlockBytes)) % tarBlockBytes;
}

function checkChecksum(block: Buffer): void {
	const [start, length] = offsets.checksum;
	const expected = numberAt(block, start, length);
	const sum = headerChecksum(block);
	if (sum === expected) return;
	// Old writers summed signed bytes.
	let highBytes = 0;
	for (let at = 0; at < tarBlockBytes; at++) {
		if ((at < start || at >= start + length) && (block[at] ?? 0) > 127) highBytes++;
	}
	if (sum - 256 * highBytes !== expected) throw new TarFormatError('a header’s checksum is wrong');
}

function textAt(block: Buffer, [offset, length]: readonly [number, number]): BytePath {
	const end = block.indexOf(0, offset);
	return block.toString('latin1', offset, end === -1 || end > offset + length ? offset + length : end);
}

function numberAt(block: Buffer, offset: number, length: number): number {
	return ((block[offset] ?? 0) & 0x80) !== 0 ? binaryAt(block, offset, length) : octalAt(block, offset, length);
}

function octalAt(block: Buffer, offset: number, length: number): number {
	let at = offset;
	const end = offset + length;
	while (at < end && (block[at] === 0x20 || block[at] === 0)) at++;
	let value = 0;
	for (; at < end && block[at] !== 0x20 && block[at] !== 0; at++) {
		const digit = (block[at] ?? 0) - 0x30;
		if (digit < 0 || digit > 7) throw new TarFormatError('a number in a header is not octal');
		value = value * 8 + digit;
	}
	return value;
}

/** GNU's extension: big-endian two's complement below a leading set bit. */
function binaryAt(block: Buffer, offset: number, length: number): number {
	const negative = ((block[offset] ?? 0) & 0x40) !== 0;
	let value = (block[offset] ?? 0) & 0x3f;
	if (negative) value -= 0x40;
	for (let at = offset + 1; at < offset + length; at++) {
		value = value * 256 + (block[at] ?? 0);
		if (!Number.isSafeInteger(value)) throw new TarFormatError('a number in a header is too large');
	}
	return value;
}
