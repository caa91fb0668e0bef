/** What a process gets to end its work, and what Docker's `run` hands on. */
const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const handedOnSignals = [...endingSignals, 'SIGQUIT', 'SIGUSR2'] as const;
/** After so many a person wants out, whatever the container does with them; Docker counts to three as well. */
const patience = 3;

/** Signals as they come. `return` gives them back to whom they went before. */
export interface SignalQueue extends AsyncIterableIterator<NodeJS.Signals> {
	return(): Promise<IteratorResult<NodeJS.Signals>>;
}

/** The one place that signals of this process come to: they end the verb, or go to the container once it claims them. */
export class SignalDesk {
	readonly #interruption = new AbortController();
	#installed = false;
	#takers = 0;
	#handedOn = 0;

	/** Aborts at the first signal that ends a process; from now on such a signal has no other effect, but the second one has. */
	interrupted(): AbortSignal {
		if (!this.#installed) {
			this.#installed = true;
			for (const signal of endingSignals) process.on(signal, () => this.#interrupt(signal));
		}
		return this.#interruption.signal;
	}

	/** Claims all signals from now until `return`; the third that should end us does end us. */
	take(): SignalQueue {
		this.interrupted();
		const arrived: NodeJS.Signals[] = [];
		let waiting: ((result: IteratorResult<NodeJS.Signals>) => void)[] = [];
		let open = true;
		const receive = (signal: NodeJS.Signals) => {
			const next = waiting.shift();
			if (next === undefined) arrived.push(signal);
			else next({ value: signal, done: false });
		};
		for (const signal of handedOnSignals) process.on(signal, receive);
		this.#takers++;
		const ended: IteratorResult<NodeJS.Signals> = { value: undefined, done: true };
		const queue: SignalQueue = {
			[Symbol.asyncIterator]: () => queue,
			next: () => {
				const value = arrived.shift();
				if (value !== undefined) return Promise.resolve({ value, done: false });
				if (!open) return Promise.resolve(ended);
				return new Promise((resolve) => waiting.push(resolve));
			},
			return: async () => {
				if (open) {
					open = false;
					this.#takers--;
					for (const signal of handedOnSignals) process.off(signal, receive);
					for (const resolve of waiting) resolve(ended);
					waiting = [];
				}
				return ended;
			},
		};
		return queue;
	}

	#interrupt(signal: (typeof endingSignals)[number]): void {
		if (this.#takers > 0) {
			if (++this.#handedOn < patience) return;
			process.stderr.write('The container does not react; it goes on without this command.\n');
			dieOf(signal);
			return;
		}
		// The second time is meant: whoever waits for the verb to clean up has had enough.
		if (this.#interruption.signal.aborted) dieOf(signal);
		this.#interruption.abort();
	}
}

/** By the signal itself: `process.exit` would wait for reads that are under way. */
function dieOf(signal: NodeJS.Signals): void {
	process.removeAllListeners(signal);
	process.kill(process.pid, signal);
}
