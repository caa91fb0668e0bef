import type { ContainerId, VolumeSummary } from '../../model.ts';
import type { Volumes } from '../../port.ts';
import type { Store } from '../store.ts';
import { volumeDataPath } from './volume-store.ts';

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
	};
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
