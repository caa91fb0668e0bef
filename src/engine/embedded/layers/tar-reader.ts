import { EngineError } from '../../errors.ts';
import { type BytePath, printablePath } from '../system/byte-path.ts';
import {
	decodeHeader,
	defaultTarLimits,
	isZeroBlock,
	paddingBytes,
	type TarEntry,
	type TarEntryType,
	TarFormatError,
	type TarHeader,
	type TarLimits,
	tarBlockBytes,
} from './tar-format.ts';
import { type PaxAttributes, parsePax } from './tar-pax.ts';

/** Receives a tar, piece by piece, in order. What it is handed is only valid during the call. */
export interface TarSink {
	/** Bytes that are no payload: headers, padding, the end. With the payloads between them they are the whole tar. */
	structure?(bytes: Uint8Array): void;
	entry(entry: TarEntry): void;
	/** The next part of the payload of the last entry. */
	payload?(bytes: Uint8Array): void;
	/** After an entry's last byte of payload; also where it has none. */
	endEntry?(): void;
}

/** What a reader is told of the tar it gets. */
export interface TarReaderOptions {
	/** What is read, for people: `layer 3 of app.tar`. */
	readonly where: string;
	readonly limits?: Partial<TarLimits>;
	/** Takes a tar that stops after an entry without an end marker; only where a digest vouches for the whole. */
	readonly allowMissingEnd?: boolean;
}

type State = 'header' | 'extended' | 'payload' | 'padding' | 'trailer';

const entryTypes: Readonly<Record<string, TarEntryType>> = {
	'0': 'file',
	'\0': 'file',
	'7': 'file',
	'1': 'hardlink',
	'2': 'symlink',
	'3': 'character-device',
	'4': 'block-device',
	'5': 'directory',
	'6': 'fifo',
};
/** pax of one entry, pax of all (which nobody who makes layers relies on), GNU long name, GNU long link. */
const extendedTypes = 'xgLK';

/**
 * Reads a tar as it arrives, in chunks of any size, and hands its parts to a sink, all within `push`: no promise
 * and no copy for each entry. Holds one header and one extended header at a time.
 * Extended headers count as in Go's reader, which is Docker's.
 */
export class TarReader {
	readonly #sink: TarSink;
	readonly #where: string;
	readonly #limits: TarLimits;
	readonly #allowMissingEnd: boolean;
	readonly #partial = Buffer.alloc(tarBlockBytes);
	#partialBytes = 0;
	#state: State = 'header';
	/** Bytes still to come of the payload, the padding or the extended header. */
	#left = 0;
	#padding = 0;
	#bytesRead = 0;
	#entryCount = 0;
	#trailingBytes = 0;
	#zeroBlocks = 0;
	#extendedType = '';
	#extendedParts: Buffer[] = [];
	#pax: PaxAttributes | undefined;
	#longName: BytePath | undefined;
	#longLink: BytePath | undefined;

	constructor(sink: TarSink, options: TarReaderOptions) {
		this.#sink = sink;
		this.#where = options.where;
		this.#limits = { ...defaultTarLimits, ...options.limits };
		this.#allowMissingEnd = options.allowMissingEnd === true;
	}

	/** All bytes so far. */
	get bytesRead(): number {
		return this.#bytesRead;
	}

	/** Bytes of payload still to come; a caller that can seek may pass over them with `skip`. */
	get payloadLeft(): number {
		return this.#state === 'payload' ? this.#left : 0;
	}

	/** @throws EngineError corrupt, unsupported, limit-exceeded; and whatever the sink throws */
	push(chunk: Uint8Array): void {
		const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
		if (this.#bytesRead + bytes.length > this.#limits.tarBytes) {
			throw this.#exceeded(`the size of ${this.#where}`, `${this.#limits.tarBytes.toLocaleString('en')} bytes`);
		}
		for (let at = 0; at < bytes.length; ) {
			const taken = this.#take(bytes, at);
			at += taken;
			this.#bytesRead += taken;
		}
	}

