import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { containerPaths } from '../../src/engine/embedded/containers/container-paths.ts';
import {
	type ContainerRecord,
	hasProcess,
	isProcessAlive,
	listRecords,
} from '../../src/engine/embedded/containers/container-record.ts';
import { readBlob } from '../../src/engine/embedded/content/blob-store.ts';
import { type LayerRow, layerStack } from '../../src/engine/embedded/layers/layer-store.ts';
import { measureTree } from '../../src/engine/embedded/layers/measure.ts';
import { mountsBelow } from '../../src/engine/embedded/layers/overlay.ts';
import { rebuildTar } from '../../src/engine/embedded/layers/skeleton.ts';
import { openStore } from '../../src/engine/embedded/open.ts';
import type { Store } from '../../src/engine/embedded/store.ts';
import { cgroupMount, cgroupPath, listCgroupProcesses } from '../../src/engine/embedded/system/cgroups.ts';

/**
 * Opens a store, which repairs it, and compares everything in it with everything else: the database with itself,
 * rows with files, files with rows, recorded bytes with the disk, each layer with its diffID, and processes, mounts
 * and control groups with the containers that run. Gives what does not fit, a line each; nothing for a sound store at
 * rest. No command may be at work on it.
 */
export async function auditStore(root: string): Promise<readonly string[]> {
	const store = openStore({ root });
	try {
		return [
			...auditDatabase(store),
			...auditFiles(store),
			...(await auditImages(store)),
			...auditContainers(store),
			...auditWork(store),
		];
	} finally {
		store.close();
	}
}

function auditDatabase({ database }: Store): readonly string[] {
	const integrity = database.all<{ integrity_check: string }>('PRAGMA integrity_check');
	const marked = ['image', 'blob', 'layer', 'container', 'volume'].flatMap((table) =>
		database.all(`SELECT 1 FROM ${table} WHERE removing = 1`).map(() => `a ${table} is still marked for removal`),
	);
	return [
		...integrity.map(({ integrity_check }) => integrity_check).filter((line) => line !== 'ok'),
		...database.all('PRAGMA foreign_key_check').map((row) => `a foreign key leads nowhere: ${JSON.stringify(row)}`),
		...marked,
	];
}

/** Where each kind has its files, and the column that names them. */
const filesOfRows = [
	{ table: 'layer', column: 'directory', at: 'layers', parts: ['fs', 'skeleton'], besides: ['.whiteout'] },
	{ table: 'blob', column: 'file', at: 'blobs', parts: [], besides: [] },
	{ table: 'container', column: 'id', at: 'containers', parts: ['upper', 'work', 'merged'], besides: [] },
	{ table: 'volume', column: 'name', at: 'volumes', parts: ['_data'], besides: [] },
] as const;

function auditFiles({ database, paths }: Store): readonly string[] {
	return filesOfRows.flatMap(({ table, column, at, parts, besides }) => {
		const names = database.all<{ name: string }>(`SELECT ${column} AS name FROM ${table}`).map(({ name }) => name);
		const known = new Set<string>([...names, ...besides]);
		const missing = names.flatMap((name) => ['', ...parts].map((part) => join(paths.root, at, name, part)));
		return [
			...missing.filter((path) => !existsSync(path)).map((path) => `a ${table} has a row but no ${path}`),
			...readdirSync(join(paths.root, at))
				.filter((name) => !known.has(name))
				.map((name) => `${at}/${name} has no row`),
		];
	});
}

async function auditImages(store: Store): Promise<readonly string[]> {
	const problems: string[] = [];
	const attempt = (what: string, look: () => unknown) => {
		try {
			look();
		} catch (error) {
			problems.push(`${what}: ${String(error)}`);
		}
	};
	for (const { digest } of store.database.all<{ digest: string }>('SELECT digest FROM blob')) {
		attempt(`blob ${digest}`, () => readBlob(store, digest));
	}
	for (const image of store.database.all<{ id: string; top: LayerRow['chain_id'] | null }>(
		'SELECT id, top_chain_id AS top FROM image',
	)) {
		attempt(`image ${image.id}`, () => layerStack(store, image.top));
	}
	for (const layer of store.database.all<LayerRow>('SELECT * FROM layer')) {
		const directory = join(store.paths.layers, layer.directory);
		if (!existsSync(directory)) continue;
		const hash = createHash('sha256');
		try {
			for await (const chunk of rebuildTar(directory)) hash.update(chunk);
			const found = `sha256:${hash.digest('hex')}`;
			if (found !== layer.diff_id) problems.push(`layer ${layer.directory} gives ${found}, not ${layer.diff_id}`);
		} catch (error) {
			problems.push(`layer ${layer.directory}: ${String(error)}`);
		}
		const { diskBytes } = measureTree(directory);
		if (diskBytes !== layer.disk_bytes)
			problems.push(`layer ${layer.directory} has ${diskBytes} bytes on the disk, not ${layer.disk_bytes}`);
	}
	return problems;
}

