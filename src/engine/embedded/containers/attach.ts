import { once } from 'node:events';
import { closeSync, constants, openSync, read, write, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import type { ProcessStreams, TerminalSizes } from '../../port.ts';
import { connectSeqpacket, isSystemError, shutdownWrites } from '../system/syscalls.ts';

const readAsync = promisify(read);
const writeAsync = promisify(write);

/** More than the monitor ever puts into one packet: a byte for the stream, then up to 8 KiB. */
const packetBytes = 64 * 1024;
/** Less than the monitor reads at once; what is longer would be cut off. */
const inputBytes = 8 * 1024;
const standardError = 3;

/** Streams that are tied to a container's. */
export interface Attachment {
	/** Resolves when the container's side is closed and all of its output is written. */
	readonly finished: Promise<void>;
	/** Lets go of the streams. */
	detach(): void;
}

/** Where a monitor listens, and how the container is made. */
export interface AttachTarget {
	readonly socket: string;
	/** FIFO for the terminal's size. */
	readonly control: string;
	readonly tty: boolean;
	readonly stdin: boolean;
}

/**
 * Ties streams to a monitor's attach socket. Bytes go through as they are; a slow reader slows the container down.
 * @throws SystemCallError where nobody listens
 */
export function attachStreams(target: AttachTarget, streams: ProcessStreams): Attachment {
	const socket = connectSeqpacket(target.socket);
	const releases: (() => void)[] = [];
	if (target.tty && streams.terminal !== undefined) releases.push(followSize(target.control, streams.terminal));
	if (target.stdin && streams.stdin !== undefined) releases.push(pumpInput(streams.stdin, socket));
	let detached = false;
	const detach = () => {
		if (detached) return;
		detached = true;
		for (const release of releases) release();
	};
	const finished = pumpOutput(socket, streams).finally(() => {
		detach();
		closeSync(socket);
	});
	// Who gives up before the end does not wait for it.
	finished.catch(() => {});
	return { finished, detach };
}

/** Each packet is one byte that names the stream, and what was written to it. Source: conmon src/conn_sock.c */
async function pumpOutput(socket: number, streams: ProcessStreams): Promise<void> {
	const buffer = Buffer.allocUnsafe(packetBytes);
	for (;;) {
		let length: number;
		try {
			({ bytesRead: length } = await readAsync(socket, buffer, 0, packetBytes, null));
		} catch (error) {
			// The monitor has left input of ours unread. The kernel says so once, before what is still to be read.
			if (isSystemError(error, 'ECONNRESET', 'EINTR')) continue;
			throw error;
		}
		if (length === 0) return;
		const stream = buffer[0] === standardError ? streams.stderr : streams.stdout;
		await writeThrough(stream, Buffer.from(buffer.subarray(1, length)));
	}
}

/** A reader who has gone away does not end the container. */
async function writeThrough(stream: NodeJS.WritableStream, bytes: Buffer): Promise<void> {
	if (!stream.writable || stream.write(bytes)) return;
	const settled = new AbortController();
	const { signal } = settled;
	await Promise.race([once(stream, 'drain', { signal }), once(stream, 'close', { signal })]).catch(() => {});
	settled.abort();
}

function pumpInput(stdin: NodeJS.ReadableStream, socket: number): () => void {
	let sending = Promise.resolve();
	let isOpen = true;
	const finish = () => {
		if (!isOpen) return;
		isOpen = false;
		stdin.off('data', forward).off('end', end).off('error', end);
		stdin.pause();
	};
	const forward = (chunk: Buffer | string) => {
		stdin.pause();
		sending = sending
			.then(() => send(socket, Buffer.from(chunk)))
			.then(() => {
				if (isOpen) stdin.resume();
			}, finish);
	};
	const end = () => {
		sending = sending
			.then(() => {
				if (isOpen) shutdownWrites(socket);
			})
			.catch(() => {});
	};
	stdin.on('data', forward).on('end', end).on('error', end);
	return finish;
}

async function send(socket: number, bytes: Buffer): Promise<void> {
	for (let offset = 0; offset < bytes.length; offset += inputBytes) {
		const length = Math.min(inputBytes, bytes.length - offset);
		await writeAsync(socket, bytes, offset, length, null);
	}
}

function followSize(control: string, terminal: TerminalSizes): () => void {
	tellSize(control, terminal.columns, terminal.rows);
	return terminal.onResize((columns, rows) => tellSize(control, columns, rows));
}

/** Source: conmon src/ctrl.c, message type 1. A size that does not arrive is corrected by the next one. */
function tellSize(control: string, columns: number, rows: number): void {
	try {
		const fifo = openSync(control, constants.O_WRONLY | constants.O_NONBLOCK);
		try {
			writeSync(fifo, `1 ${rows} ${columns}\n`);
		} finally {
			closeSync(fifo);
		}
	} catch (error) {
		if (!isSystemError(error)) throw error;
	}
}
