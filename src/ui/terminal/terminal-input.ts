import { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { type FunctionKey, type InputToken, InputTokenizer, type MouseReport } from './input-tokens.ts';

/** The part of a tty's reading side that is used; `process.stdin` on a terminal. */
export interface InputSource {
	on(event: 'data', listener: (chunk: Buffer | string) => void): unknown;
	on(event: 'end', listener: () => void): unknown;
	on(event: 'error', listener: (error: Error) => void): unknown;
	off(event: 'data', listener: (chunk: Buffer | string) => void): unknown;
	pause(): unknown;
	resume(): unknown;
	setRawMode?(isRaw: boolean): unknown;
	ref?(): unknown;
	unref?(): unknown;
}

/** How long an Escape waits for the rest of a sequence. */
const escapeWaitMs = 20;

/**
 * The stream that Ink gets as its stdin. Ink takes what one read brings for one key, so keys that arrive together are
 * handed over one by one; mouse reports and function keys, which Ink drops, go to listeners of their own.
 */
export class TerminalInput extends Readable {
	readonly isTTY = true;
	/** Whether raw mode was asked for last. */
	isRaw = false;
	readonly #source: InputSource;
	readonly #decoder = new StringDecoder('utf8');
	readonly #tokens = new InputTokenizer();
	readonly #functionKeys = new Set<(key: FunctionKey) => void>();
	readonly #mice = new Set<(report: MouseReport) => void>();
	#isReading = false;
	#escapeTimer: NodeJS.Timeout | undefined;
	readonly #take = (chunk: Buffer | string) => this.#receive(chunk);

	constructor(source: InputSource) {
		super({ objectMode: true, highWaterMark: 1024 });
		this.#source = source;
		source.on('end', () => this.push(null));
		// A terminal that is gone fails the read (EIO); for the application that is the end of input.
		source.on('error', () => this.push(null));
	}

	/** Calls back for every function key. @returns a function that ends it. */
	onFunctionKey(listener: (key: FunctionKey) => void): () => void {
		this.#functionKeys.add(listener);
		return () => this.#functionKeys.delete(listener);
	}

	/** Calls back for every mouse report; somebody else has to switch reporting on. @returns a function that ends it. */
	onMouse(listener: (report: MouseReport) => void): () => void {
		this.#mice.add(listener);
		return () => this.#mice.delete(listener);
	}

	/** As tty.ReadStream; reading starts with raw mode and stops with it, so that another program gets its keys. */
	setRawMode(isRaw: boolean): this {
		this.isRaw = isRaw;
		if (isRaw) this.takeOver();
		else this.giveBack();
		return this;
	}

	/** Reads the terminal again, raw if raw mode was asked for. */
	takeOver(): void {
		this.#source.setRawMode?.(this.isRaw);
		if (this.#isReading || !this.isRaw) return;
		this.#isReading = true;
		this.#source.on('data', this.#take);
		this.#source.resume();
	}

	/** Leaves the terminal alone, cooked; see takeOver. */
	giveBack(): void {
		this.#source.setRawMode?.(false);
		if (!this.#isReading) return;
		this.#isReading = false;
		this.#source.off('data', this.#take);
		this.#source.pause();
	}

	ref(): this {
		this.#source.ref?.();
		return this;
	}

	unref(): this {
		this.#source.unref?.();
		return this;
	}

	/** Does nothing: keys are strings already, and a decoder would join them again. */
	override setEncoding(): this {
		return this;
	}

	/** As Readable.read, without what belongs to listeners of its own: those are called in the order of the input. */
	override read(size?: number): unknown {
		for (;;) {
			const token: InputToken | null = super.read(size);
			if (token === null) return null;
			if (token.type === 'function') for (const listener of this.#functionKeys) listener(token.key);
			else if (token.type === 'mouse') for (const listener of this.#mice) listener(token.report);
			else return token.text;
		}
	}

	override _read(): void {}

	override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
		clearTimeout(this.#escapeTimer);
		this.giveBack();
		done(error);
	}

	#receive(chunk: Buffer | string): void {
		clearTimeout(this.#escapeTimer);
		this.#hand(this.#tokens.push(typeof chunk === 'string' ? chunk : this.#decoder.write(chunk)));
		if (this.#tokens.isUnfinished) {
			this.#escapeTimer = setTimeout(() => this.#hand(this.#tokens.flush()), escapeWaitMs);
		}
	}

	#hand(tokens: readonly InputToken[]): void {
		for (const token of tokens) this.push(token);
	}
}
