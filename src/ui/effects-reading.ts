import type { LogLine } from '../engine/model.ts';
import { createBatch } from './batch.ts';
import type { EffectContext } from './effect-context.ts';
import { cleanText } from './format.ts';
import type { AppState } from './state.ts';
import { selectedContainer, selectedImage } from './views/lists.ts';

/** Lines of a log that are read back when it is opened. */
const tailLines = 2000;
/** Lines that arrive within this time are drawn together. */
const batchMs = 50;

/** The effects that open something to read. */
export interface Reading {
	/** Opens the log of the container under the cursor; resolves when the view is closed or the log has ended. */
	followLog(state: AppState): Promise<void>;
	inspectContainer(state: AppState): Promise<void>;
	inspectImage(state: AppState): Promise<void>;
	stop(): void;
}

/** Makes the effects that read. */
export function createReading({ engine, store, ending }: EffectContext): Reading {
	let log: { readonly containerId: string; readonly abort: AbortController } | undefined;

	const closeLog = () => {
		log?.abort.abort();
		log = undefined;
	};
	const stopWatching = store.subscribe(() => {
		// The stream lives as long as the view of it.
		const { stack } = store.getState();
		if (log !== undefined && !stack.some((one) => one.type === 'logs' && one.containerId === log?.containerId))
			closeLog();
	});

	const openDocument = (title: string, document: unknown) => {
		const lines = JSON.stringify(document, undefined, 2).split('\n').map(cleanText);
		store.dispatch({ type: 'inspect-opened', view: { title, lines } });
	};

	return {
		followLog: async (state) => {
			const row = selectedContainer(state);
			if (row === undefined) return;
			closeLog();
			const containerId = row.container.id;
			const abort = new AbortController();
			const signal = AbortSignal.any([abort.signal, ending]);
			store.dispatch({ type: 'logs-opened', containerId, name: row.name });
			log = { containerId, abort };
			const batch = createBatch<LogLine>(batchMs, (lines) => {
				if (!signal.aborted) store.dispatch({ type: 'log-lines-read', containerId, lines });
			});
			try {
				const lines = engine.containers.logs(containerId, { follow: true, tailLines, sinceAt: undefined, signal });
				for await (const line of lines) batch.add(line);
			} finally {
				batch.flush();
				if (!signal.aborted) store.dispatch({ type: 'log-ended', containerId });
			}
		},
		inspectContainer: async (state) => {
			const row = selectedContainer(state);
			if (row === undefined) return;
			openDocument(`Container ${row.name}`, await engine.containers.inspect(row.container.id));
		},
		inspectImage: async (state) => {
			const row = selectedImage(state);
			if (row === undefined) return;
			openDocument(`Image ${row.repository}:${row.tag}`, await engine.images.inspect(row.image.id));
		},
		stop: () => {
			stopWatching();
			closeLog();
		},
	};
}