function auditContainers(store: Store): readonly string[] {
	const records = listRecords(store);
	const running = records.filter(({ status }) => hasProcess(status));
	const everMade = store.database
		.all<{ id: string }>(`SELECT DISTINCT resource_id AS id FROM event WHERE kind = 'container'`)
		.map(({ id }) => id);
	const expectedMounts = running.map(({ id }) => containerPaths(store.paths, id).merged);
	const stoppedIds = everMade.filter((id) => !running.some((record) => record.id === id));
	return [
		...running.flatMap((record) => auditRunning(record)),
		...records
			.filter(({ status }) => !hasProcess(status))
			.filter(({ id, diskBytes }) => measureTree(join(store.paths.containers, id)).diskBytes !== diskBytes)
			.map(
				({ name, diskBytes }) => `container ${name} does not have the ${diskBytes} bytes on the disk that it should`,
			),
		...mountsBelow(store.paths.root)
			.filter((mount) => !expectedMounts.includes(mount))
			.map((mount) => `a stray mount: ${mount}`),
		...expectedMounts
			.filter((mount) => !mountsBelow(store.paths.root).includes(mount))
			.map((mount) => `a running container has no ${mount}`),
		...stoppedIds.flatMap((id) => cgroupsOf(id)).map((group) => `a stray control group: ${group}`),
		...processesMentioning(store.paths.root)
			.filter(({ commandLine }) => !running.some(({ id }) => commandLine.includes(id)))
			.map(({ pid, commandLine }) => `a stray process: ${pid} ${commandLine}`),
		...strayRunFiles(
			store,
			running.map(({ id }) => id),
		),
	];
}

function auditRunning(record: ContainerRecord): readonly string[] {
	if (!isProcessAlive(record)) return [`container ${record.name} is called ${record.status} but has no process`];
	const pid = record.process?.pid ?? 0;
	return listCgroupProcesses(cgroupPath(record.id)).includes(pid)
		? []
		: [`process ${pid} of container ${record.name} is outside of its control group`];
}

function cgroupsOf(id: string): readonly string[] {
	return ['.', ...readdirSync(cgroupMount)]
		.map((hierarchy) => join(cgroupMount, hierarchy, cgroupPath(id)))
		.filter((directory) => existsSync(directory));
}

function processesMentioning(root: string): readonly { readonly pid: number; readonly commandLine: string }[] {
	return readdirSync('/proc')
		.filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
		.flatMap((pid) => {
			try {
				const commandLine = readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ');
				return commandLine.includes(root) ? [{ pid: Number(pid), commandLine }] : [];
			} catch {
				return [];
			}
		});
}

function strayRunFiles({ paths }: Store, running: readonly string[]): readonly string[] {
	return ['', 'exits', 'runtime'].flatMap((part) => {
		const directory = join(paths.run, part);
		if (lstatSync(directory, { throwIfNoEntry: false }) === undefined) return [];
		return readdirSync(directory)
			.filter((name) => /^[0-9a-f]{64}$/.test(name) && (part === 'exits' || !running.includes(name)))
			.map((name) => `run/${join(part, name)} is left`);
	});
}

function auditWork({ database, paths }: Store): readonly string[] {
	return [
		...database
			.all<{ purpose: string }>('SELECT purpose FROM lease')
			.map(({ purpose }) => `a lease is left: ${purpose}`),
		...[paths.leases, paths.ingest, paths.trash].flatMap((directory) =>
			readdirSync(directory).map((name) => `${join(directory, name)} is left`),
		),
	];
}