	/** Passes over bytes of payload, at most `payloadLeft`. */
	skip(bytes: number): void {
		if (bytes === 0) return;
		this.#left -= bytes;
		this.#bytesRead += bytes;
		if (this.#left === 0) this.#endPayload();
	}

	/** To be called once, after the last byte. @throws EngineError corrupt where the tar is cut short */
	end(): void {
		const betweenEntries = this.#state === 'header' && this.#partialBytes === 0;
		const extendedPending = this.#pax !== undefined || this.#longName !== undefined || this.#longLink !== undefined;
		if (this.#state === 'trailer' || (betweenEntries && this.#zeroBlocks > 0)) return;
		if (betweenEntries && !extendedPending && this.#allowMissingEnd) return;
		throw this.#corrupt(betweenEntries ? 'it stops without an end marker' : 'it stops in the middle of an entry');
	}

	/** Uses up some bytes from `at` on and says how many. */
	#take(bytes: Buffer, at: number): number {
		if (this.#state === 'header') return this.#takeHeader(bytes, at);
		if (this.#state === 'trailer') return this.#takeTrailer(bytes.subarray(at));
		const part = bytes.subarray(at, Math.min(bytes.length, at + this.#left));
		this.#left -= part.length;
		if (this.#state === 'payload') {
			this.#sink.payload?.(part);
			if (this.#left === 0) this.#endPayload();
			return part.length;
		}
		this.#sink.structure?.(part);
		if (this.#state === 'extended') this.#extendedParts.push(Buffer.from(part));
		if (this.#left === 0) this.#state === 'extended' ? this.#endExtended() : this.#enter('header', 0);
		return part.length;
	}

	#takeHeader(bytes: Buffer, at: number): number {
		if (this.#partialBytes === 0 && bytes.length - at >= tarBlockBytes) {
			this.#header(bytes.subarray(at, at + tarBlockBytes));
			return tarBlockBytes;
		}
		const taken = Math.min(tarBlockBytes - this.#partialBytes, bytes.length - at);
		bytes.copy(this.#partial, this.#partialBytes, at, at + taken);
		this.#partialBytes += taken;
		if (this.#partialBytes === tarBlockBytes) {
			this.#partialBytes = 0;
			this.#header(this.#partial);
		}
		return taken;
	}

	#takeTrailer(bytes: Buffer): number {
		this.#trailingBytes += bytes.length;
		if (this.#trailingBytes > this.#limits.trailingBytes) {
			throw this.#exceeded(`what follows the end of ${this.#where}`, `${this.#limits.trailingBytes} bytes`);
		}
		this.#sink.structure?.(bytes);
		return bytes.length;
	}

	#header(block: Buffer): void {
		this.#sink.structure?.(block);
		if (isZeroBlock(block)) {
			this.#zeroBlocks++;
			if (this.#zeroBlocks === 2) this.#enter('trailer', 0);
			return;
		}
		if (this.#zeroBlocks > 0) throw this.#corrupt('an entry follows the end marker');
		const header = this.#decoded(() => decodeHeader(block));
		if (extendedTypes.includes(header.typeFlag)) this.#beginExtended(header);
		else this.#beginEntry(header);
	}

	#beginExtended(header: TarHeader): void {
		if (header.size < 0 || header.size > this.#limits.extendedHeaderBytes) {
			throw this.#exceeded(
				`an extended header in ${this.#where}`,
				`${header.size.toLocaleString('en')} bytes; ${this.#limits.extendedHeaderBytes.toLocaleString('en')} are allowed`,
			);
		}
		this.#extendedType = header.typeFlag;
		this.#extendedParts = [];
		this.#padding = paddingBytes(header.size);
		this.#enter('extended', header.size);
		if (header.size === 0) this.#endExtended();
	}

	#endExtended(): void {
		const bytes = Buffer.concat(this.#extendedParts);
		this.#extendedParts = [];
		if (this.#extendedType === 'x') this.#pax = this.#decoded(() => parsePax(bytes));
		else if (this.#extendedType !== 'g') {
			const end = bytes.indexOf(0);
			const name = bytes.toString('latin1', 0, end === -1 ? bytes.length : end);
			if (this.#extendedType === 'L') this.#longName = name;
			else this.#longLink = name;
		}
		this.#enter('padding', this.#padding);
	}

	#beginEntry(header: TarHeader): void {
		this.#entryCount++;
		if (this.#entryCount > this.#limits.entryCount) {
			throw this.#exceeded(`the number of entries in ${this.#where}`, this.#limits.entryCount.toLocaleString('en'));
		}
		const entry = this.#entryOf(header);
		this.#pax = undefined;
		this.#longName = undefined;
		this.#longLink = undefined;
		this.#padding = paddingBytes(entry.sizeBytes);
		this.#sink.entry(entry);
		this.#enter('payload', entry.sizeBytes);
		if (entry.sizeBytes === 0) this.#endPayload();
	}

	#entryOf(header: TarHeader): TarEntry {
		const pax = this.#pax;
		const name = this.#longName ?? pax?.path ?? header.name;
		const linkName = this.#longLink ?? pax?.linkPath ?? header.linkName;
		const longest = Math.max(name.length, linkName.length);
		if (longest > this.#limits.nameBytes) {
			throw this.#exceeded(
				`the length of a name in ${this.#where}`,
				`${longest.toLocaleString('en')} bytes; ${this.#limits.nameBytes.toLocaleString('en')} are allowed`,
			);
		}
		if (header.typeFlag === 'S' || pax?.isSparse === true) {
			throw new EngineError('unsupported', {
				operation: `reading ${this.#where}`,
				why: `"${printablePath(name)}" is a sparse file in GNU tar's own format; write the tar without --sparse`,
			});
		}
		// Before there was a type for directories, a trailing slash was their mark.
		const typeFlag = header.typeFlag === '\0' && name.endsWith('/') ? '5' : header.typeFlag;
		const type = entryTypes[typeFlag];
		if (type === undefined) {
			const flag = printablePath(typeFlag);
			throw this.#corrupt(`"${printablePath(name)}" has the unknown entry type "${flag}"`);
		}
		const sizeBytes = type === 'file' ? (pax?.size ?? header.size) : 0;
		const [uid, gid] = [pax?.uid ?? header.uid, pax?.gid ?? header.gid];
		if (sizeBytes < 0) throw this.#corrupt(`"${printablePath(name)}" has a negative size`);
		// The largest id but one: the largest means "leave it" to chown.
		for (const id of [uid, gid]) {
			if (id < 0 || id > 0xfffffffe) throw this.#corrupt(`"${printablePath(name)}" has the impossible owner ${id}`);
		}
		return {
			name,
			type,
			sizeBytes,
			mode: header.mode & 0o7777,
			uid,
			gid,
			mtime: pax?.mtime ?? { seconds: header.mtimeSeconds, nanoseconds: 0 },
			linkName: type === 'symlink' || type === 'hardlink' ? linkName : '',
			xattrs: pax?.xattrs ?? noXattrs,
			deviceMajor: header.deviceMajor,
			deviceMinor: header.deviceMinor,
		};
	}

	#endPayload(): void {
		this.#sink.endEntry?.();
		this.#enter('padding', this.#padding);
	}

	#enter(state: State, left: number): void {
		this.#state = state === 'padding' && left === 0 ? 'header' : state;
		this.#left = left;
	}

	#decoded<T>(decode: () => T): T {
		try {
			return decode();
		} catch (error) {
			if (error instanceof TarFormatError) throw this.#corrupt(error.message);
			throw error;
		}
	}

	#corrupt(why: string): EngineError {
		const at = this.#bytesRead.toLocaleString('en');
		return new EngineError('corrupt', { what: 'the tar of', where: this.#where, why: `${why} (at byte ${at})` });
	}

	#exceeded(what: string, limit: string): EngineError {
		return new EngineError('limit-exceeded', { what, limit });
	}
}

const noXattrs: ReadonlyMap<string, Buffer> = new Map();
