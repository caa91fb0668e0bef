import { EngineError } from '../../errors.ts';
import type {
	Confinement,
	ContainerDetail,
	ContainerId,
	ContainerMount,
	ContainerStatus,
	ContainerSummary,
	ImageId,
	NetworkMode,
	ResourceLimits,
	RunConfig,
} from '../../model.ts';
import type { Store } from '../store.ts';
import { readBootId } from '../system/boot-id.ts';
import { isAlive, ownNamespaces, type ProcessIdentity } from '../system/process-identity.ts';
import { containerPaths } from './container-paths.ts';

/** What a container was created with; it keeps this for life. */
export interface ContainerSettings {
	/** The image's and the command line's wishes put together. */
	readonly run: RunConfig;
	readonly tty: boolean;
	readonly stdinOpen: boolean;
	readonly autoRemove: boolean;
	readonly limits: ResourceLimits;
	/** Absent in older rows, and where all is as by default. */
	readonly confinement?: Confinement | undefined;
	readonly hostname: string;
	readonly network: NetworkMode;
	/** Volumes by name, anonymous ones too. */
	readonly mounts: readonly ContainerMount[];
}

/** A container as its row says. */
export interface ContainerRecord {
	readonly id: ContainerId;
	readonly name: string;
	readonly imageId: ImageId;
	readonly imageReference: string;
	readonly settings: ContainerSettings;
	readonly status: ContainerStatus;
	/** The container's first process, of the last start. */
	readonly process: ProcessIdentity | undefined;
	readonly monitor: ProcessIdentity | undefined;
	/** Where and when the two above mean something. undefined before the first start. */
	readonly bootId: string | undefined;
	readonly mountNamespace: string | undefined;
	readonly pidNamespace: string | undefined;
	readonly exitCode: number | undefined;
	readonly outOfMemory: boolean;
	readonly error: string | undefined;
	readonly createdAt: number;
	readonly startedAt: number | undefined;
	readonly finishedAt: number | undefined;
	readonly writableBytes: number | undefined;
	readonly diskBytes: number | undefined;
	readonly measuredAt: number | undefined;
	readonly imageBytes: number;
	readonly generation: number;
}

interface ContainerRow {
	readonly id: ContainerId;
	readonly name: string;
	readonly image_id: ImageId;
	readonly image_reference: string;
	readonly settings: string;
	readonly status: ContainerStatus;
	readonly pid: number | null;
	readonly pid_start_ticks: string | null;
	readonly monitor_pid: number | null;
	readonly monitor_start_ticks: string | null;
	readonly boot_id: string | null;
	readonly mount_namespace: string | null;
	readonly pid_namespace: string | null;
	readonly exit_code: number | null;
	readonly out_of_memory: number;
	readonly error: string | null;
	readonly created_at: number;
	readonly started_at: number | null;
	readonly finished_at: number | null;
	readonly size_bytes: number | null;
	readonly disk_bytes: number | null;
	readonly measured_at: number | null;
	readonly image_bytes: number;
	readonly generation: number;
}

const columns = `container.*, image.size_bytes AS image_bytes FROM container JOIN image ON image.id = container.image_id`;

/** What a container runs, with its arguments. */
export function commandOf(settings: ContainerSettings): readonly string[] {
	return [...settings.run.entrypoint, ...settings.run.command];
}

/** All containers that are not on their way out, newest first. */
export function listRecords(store: Store): readonly ContainerRecord[] {
	return store.database
		.all<ContainerRow>(
			`SELECT ${columns} WHERE container.removing = 0 ORDER BY container.created_at DESC, container.id`,
		)
		.map(recordFromRow);
}

/** One container by its full id; undefined where there is none, or it is on its way out. */
export function findRecord(store: Store, id: string): ContainerRecord | undefined {
	const row = store.database.get<ContainerRow>(
		`SELECT ${columns} WHERE container.id = ? AND container.removing = 0`,
		id,
	);
	return row === undefined ? undefined : recordFromRow(row);
}

/** @throws EngineError not-found */
export function requireRecord(store: Store, id: string): ContainerRecord {
	const record = findRecord(store, id);
	if (record === undefined) throw new EngineError('not-found', { what: 'container', id: id.slice(0, 12) });
	return record;
}

