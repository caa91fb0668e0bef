import { EngineError } from '../../errors.ts';
import type { ProcessStreams } from '../../port-containers.ts';
import type { Store } from '../store.ts';
import { type Attachment, attachStreams } from './attach.ts';
import { awaitExit } from './await-exit.ts';
import { containerPaths } from './container-paths.ts';
import { requireRecord } from './container-record.ts';
import { signalContainer } from './kill.ts';
import { refuseForeign, type StartOptions, startContainer } from './start.ts';

/**
 * Starts a container with its streams tied to ours, and sees it to its end: no byte of output is lost, and its end
 * is written down when this resolves, with its exit code.
 * @throws EngineError wrong-status where it runs already, and as `startContainer`
 */
export async function runInForeground(
	store: Store,
	id: string,
	request: { readonly streams: ProcessStreams; readonly start: StartOptions },
): Promise<number> {
	const { streams } = request;
	const record = requireRecord(store, id);
	const { tty, stdinOpen } = record.settings;
	const paths = containerPaths(store.paths, id);
	let attachment: Attachment | undefined;
	try {
		const attendance = await startContainer(store, id, {
			...request.start,
			...(streams.terminal === undefined
				? {}
				: { terminalSize: { columns: streams.terminal.columns, rows: streams.terminal.rows } }),
			beforeRunning: async () => {
				attachment = attachStreams(
					{ socket: paths.attachSocket, control: paths.control, tty, stdin: stdinOpen },
					streams,
				);
			},
		});
		if (attendance === undefined) {
			throw new EngineError('wrong-status', { container: record.name, operation: 'start', status: record.status });
		}
		const stopForwarding = forwardSignals(store, id, streams.signals);
		try {
			await attachment?.finished;
			if (attachment?.wasLeft()) return 0;
			return (await awaitExit(store, id)) ?? 0;
		} finally {
			stopForwarding();
			await attendance.end();
		}
	} finally {
		attachment?.detach();
	}
}

/**
 * Ties streams to a container that runs already, and stays until its end, or until somebody lets go of it.
 * @throws EngineError wrong-status, unsupported
 */
export async function attachInForeground(store: Store, id: string, streams: ProcessStreams): Promise<number> {
	const record = requireRecord(store, id);
	if (record.status !== 'running') {
		throw new EngineError('wrong-status', { container: record.name, operation: 'attach to', status: record.status });
	}
	refuseForeign(record, 'attach to');
	const { tty, stdinOpen } = record.settings;
	const paths = containerPaths(store.paths, id);
	const target = { socket: paths.attachSocket, control: paths.control, tty, stdin: stdinOpen, redraws: true };
	store.database.writeVolatile(() => {
		const attributes = { name: record.name, image: record.imageReference };
		store.database.recordEvent('attach', { kind: 'container', id }, attributes);
	});
	const attachment = attachStreams(target, streams);
	const stopForwarding = forwardSignals(store, id, streams.signals);
	try {
		await attachment.finished;
		return attachment.wasLeft() ? 0 : ((await awaitExit(store, id)) ?? 0);
	} finally {
		stopForwarding();
		attachment.detach();
	}
}

/** Hands signals on until told to stop. */
function forwardSignals(store: Store, id: string, signals: AsyncIterable<NodeJS.Signals> | undefined): () => void {
	if (signals === undefined) return () => {};
	const iterator = signals[Symbol.asyncIterator]();
	let stopped = false;
	const forward = async () => {
		for (let next = await iterator.next(); next.done !== true && !stopped; next = await iterator.next()) {
			signalContainer(store, id, next.value);
		}
	};
	// A signal that cannot be delivered any more finds a container that is ending anyway.
	forward().catch(() => {});
	return () => {
		stopped = true;
		void iterator.return?.();
	};
}
