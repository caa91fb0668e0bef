import { type BytePath, pathBytes } from '../system/byte-path.ts';
import { headerChecksum, paddingBytes, type TarEntry, type TarEntryType, tarBlockBytes } from './tar-format.ts';

/** The two blocks of zeros that end a tar. */
export const tarEnd: Uint8Array = Buffer.alloc(2 * tarBlockBytes);

const typeFlags: Readonly<Record<TarEntryType, string>> = {
	file: '0',
	hardlink: '1',
	symlink: '2',
	'character-device': '3',
	'block-device': '4',
	directory: '5',
	fifo: '6',
};
const longestField = 100;
/** What 11 and 7 octal digits hold. */
const largestSize = 0o77777777777;
const largestId = 0o7777777;

/**
 * An entry's header blocks, to be followed by its payload and `tarPadding`. Plain ustar where that says everything,
 * else with a pax header before it. The same entry always gives the same bytes.
 * Spec: POSIX.1-2017 pax(1), "pax Interchange Format"
 */
export function encodeTarEntry(entry: TarEntry): Buffer {
	const records = paxRecords(entry);
	const header = encodeHeader({ ...entry, typeFlag: typeFlags[entry.type] });
	if (records.length === 0) return header;
	const body = Buffer.concat(records);
	const pax = encodeHeader({
		name: `PaxHeaders.0/${asciiOnly(baseName(entry.name)).slice(0, longestField - 20)}`,
		typeFlag: 'x',
		sizeBytes: body.length,
		mode: 0o644,
		uid: 0,
		gid: 0,
		mtime: { seconds: 0, nanoseconds: 0 },
		linkName: '',
		deviceMajor: 0,
		deviceMinor: 0,
	});
	return Buffer.concat([pax, body, tarPadding(body.length), header]);
}

/** The zeros after a payload of this size. */
export function tarPadding(sizeBytes: number): Uint8Array {
	return tarEnd.subarray(0, paddingBytes(sizeBytes));
}

function encodeHeader(entry: Omit<TarEntry, 'type' | 'xattrs'> & { readonly typeFlag: string }): Buffer {
	const block = Buffer.alloc(tarBlockBytes);
	block.write(entry.name.slice(0, longestField), 0, 'latin1');
	const octal = (offset: number, width: number, value: number, largest: number) => {
		// What does not fit stands in the pax header.
		const fitting = value >= 0 && value <= largest ? value : 0;
		block.write(fitting.toString(8).padStart(width - 1, '0'), offset, 'latin1');
	};
	octal(100, 8, entry.mode, largestId);
	octal(108, 8, entry.uid, largestId);
	octal(116, 8, entry.gid, largestId);
	octal(124, 12, entry.sizeBytes, largestSize);
	octal(136, 12, entry.mtime.seconds, largestSize);
	block.write(entry.typeFlag, 156, 'latin1');
	block.write(entry.linkName.slice(0, longestField), 157, 'latin1');
	block.write('ustar\x0000', 257, 'latin1');
	octal(329, 8, entry.deviceMajor, largestId);
	octal(337, 8, entry.deviceMinor, largestId);
	block.write(`${headerChecksum(block).toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
	return block;
}

function paxRecords(entry: TarEntry): Buffer[] {
	const records: Buffer[] = [];
	const add = (keyword: string, value: string | Buffer) => records.push(paxRecord(keyword, value));
	if (!fitsField(entry.name)) add('path', pathBytes(entry.name));
	if (!fitsField(entry.linkName)) add('linkpath', pathBytes(entry.linkName));
	if (entry.sizeBytes > largestSize) add('size', String(entry.sizeBytes));
	if (entry.uid > largestId) add('uid', String(entry.uid));
	if (entry.gid > largestId) add('gid', String(entry.gid));
	const { seconds, nanoseconds } = entry.mtime;
	if (nanoseconds !== 0 || seconds < 0 || seconds > largestSize) add('mtime', timeText(seconds, nanoseconds));
	for (const [name, value] of entry.xattrs) add(`SCHILY.xattr.${name}`, value);
	return records;
}

/** The length counts itself. */
function paxRecord(keyword: string, value: string | Buffer): Buffer {
	const content = Buffer.concat([Buffer.from(` ${keyword}=`), Buffer.from(value as string), Buffer.from('\n')]);
	let length = content.length + 1;
	while (content.length + String(length).length !== length) length = content.length + String(length).length;
	return Buffer.concat([Buffer.from(String(length)), content]);
}

function timeText(seconds: number, nanoseconds: number): string {
	const whole = seconds < 0 && nanoseconds > 0 ? seconds + 1 : seconds;
	const rest = seconds < 0 && nanoseconds > 0 ? 1e9 - nanoseconds : nanoseconds;
	const fraction = rest === 0 ? '' : `.${String(rest).padStart(9, '0').replace(/0+$/, '')}`;
	return `${seconds < 0 ? '-' : ''}${Math.abs(whole)}${fraction}`;
}

function fitsField(name: BytePath): boolean {
	return name.length <= longestField && asciiOnly(name) === name;
}

function asciiOnly(name: BytePath): string {
	return name.replace(/[^\x20-\x7e]/g, '?');
}

function baseName(name: BytePath): BytePath {
	return name.replace(/\/+$/, '').replace(/^.*\//s, '');
}
