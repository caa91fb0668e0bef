import { randomBytes } from 'node:crypto';
import { EngineError } from '../../errors.ts';
import type { ContainerId, VolumeSummary } from '../../model.ts';
import type { VolumeRequest, Volumes } from '../../port.ts';
import type { RemovedBytes } from '../../port-containers.ts';
import { checkName } from '../containers/names.ts';
import { removeResources } from '../removal.ts';
import type { Store } from '../store.ts';
import { clearVolumeName, ensureVolume, volumeDataPath } from './volume-store.ts';

interface VolumeRow {
	readonly name: string;
	readonly anonymous: number;
	readonly labels: string;
	readonly created_at: number;
	readonly size_bytes: number | null;
	readonly disk_bytes: number | null;
	readonly measured_at: number | null;
}

/** The volumes of one store, behind the port. */
export function createVolumes(store: Store): Volumes {
	return {
		list: async () => listVolumes(store),
		create: async (request) => createVolume(store, request),
		remove: async (name) => await removeVolume(store, name),
	};
}

function createVolume(store: Store, request: VolumeRequest): string {
	const { labels } = request;
	const name = request.name ?? randomBytes(32).toString('hex');
	checkName(name, 'volume');
	clearVolumeName(store, name);
	store.database.write(() => ensureVolume(store, { name, anonymous: request.name === undefined, labels }));
	return name;
}

async function removeVolume(store: Store, name: string): Promise<RemovedBytes> {
	const [outcome] = await removeResources(store, [{ key: { kind: 'volume', id: name }, generation: undefined }]);
	if (outcome?.type === 'removed') return { freedBytes: outcome.freedBytes };
	if (outcome === undefined || outcome.type === 'already-gone') {
		throw new EngineError('not-found', { what: 'volume', id: name });
	}
	throw outcome.error;
}

function listVolumes(store: Store): readonly VolumeSummary[] {
	return store.database.read(() => {
		const users = Map.groupBy(
			store.database.all<{ volume_name: string; container_id: ContainerId }>(
				`SELECT DISTINCT volume_name, container_id FROM container_volume JOIN container ON container.id = container_id
				WHERE removing = 0 ORDER BY container_id`,
			),
			({ volume_name }) => volume_name,
		);
		return store.database.all<VolumeRow>('SELECT * FROM volume WHERE removing = 0 ORDER BY name').map((row) => ({
			name: row.name,
			anonymous: row.anonymous === 1,
			createdAt: row.created_at,
			mountpoint: volumeDataPath(store.paths, row.name),
			labels: JSON.parse(row.labels) as Record<string, string>,
			sizeBytes: row.size_bytes ?? undefined,
			diskBytes: row.disk_bytes ?? undefined,
			measuredAt: row.measured_at ?? undefined,
			usedBy: (users.get(row.name) ?? []).map(({ container_id }) => container_id),
		}));
	});
}
