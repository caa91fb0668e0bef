import { once } from 'node:events';
import { closeSync, constants, openSync, read, write, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import type { ProcessStreams, TerminalSizes } from '../../port-containers.ts';
import { connectSeqpacket, isSystemError, shutdownSocket, shutdownWrites } from '../system/syscalls.ts';
import { DetachDetector } from './detach-keys.ts';

const readAsync = promisify(read);
const writeAsync = promisify(write);

/** More than the monitor ever puts into one packet: a byte for the stream, then up to 8 KiB. */
const packetBytes = 64 * 1024;
/** Less than the monitor reads at once; what is longer would be cut off. */
const inputBytes = 8 * 1024;
const standardError = 3;
/** When the right size follows the wrong one. */
const redrawDelaysMs = [50, 250, 1_000];

/** Streams that are tied to a container's. */
export interface Attachment {
	/** Resolves when the container's side is closed and all of its output is written. */
	readonly finished: Promise<void>;
	/** Lets go of the streams. */
	detach(): void;
	/** True once somebody has let go of the container, by its keys or by the signal for it. */
	wasLeft(): boolean;
}

/** Where a monitor listens, and how the container is made. */
export interface AttachTarget {
	readonly socket: string;
	/** FIFO for the terminal's size. */
	readonly control: string;
	readonly tty: boolean;
	readonly stdin: boolean;
	/** Makes what runs there draw its screen again. */
	readonly redraws?: boolean;
}

/**
 * Ties streams to a monitor's attach socket. Bytes go through as they are; a slow reader slows the container down.
 * @throws SystemCallError where nobody listens
 */
export function attachStreams(target: AttachTarget, streams: ProcessStreams): Attachment {
	const socket = connectSeqpacket(target.socket);
	const releases: (() => void)[] = [];
	const { terminal, detach: wish } = streams;
	if (target.tty && terminal !== undefined) {
		if (target.redraws) releases.push(forceRedraw(target.control, terminal));
		else tellSize(target.control, terminal.columns, terminal.rows);
		releases.push(terminal.onResize((columns, rows) => tellSize(target.control, columns, rows)));
	}
	let left = false;
	let closed = false;
	const leave = () => {
		if (left || closed) return;
		left = true;
		for (const release of releases) release();
		// Ends our own reading too.
		shutdownSocket(socket);
		wish?.onDetach();
	};
	if (target.stdin && streams.stdin !== undefined) {
		const detector = target.tty && wish !== undefined ? new DetachDetector(wish.keys) : undefined;
		releases.push(pumpInput(streams.stdin, socket, { detector, leave }));
	}
	if (wish?.signal !== undefined) {
		const { signal } = wish;
		signal.addEventListener('abort', leave, { once: true });
		releases.push(() => signal.removeEventListener('abort', leave));
	}
	let detached = false;
	const detach = () => {
		if (detached) return;
		detached = true;
		for (const release of releases) release();
	};
	const finished = pumpOutput(socket, streams).finally(() => {
		detach();
		closed = true;
		closeSync(socket);
	});
	// Who gives up before the end does not wait for it.
	finished.catch(() => {});
	return { finished, detach, wasLeft: () => left };
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

function pumpInput(
	stdin: NodeJS.ReadableStream,
	socket: number,
	leaving: { readonly detector: DetachDetector | undefined; readonly leave: () => void },
): () => void {
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
		const typed = leaving.detector?.push(Buffer.from(chunk)) ?? { bytes: Buffer.from(chunk), isComplete: false };
		sending = sending
			.then(() => send(socket, typed.bytes))
			.then(() => {
				if (typed.isComplete) leaving.leave();
				else if (isOpen) stdin.resume();
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

/**
 * A size that has not changed tells nobody anything, so another one is told first. The monitor takes one size at a
 * time; telling the right one again does nothing where it has arrived.
 */
function forceRedraw(control: string, terminal: TerminalSizes): () => void {
	tellSize(control, terminal.columns, terminal.rows + 1);
	const timers = redrawDelaysMs.map((delayMs) =>
		setTimeout(() => tellSize(control, terminal.columns, terminal.rows), delayMs),
	);
	return () => {
		for (const timer of timers) clearTimeout(timer);
	};
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
