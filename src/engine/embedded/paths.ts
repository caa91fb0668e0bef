import { join } from 'node:path';

/** Every place in a store. docs/store-format.md describes them; no other file spells one out. */
export interface StorePaths {
	readonly root: string;
	/** SQLite database with its -wal and -shm beside it. */
	readonly database: string;
	/** flock'ed exclusively by the one process that repairs. */
	readonly recoveryLock: string;
	/** flock'ed files, one for each lease. */
	readonly leases: string;
	/** Unfinished writes: `<lease id>.<n>`, a directory or a file. */
	readonly ingest: string;
	/** Files of blobs: configs, manifests, layer blobs. Names are random; a row maps digest to name. */
	readonly blobs: string;
	/** Unpacked layers: `<name>/fs` and `<name>/skeleton`. Names are random; a row maps chainID to name. */
	readonly layers: string;
	/** One directory for each container, by its id. */
	readonly containers: string;
	/** Volumes: `<name>/_data`. */
	readonly volumes: string;
	/** What is gone from the metadata and waits to be unlinked. */
	readonly trash: string;
	/** Runtime state, exit files, attach sockets. Worthless after a reboot. */
	readonly run: string;
	/** Given up first on a full disk. */
	readonly reserve: string;
	/** Empty files, given up first where the disk has no inodes left. */
	readonly spareInodes: string;
	/** Touched after every commit that others may want to see. */
	readonly changed: string;
}

/** The layout below `root`, which must be absolute. */
export function storePaths(root: string): StorePaths {
	return {
		root,
		database: join(root, 'metadata.db'),
		recoveryLock: join(root, 'recovery.lock'),
		leases: join(root, 'leases'),
		ingest: join(root, 'ingest'),
		blobs: join(root, 'blobs'),
		layers: join(root, 'layers'),
		containers: join(root, 'containers'),
		volumes: join(root, 'volumes'),
		trash: join(root, 'trash'),
		run: join(root, 'run'),
		reserve: join(root, 'reserve'),
		spareInodes: join(root, 'spare'),
		changed: join(root, 'changed'),
	};
}
