import type { ImageId } from '../../model.ts';
import type { ImagePin, Pins } from '../../port-collector.ts';
import type { Store } from '../store.ts';
import { resolveImage } from './resolve-image.ts';

/** The port's pins over one store. */
export function createPins(store: Store): Pins {
	return {
		list: async () =>
			store.database.all<{ imageId: ImageId; pinnedAt: number }>(
				'SELECT image_id AS imageId, pinned_at AS pinnedAt FROM pin ORDER BY pinned_at, image_id',
			) satisfies readonly ImagePin[],
		pin: async (name) => setPin(store, name, true),
		unpin: async (name) => setPin(store, name, false),
	};
}

/** Whether an image must not go. */
export function isPinned(store: Store, id: ImageId): boolean {
	return store.database.get('SELECT 1 FROM pin WHERE image_id = ?', id) !== undefined;
}

function setPin(store: Store, name: string, pinned: boolean): ImageId {
	const { database } = store;
	return database.write(() => {
		const id = resolveImage(store, name);
		if (isPinned(store, id) === pinned) return id;
		if (pinned) database.run('INSERT INTO pin (image_id, pinned_at) VALUES (?, ?)', id, store.now());
		else database.run('DELETE FROM pin WHERE image_id = ?', id);
		// Whoever planned without knowing must look again, also before taking a name away.
		database.run('UPDATE image SET hidden = 0, generation = ? WHERE id = ?', database.nextGeneration(), id);
		database.run('UPDATE tag SET generation = ? WHERE image_id = ?', database.nextGeneration(), id);
		database.recordEvent(pinned ? 'pin' : 'unpin', { kind: 'image', id });
		return id;
	});
}
