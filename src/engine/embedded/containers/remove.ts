import type { ResourceKey } from '../../model.ts';
import { removeHiddenImage } from '../images/remove-image.ts';
import { removeResources } from '../removal.ts';
import type { Store } from '../store.ts';
import type { ContainerRecord } from './container-record.ts';

/**
 * Removes a container that does not run, and what was kept only for it: its image where that is hidden, and with
 * `volumes` its anonymous ones. Gives the allocated bytes that the disk has back. The caller holds its lock.
 * @throws EngineError in-use, and what the unlinking ran into
 */
export async function removeContainer(
	store: Store,
	record: ContainerRecord,
	options: { readonly volumes: boolean },
): Promise<number> {
	const volumes = options.volumes ? anonymousVolumes(store, record.id) : [];
	const keys: readonly ResourceKey[] = [{ kind: 'container', id: record.id }, ...volumes];
	const outcomes = await removeResources(
		store,
		keys.map((key) => ({ key, generation: undefined })),
		{ lockedContainers: new Set([record.id]) },
	);
	const [container, ...others] = outcomes;
	if (container?.type === 'refused' || container?.type === 'failed') throw container.error;
	const freed = outcomes.reduce((sum, outcome) => sum + ('freedBytes' in outcome ? outcome.freedBytes : 0), 0);
	// A volume that another container uses too is refused, and stays: that is no failure of this removal.
	const failed = others.find((outcome) => outcome.type === 'failed');
	if (failed !== undefined) throw failed.error;
	return freed + (await removeHiddenImage(store, record.imageId));
}

/** The volumes that nobody named, of one container. */
export function anonymousVolumes(store: Store, id: string): readonly ResourceKey[] {
	return store.database
		.all<{ name: string }>(
			`SELECT DISTINCT name FROM container_volume JOIN volume ON name = volume_name WHERE container_id = ? AND anonymous = 1`,
			id,
		)
		.map(({ name }) => ({ kind: 'volume', id: name }));
}
