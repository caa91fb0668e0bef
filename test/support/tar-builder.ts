/** What a hand-made entry is; what is left out is a plain file of ours. Fields may hold what no honest tar has. */
export interface BuiltEntry {
	readonly name: string | Buffer;
	/** The header's one character. */
	readonly typeFlag?: string;
	readonly content?: string | Uint8Array;
	readonly linkName?: string;
	readonly mode?: number;
	readonly uid?: number;
	readonly gid?: number;
	readonly mtime?: number;
	readonly device?: readonly [major: number, minor: number];
	/** Records of a pax header before the entry. */
	readonly pax?: Readonly<Record<string, string | Uint8Array>>;
	/** The 12 bytes of the size field, where they are to lie. */
	readonly sizeField?: string | Buffer;
}

/** Entry types by their header's character. */
export const typeFlags = {
	hardlink: '1',
	symlink: '2',
	characterDevice: '3',
	blockDevice: '4',
	directory: '5',
	fifo: '6',
};

/** A tar out of hand-made entries, written by other code than the engine's own. */
export function buildTar(entries: readonly BuiltEntry[], options: { readonly end?: boolean } = {}): Buffer {
	const end = options.end === false ? [] : [Buffer.alloc(1024)];
	return Buffer.concat([...entries.flatMap(encodeEntry), ...end]);
}

/** One chunk after the other, of the given size. */
export async function* inChunks(bytes: Uint8Array, chunkBytes = 65_536): AsyncGenerator<Uint8Array> {
	for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
}

/** `<length> key=value\n`, where the length counts itself. */
export function paxRecord(key: string, value: string | Uint8Array): Buffer {
	const rest = Buffer.concat([Buffer.from(` ${key}=`), Buffer.from(value as string), Buffer.from('\n')]);
	const digits = [1, 2, 3, 4, 5, 6, 7].find((count) => String(rest.length + count).length === count) ?? 0;
	return Buffer.concat([Buffer.from(String(rest.length + digits)), rest]);
}

function encodeEntry(entry: BuiltEntry): Buffer[] {
	const content = Buffer.from((entry.content ?? '') as string);
	const pax = Object.entries(entry.pax ?? {}).map(([key, value]) => paxRecord(key, value));
	const paxBody = Buffer.concat(pax);
	const paxEntry = pax.length === 0 ? [] : encodeEntry({ name: 'pax', typeFlag: 'x', content: paxBody });
	return [...paxEntry, header(entry, content.length), content, Buffer.alloc((512 - (content.length % 512)) % 512)];
}

function header(entry: BuiltEntry, contentBytes: number): Buffer {
	const block = Buffer.alloc(512);
	const octal = (value: number, width: number) =>
		`${Math.max(0, value)
			.toString(8)
			.padStart(width - 1, '0')}\0`;
	Buffer.from(entry.name as string).copy(block, 0, 0, 100);
	block.write(octal(entry.mode ?? (entry.typeFlag === '5' ? 0o755 : 0o644), 8), 100, 'latin1');
	block.write(octal(entry.uid ?? process.getuid?.() ?? 0, 8), 108, 'latin1');
	block.write(octal(entry.gid ?? process.getgid?.() ?? 0, 8), 116, 'latin1');
	Buffer.from((entry.sizeField ?? octal(contentBytes, 12)) as string, 'latin1').copy(block, 124, 0, 12);
	block.write(octal(entry.mtime ?? 1_700_000_000, 12), 136, 'latin1');
	block.write('        ', 148, 'latin1');
	block.write(entry.typeFlag ?? '0', 156, 'latin1');
	block.write((entry.linkName ?? '').slice(0, 100), 157, 'latin1');
	block.write('ustar\x0000', 257, 'latin1');
	block.write(octal(entry.device?.[0] ?? 0, 8), 329, 'latin1');
	block.write(octal(entry.device?.[1] ?? 0, 8), 337, 'latin1');
	const sum = block.reduce((total, byte) => total + byte, 0);
	block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
	return block;
}