/** The container that a person means: an id, a name, or a unique prefix of an id, in this order. @throws EngineError not-found, ambiguous */
export function resolveContainer(store: Store, name: string): ContainerId {
	const exact = store.database.get<{ id: ContainerId }>(
		'SELECT id FROM container WHERE removing = 0 AND (id = ?1 OR name = ?2) ORDER BY id = ?1 DESC',
		name,
		name.replace(/^\//, ''),
	);
	if (exact !== undefined) return exact.id;
	const matches = /^[0-9a-f]{1,64}$/.test(name)
		? store.database.all<{ id: ContainerId }>(
				`SELECT id FROM container WHERE removing = 0 AND substr(id, 1, ?) = ? ORDER BY id`,
				name.length,
				name,
			)
		: [];
	const [only, ...others] = matches;
	if (only === undefined) throw new EngineError('not-found', { what: 'container', id: name });
	if (others.length > 0) {
		throw new EngineError('ambiguous', {
			what: 'container',
			id: name,
			matches: matches.map(({ id }) => id.slice(0, Math.max(12, name.length + 1))),
		});
	}
	return only.id;
}

/** True where the record's pids and mounts can be judged from where we stand. */
export function isOurs(record: ContainerRecord): boolean {
	const own = ownNamespaces();
	return record.bootId !== readBootId() || (record.mountNamespace === own.mount && record.pidNamespace === own.pid);
}

/** True for the statuses in which a process exists. */
export function hasProcess(status: ContainerStatus): boolean {
	return status === 'running' || status === 'paused' || status === 'restarting';
}

/** True while the container's own first process lives; never for a record of another boot. */
export function isProcessAlive(record: ContainerRecord): boolean {
	return record.bootId === readBootId() && isAlive(record.process);
}

/** True while its monitor lives, and so will still write an exit code. */
export function isMonitorAlive(record: ContainerRecord): boolean {
	return record.bootId === readBootId() && isAlive(record.monitor);
}

/** For `ps`. */
export function summaryFrom(record: ContainerRecord): ContainerSummary {
	const { settings } = record;
	return {
		id: record.id,
		name: record.name,
		imageId: record.imageId,
		imageReference: record.imageReference,
		command: commandOf(settings),
		status: record.status,
		exitCode: record.exitCode,
		outOfMemory: record.outOfMemory,
		createdAt: record.createdAt,
		startedAt: record.startedAt,
		finishedAt: record.finishedAt,
		pid: hasProcess(record.status) ? record.process?.pid : undefined,
		writableBytes: record.writableBytes,
		diskBytes: record.diskBytes,
		measuredAt: record.measuredAt,
		imageBytes: record.imageBytes,
		labels: settings.run.labels,
		network: settings.network,
		mounts: settings.mounts,
	};
}

/** For `inspect`. */
export function detailFrom(store: Store, record: ContainerRecord): ContainerDetail {
	const { settings } = record;
	const paths = containerPaths(store.paths, record.id);
	return {
		...summaryFrom(record),
		run: settings.run,
		tty: settings.tty,
		stdinOpen: settings.stdinOpen,
		autoRemove: settings.autoRemove,
		limits: settings.limits,
		...(settings.confinement === undefined ? {} : { confinement: settings.confinement }),
		hostname: settings.hostname,
		logPath: paths.log,
		error: record.error,
		rootPath: paths.merged,
	};
}

function recordFromRow(row: ContainerRow): ContainerRecord {
	return {
		id: row.id,
		name: row.name,
		imageId: row.image_id,
		imageReference: row.image_reference,
		settings: settingsFromText(row.settings),
		status: row.status,
		process: identityFrom(row.pid, row.pid_start_ticks),
		monitor: identityFrom(row.monitor_pid, row.monitor_start_ticks),
		bootId: row.boot_id ?? undefined,
		mountNamespace: row.mount_namespace ?? undefined,
		pidNamespace: row.pid_namespace ?? undefined,
		exitCode: row.exit_code ?? undefined,
		outOfMemory: row.out_of_memory === 1,
		error: row.error ?? undefined,
		createdAt: row.created_at,
		startedAt: row.started_at ?? undefined,
		finishedAt: row.finished_at ?? undefined,
		writableBytes: row.size_bytes ?? undefined,
		diskBytes: row.disk_bytes ?? undefined,
		measuredAt: row.measured_at ?? undefined,
		imageBytes: row.image_bytes,
		generation: row.generation,
	};
}

/** JSON has no undefined: what was absent when written is put back. */
function settingsFromText(text: string): ContainerSettings {
	const { limits, run, ...settings } = JSON.parse(text) as ContainerSettings;
	return {
		...settings,
		run: { ...run, stopSignal: run.stopSignal },
		limits: { memoryBytes: limits.memoryBytes, cpus: limits.cpus, pidsLimit: limits.pidsLimit },
	};
}

function identityFrom(pid: number | null, startTicks: string | null): ProcessIdentity | undefined {
	return pid === null || startTicks === null ? undefined : { pid, startTicks };
}
