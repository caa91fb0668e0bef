import { write, writeSync } from 'node:fs';
import { Writable } from 'node:stream';

/** How long a write that must not be overtaken may take to begin. */
const overtakeGuardMs = 20;
const retryMs = 5;

/**
 * The terminal as a stream that never blocks the process: a write waits on a thread while the terminal takes nothing
 * (Node's own stdout would wait on the main one). It asks to be drained from the first byte on, so that one frame at
 * most is under way.
 */
export class TerminalOutput extends Writable {
	readonly #fd: number;
	#isBusy = false;

	constructor(fd: number) {
		super({ highWaterMark: 1 });
		this.#fd = fd;
	}

	/** Whether bytes are still under way. */
	get isBusy(): boolean {
		return this.#isBusy || this.writableLength > 0;
	}

	/**
	 * Writes at once, in the last moments of the process. What is still queued is dropped; a write that is under way on
	 * its thread gets a moment to begin, and the terminal's own lock lets it finish first. Errors are left alone: there is
	 * nobody to tell.
	 */
	writeNow(text: string): void {
		if (this.isBusy) sleep(overtakeGuardMs);
		let bytes = Buffer.from(text);
		for (let attempt = 0; bytes.length > 0 && attempt < 100; attempt++) {
			try {
				bytes = bytes.subarray(writeSync(this.#fd, bytes));
			} catch (error) {
				if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
				sleep(retryMs);
			}
		}
	}

	override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
		this.#isBusy = true;
		this.#writeFrom(chunk, 0, (error) => {
			this.#isBusy = false;
			done(error);
		});
	}

	#writeFrom(chunk: Buffer, offset: number, done: (error?: Error | null) => void): void {
		write(this.#fd, chunk, offset, chunk.length - offset, null, (error, count) => {
			if (error?.code === 'EAGAIN') setTimeout(() => this.#writeFrom(chunk, offset, done), retryMs);
			else if (error) done(error);
			else if (offset + count < chunk.length) this.#writeFrom(chunk, offset + count, done);
			else done();
		});
	}
}

function sleep(milliseconds: number): void {
	Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
