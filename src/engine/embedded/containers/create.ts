import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { EngineError } from '../../errors.ts';
import type { ContainerId, ImageId } from '../../model.ts';
import { parseConfig } from '../../oci/image-config.ts';
import type { ContainerRequest } from '../../port-containers.ts';
import { readBlob } from '../content/blob-store.ts';
import { resolveImage } from '../images/resolve-image.ts';
import { measureTree } from '../layers/measure.ts';
import { unlinkTree } from '../layers/unlink-tree.ts';
import type { Store } from '../store.ts';
import { dropEmptyVolume } from '../volumes/empty-volume.ts';
import { clearVolumeName, ensureVolume } from '../volumes/volume-store.ts';
import { containerPaths } from './container-paths.ts';
import type { ContainerSettings } from './container-record.ts';
import { checkName, inventName } from './names.ts';
import { mergeSettings } from './run-settings.ts';

/** More tries than there are names for, before giving up. */
const mostNames = 50;

/**
 * Makes a container: its row, its volumes and an empty writable layer, in one transaction, so that nobody ever sees
 * half of it and its image cannot go meanwhile. Starts nothing and mounts nothing.
 * @throws EngineError not-found, ambiguous, invalid-reference, already-exists, invalid-argument
 */
export function createContainer(store: Store, request: ContainerRequest): ContainerId {
	if (request.name !== undefined) checkName(request.name, 'container');
	const imageId = resolveImage(store, request.image);
	const image = parseConfig(readBlob(store, imageId), `of image ${request.image}`).run;
	const id = randomBytes(32).toString('hex') as ContainerId;
	const anonymous = new Set<string>();
	const settings = mergeSettings(image, request, {
		id,
		hostHostname: hostname(),
		inventVolumeName: () => {
			const name = randomBytes(32).toString('hex');
			anonymous.add(name);
			return name;
		},
	});
	const volumes = settings.mounts.filter(({ type }) => type === 'volume');
	for (const { source } of volumes) clearVolumeName(store, source);
	const { directory } = containerPaths(store.paths, id);
	try {
		store.database.write(() => {
			requireImage(store, imageId, request.image);
			const name = claimName(store, request.name);
			makeDirectories(store, id);
			insertContainer(store, { id, name, imageId, request, settings });
			for (const { source, target } of volumes) {
				ensureVolume(store, { name: source, anonymous: anonymous.has(source), labels: {} });
				store.database.run(
					'INSERT INTO container_volume (container_id, volume_name, target) VALUES (?, ?, ?)',
					id,
					source,
					target,
				);
			}
			store.database.recordEvent('create', { kind: 'container', id }, { name, image: request.image });
		});
	} catch (error) {
		unlinkTree(directory);
		dropUnrecordedVolumes(
			store,
			volumes.map(({ source }) => source),
		);
		throw error;
	}
	return id;
}

/** Their rows went with the transaction. */
function dropUnrecordedVolumes(store: Store, names: readonly string[]): void {
	if (names.length === 0) return;
	store.database.write(() => {
		for (const name of names) {
			const row = store.database.get('SELECT name FROM volume WHERE name = ?', name);
			if (row === undefined) dropEmptyVolume(store.paths, name);
		}
	});
}

function requireImage(store: Store, id: ImageId, name: string): void {
	if (store.database.get('SELECT id FROM image WHERE id = ? AND removing = 0', id) !== undefined) return;
	throw new EngineError('not-found', { what: 'image', id: name });
}

/** A name stays taken until the last trace of its holder is gone. @throws EngineError already-exists */
function claimName(store: Store, wanted: string | undefined): string {
	for (let attempt = 0; attempt < mostNames; attempt++) {
		const name = wanted ?? inventName(attempt);
		const holder = store.database.get<{ id: string }>('SELECT id FROM container WHERE name = ?', name);
		if (holder === undefined) return name;
		if (wanted !== undefined) {
			throw new EngineError('already-exists', {
				what: 'container',
				name,
				holder: `container ${holder.id.slice(0, 12)}`,
			});
		}
	}
	return `container_${randomBytes(6).toString('hex')}`;
}

function makeDirectories(store: Store, id: string): void {
	const paths = containerPaths(store.paths, id);
	mkdirSync(paths.directory, { mode: 0o700 });
	for (const directory of [paths.upper, paths.work, paths.merged]) mkdirSync(directory, { mode: 0o755 });
}

function insertContainer(
	store: Store,
	made: {
		readonly id: ContainerId;
		readonly name: string;
		readonly imageId: ImageId;
		readonly request: ContainerRequest;
		readonly settings: ContainerSettings;
	},
): void {
	const now = store.now();
	store.database.run(
		`INSERT INTO container (id, name, image_id, image_reference, settings, labels, status, created_at, size_bytes,
		disk_bytes, measured_at, generation) VALUES (?, ?, ?, ?, ?, ?, 'created', ?, 0, ?, ?, ?)`,
		made.id,
		made.name,
		made.imageId,
		made.request.image,
		JSON.stringify(made.settings),
		JSON.stringify(made.settings.run.labels),
		now,
		measureTree(containerPaths(store.paths, made.id).directory).diskBytes,
		now,
		store.database.nextGeneration(),
	);
}
