import { existsSync, mkdirSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { EngineError } from '../errors.ts';
import type { Engine, ResourceStore } from '../port.ts';
import { createContainers } from './containers/containers.ts';
import { MetadataDatabase } from './database.ts';
import { watchEvents } from './events.ts';
import { hostError, sayHostErrors } from './host-errors.ts';
import { createImages } from './images/images.ts';
import { createPins } from './images/pins.ts';
import { takeInventory } from './inventory.ts';
import { acquireLease } from './lease.ts';
import { storePaths } from './paths.ts';
import { createPlanArchive } from './plan-archive.ts';
import { freeWithoutDatabase, recoverStore } from './recovery.ts';
import { lazyRegistry } from './registry/lazy-registry.ts';
import { removeResources } from './removal.ts';
import { type Reserve, releaseReserve } from './reserve.ts';
import type { Store } from './store.ts';
import { probeRuntime } from './system/runtime-probe.ts';
import { createVolumes } from './volumes/volumes.ts';

/** How to open a store. */
export interface OpenOptions {
	/** The store's directory; made where it is not there. */
	readonly root: string;
	/** How this program is called again, e.g. `[node, bin/tonnage.js]`: a container's monitor does so when it exits. */
	readonly selfCommand: readonly string[];
	readonly version: string;
	readonly now?: () => number;
}

/** An opened store, and how to let go of it. */
export interface OpenedStore extends Store {
	close(): void;
}

/**
 * Opens a store and brings it to order.
 * @throws EngineError permission-denied, network-filesystem, store-version, corrupt, locked, out-of-space
 */
export function openStore(options: Pick<OpenOptions, 'root' | 'now'>): OpenedStore {
	const paths = storePaths(resolve(options.root));
	const now = options.now ?? Date.now;
	if (process.geteuid?.() !== 0) {
		throw new EngineError(
			'permission-denied',
			{ operation: 'use the store', path: paths.root },
			{ hint: 'The embedded engine needs root: run it with sudo.' },
		);
	}
	let reserve: Reserve | undefined;
	let database: MetadataDatabase;
	try {
		makeRoot(paths.root);
		refuseNetworkFilesystem(paths.root);
		for (const directory of [
			paths.leases,
			paths.ingest,
			paths.blobs,
			paths.layers,
			paths.containers,
			paths.volumes,
			paths.trash,
			paths.run,
		]) {
			mkdirSync(directory, { recursive: true, mode: 0o700 });
		}
		reserve = releaseReserve(paths);
		if (reserve.isLow) freeWithoutDatabase(paths);
		writeFileSync(paths.changed, '', { flag: 'a', mode: 0o600 });
		database = new MetadataDatabase({ path: paths.database, changedFile: paths.changed, now });
	} catch (error) {
		reserve?.restore();
		throw openingError(error, paths.root);
	}
	const store: OpenedStore = {
		paths,
		database,
		now,
		acquireLease: (purpose) => acquireLease({ paths, database, now }, purpose),
		close: () => {
			database.close();
			reserve.restore();
		},
	};
	try {
		recoverStore(store);
	} catch (error) {
		store.close();
		throw openingError(error, paths.root);
	}
	return store;
}

/** The embedded engine behind the port. @throws as `openStore` */
export async function openEmbeddedEngine(options: OpenOptions): Promise<Engine> {
	const store = openStore(options);
	const runtime = probeRuntime();
	const closing = new AbortController();
	return {
		identity: {
			kind: 'embedded',
			endpoint: store.paths.root,
			version: options.version,
			missing: runtime.missing,
		},
		...sayHostErrors(
			{
				images: createImages(store),
				containers: createContainers(store, { runtime, selfCommand: options.selfCommand }),
				volumes: createVolumes(store),
				registry: lazyRegistry(store),
				pins: createPins(store),
				plans: createPlanArchive(store),
				store: {
					takeInventory: async () => takeInventory(store),
					remove: (requests, removeOptions) => removeResources(store, requests, removeOptions),
				} satisfies ResourceStore,
			},
			store.paths.root,
		),
		events: ({ signal, ...rest }) => watchEvents(store, { ...rest, signal: AbortSignal.any([signal, closing.signal]) }),
		close: async () => {
			closing.abort();
			store.close();
		},
	};
}

/** Not `recursive`: below /proc, where nothing can be made, Node 24 then never comes back. */
function makeRoot(path: string): void {
	try {
		mkdirSync(path, { mode: 0o711 });
	} catch (error) {
		const code = error instanceof Error && 'code' in error ? error.code : undefined;
		if (code === 'EEXIST' && statSync(path).isDirectory()) return;
		if (code !== 'ENOENT' || existsSync(dirname(path))) throw error;
		makeRoot(dirname(path));
		mkdirSync(path, { mode: 0o711 });
	}
}

/** Magic numbers of statfs(2) for filesystems on which flock does not hold between hosts. Source: linux/magic.h */
const networkFilesystems: Readonly<Record<number, string>> = {
	26985: 'NFS',
	20859: 'SMB',
	4283649346: 'CIFS',
	4266872130: 'SMB2',
	16914839: '9P',
	12805120: 'Ceph',
	1397113167: 'AFS',
	198183888: 'Lustre',
	1952539503: 'OCFS2',
	18225520: 'GFS2',
};

function refuseNetworkFilesystem(path: string): void {
	const filesystem = networkFilesystems[statfsSync(path).type >>> 0];
	if (filesystem !== undefined) throw new EngineError('network-filesystem', { path, filesystem });
}

function openingError(thrown: unknown, path: string): unknown {
	const error = hostError(thrown, path);
	if (error instanceof EngineError || !(error instanceof Error) || !('code' in error)) return error;
	const options = { cause: error };
	switch (error.code) {
		case 'EACCES':
		case 'EPERM':
			return new EngineError('permission-denied', { operation: 'open the store', path }, options);
		case 'ENOTDIR':
		case 'EEXIST':
			return new EngineError('corrupt', { what: 'the store', where: path, why: 'it is not a directory' }, options);
		default:
			return new EngineError('io-failed', { operation: 'open the store', path, code: String(error.code) }, options);
	}
}
