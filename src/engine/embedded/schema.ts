/**
 * The metadata's shape, one migration for each format; `user_version` counts them. docs/store-format.md tells the
 * meaning. Instants are ms since the epoch, sizes bytes; `size_bytes` apparent, `disk_bytes` allocated.
 * `removing` = 1 marks a row whose files are on their way out: nobody may use it; see removal.ts.
 * `generation` is the store's revision at the last change of that row that matters to a removal.
 */
export const migrations: readonly string[] = [
	`
	CREATE TABLE store (
		singleton INTEGER PRIMARY KEY CHECK (singleton = 1),
		revision INTEGER NOT NULL,
		created_at INTEGER NOT NULL
	) STRICT;

	CREATE TABLE blob (
		digest TEXT PRIMARY KEY,
		media_type TEXT NOT NULL,
		file TEXT NOT NULL UNIQUE,
		size_bytes INTEGER NOT NULL,
		disk_bytes INTEGER NOT NULL,
		stored_at INTEGER NOT NULL,
		removing INTEGER NOT NULL DEFAULT 0,
		generation INTEGER NOT NULL
	) STRICT;

	CREATE TABLE layer (
		chain_id TEXT PRIMARY KEY,
		diff_id TEXT NOT NULL,
		parent_chain_id TEXT REFERENCES layer (chain_id),
		directory TEXT NOT NULL UNIQUE,
		size_bytes INTEGER NOT NULL,
		disk_bytes INTEGER NOT NULL,
		inode_count INTEGER NOT NULL,
		tar_bytes INTEGER NOT NULL,
		created_by TEXT NOT NULL,
		stored_at INTEGER NOT NULL,
		last_used_at INTEGER,
		removing INTEGER NOT NULL DEFAULT 0,
		generation INTEGER NOT NULL
	) STRICT;
	CREATE INDEX layer_parent ON layer (parent_chain_id);

	CREATE TABLE image (
		id TEXT PRIMARY KEY REFERENCES blob (digest),
		top_chain_id TEXT REFERENCES layer (chain_id),
		layer_count INTEGER NOT NULL,
		size_bytes INTEGER NOT NULL,
		os TEXT NOT NULL,
		architecture TEXT NOT NULL,
		variant TEXT NOT NULL,
		labels TEXT NOT NULL,
		created_at INTEGER,
		stored_at INTEGER NOT NULL,
		last_used_at INTEGER,
		hidden INTEGER NOT NULL DEFAULT 0,
		removing INTEGER NOT NULL DEFAULT 0,
		generation INTEGER NOT NULL
	) STRICT;
	CREATE INDEX image_top ON image (top_chain_id);

	CREATE TABLE image_manifest (
		image_id TEXT NOT NULL REFERENCES image (id) ON DELETE CASCADE,
		digest TEXT NOT NULL REFERENCES blob (digest),
		PRIMARY KEY (image_id, digest)
	) STRICT, WITHOUT ROWID;
	CREATE INDEX image_manifest_digest ON image_manifest (digest);

	CREATE TABLE tag (
		reference TEXT PRIMARY KEY,
		image_id TEXT NOT NULL REFERENCES image (id),
		moved_at INTEGER NOT NULL,
		generation INTEGER NOT NULL
	) STRICT;
	CREATE INDEX tag_image ON tag (image_id);

	CREATE TABLE container (
		id TEXT PRIMARY KEY,
		name TEXT NOT NULL UNIQUE,
		image_id TEXT NOT NULL REFERENCES image (id),
		image_reference TEXT NOT NULL,
		settings TEXT NOT NULL,
		labels TEXT NOT NULL,
		status TEXT NOT NULL,
		pid INTEGER,
		pid_start_ticks TEXT,
		monitor_pid INTEGER,
		monitor_start_ticks TEXT,
		boot_id TEXT,
		mount_namespace TEXT,
		pid_namespace TEXT,
		exit_code INTEGER,
		out_of_memory INTEGER NOT NULL DEFAULT 0,
		error TEXT,
		created_at INTEGER NOT NULL,
		started_at INTEGER,
		finished_at INTEGER,
		size_bytes INTEGER,
		disk_bytes INTEGER,
		measured_at INTEGER,
		removing INTEGER NOT NULL DEFAULT 0,
		generation INTEGER NOT NULL
	) STRICT;
	CREATE INDEX container_image ON container (image_id);

	CREATE TABLE volume (
		name TEXT PRIMARY KEY,
		anonymous INTEGER NOT NULL,
		labels TEXT NOT NULL,
		created_at INTEGER NOT NULL,
		last_used_at INTEGER,
		size_bytes INTEGER,
		disk_bytes INTEGER,
		measured_at INTEGER,
		removing INTEGER NOT NULL DEFAULT 0,
		generation INTEGER NOT NULL
	) STRICT;

	CREATE TABLE container_volume (
		container_id TEXT NOT NULL REFERENCES container (id) ON DELETE CASCADE,
		volume_name TEXT NOT NULL REFERENCES volume (name),
		target TEXT NOT NULL,
		PRIMARY KEY (container_id, target)
	) STRICT, WITHOUT ROWID;
	CREATE INDEX container_volume_name ON container_volume (volume_name);

	CREATE TABLE lease (
		id TEXT PRIMARY KEY,
		purpose TEXT NOT NULL,
		pid INTEGER NOT NULL,
		created_at INTEGER NOT NULL
	) STRICT;

	CREATE TABLE lease_hold (
		lease_id TEXT NOT NULL REFERENCES lease (id) ON DELETE CASCADE,
		kind TEXT NOT NULL,
		resource_id TEXT NOT NULL,
		PRIMARY KEY (lease_id, kind, resource_id)
	) STRICT, WITHOUT ROWID;
	CREATE INDEX lease_hold_resource ON lease_hold (kind, resource_id);

	CREATE TABLE event (
		sequence INTEGER PRIMARY KEY AUTOINCREMENT,
		action TEXT NOT NULL,
		kind TEXT NOT NULL,
		resource_id TEXT NOT NULL,
		at INTEGER NOT NULL,
		attributes TEXT NOT NULL
	) STRICT;
	`,
	`
	CREATE TABLE repository_digest (
		image_id TEXT NOT NULL REFERENCES image (id) ON DELETE CASCADE,
		repository TEXT NOT NULL,
		digest TEXT NOT NULL,
		PRIMARY KEY (image_id, repository, digest)
	) STRICT, WITHOUT ROWID;
	CREATE INDEX repository_digest_name ON repository_digest (repository, digest);

	CREATE TABLE layer_blob (
		diff_id TEXT NOT NULL,
		registry TEXT NOT NULL,
		repository TEXT NOT NULL,
		digest TEXT NOT NULL,
		size_bytes INTEGER NOT NULL,
		media_type TEXT NOT NULL,
		PRIMARY KEY (diff_id, registry, repository, digest)
	) STRICT, WITHOUT ROWID;
	`,
	`
	CREATE TABLE pin (
		image_id TEXT PRIMARY KEY REFERENCES image (id) ON DELETE CASCADE,
		pinned_at INTEGER NOT NULL
	) STRICT, WITHOUT ROWID;

	CREATE TABLE plan (
		id TEXT PRIMARY KEY,
		policy TEXT NOT NULL,
		saved_at INTEGER NOT NULL,
		removal_count INTEGER NOT NULL,
		reclaimable_bytes INTEGER NOT NULL,
		document BLOB NOT NULL
	) STRICT;

	CREATE TABLE sweep (
		sequence INTEGER PRIMARY KEY AUTOINCREMENT,
		plan_id TEXT NOT NULL,
		policy TEXT NOT NULL,
		started_at INTEGER NOT NULL,
		finished_at INTEGER NOT NULL,
		planned_bytes INTEGER NOT NULL,
		freed_bytes INTEGER NOT NULL,
		removed_count INTEGER NOT NULL,
		skipped_count INTEGER NOT NULL,
		failed_count INTEGER NOT NULL
	) STRICT;
	`,
];
