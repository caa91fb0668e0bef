import { EngineError } from '../../errors.ts';
import type { Store } from '../store.ts';
import { signalProcess } from '../system/process-identity.ts';
import { attend } from './attendance.ts';
import { awaitExit } from './await-exit.ts';
import { type ContainerRecord, findRecord, hasProcess, requireRecord } from './container-record.ts';
import { unpauseForSignal } from './pause.ts';
import { parseSignal } from './signals.ts';
import { refuseForeign } from './start.ts';

/** How long a killed process may take to be gone; only ever reached when it waits for a device. */
const killPatienceMs = 30_000;

/**
 * Sends a signal to a container's first process, and says so. A paused one goes on for it, by Docker's rule: unless
 * it has a stop signal of its own and this is another one. @throws EngineError wrong-status, invalid-argument, unsupported, locked
 */
export async function killContainer(store: Store, id: string, signal: string): Promise<void> {
	const record = requireRecord(store, id);
	const number = parseSignal(signal);
	if (!hasProcess(record.status)) {
		throw new EngineError('wrong-status', { container: record.name, operation: 'kill', status: record.status });
	}
	refuseForeign(record, 'kill');
	signalProcess(record.process, number);
	recordSignal(store, record, number);
	const { stopSignal } = record.settings.run;
	const endings = [parseSignal('SIGKILL'), stopSignal === undefined ? number : parseSignal(stopSignal)];
	if (endings.includes(number)) await unpauseForSignal(store, id);
}

/** Sends a signal without a word; false where nothing runs. */
export function signalContainer(store: Store, id: string, signal: NodeJS.Signals | number): boolean {
	const record = findRecord(store, id);
	return record !== undefined && hasProcess(record.status) && signalProcess(record.process, signal);
}

/**
 * Ends a container: its stop signal, and SIGKILL after `graceMs`. Resolves when its end is written down. One that
 * does not run stays as it is. @throws EngineError timeout, unsupported
 */
export async function stopContainer(store: Store, id: string, graceMs: number): Promise<void> {
	const record = requireRecord(store, id);
	if (!hasProcess(record.status)) return;
	refuseForeign(record, 'stop');
	const first = parseSignal(record.settings.run.stopSignal ?? 'SIGTERM');
	const attendance = attend(store, id);
	try {
		signalProcess(record.process, first);
		recordSignal(store, record, first);
		await unpauseForSignal(store, id);
		if ((await awaitExit(store, id, { deadline: Date.now() + graceMs })) === undefined) await endAtOnce(store, record);
	} finally {
		await attendance?.end();
	}
	store.database.writeVolatile(() =>
		store.database.recordEvent('stop', { kind: 'container', id }, attributesOf(record)),
	);
}

/** SIGKILL, and the end of it. @throws EngineError timeout */
export async function endAtOnce(store: Store, record: ContainerRecord): Promise<void> {
	const kill = parseSignal('SIGKILL');
	const attendance = attend(store, record.id);
	try {
		signalProcess(record.process, kill);
		recordSignal(store, record, kill);
		await unpauseForSignal(store, record.id);
		if ((await awaitExit(store, record.id, { deadline: Date.now() + killPatienceMs })) !== undefined) return;
	} finally {
		await attendance?.end();
	}
	throw new EngineError('timeout', { operation: `ending container ${record.name}`, afterMs: killPatienceMs });
}

function recordSignal(store: Store, record: ContainerRecord, signal: number): void {
	store.database.writeVolatile(() =>
		store.database.recordEvent(
			'kill',
			{ kind: 'container', id: record.id },
			{ ...attributesOf(record), signal: String(signal) },
		),
	);
}

function attributesOf(record: ContainerRecord): Readonly<Record<string, string>> {
	return { name: record.name, image: record.imageReference };
}
