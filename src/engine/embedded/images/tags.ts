import { EngineError } from '../../errors.ts';
import type { ImageId, ReferenceText } from '../../model.ts';
import { parseReference } from '../../reference.ts';
import type { Store } from '../store.ts';
import { resolveImage } from './resolve-image.ts';

/**
 * Gives an image one more name. A name that another image had moves, and leaves that one as it is, dangling
 * perhaps. An image that was hidden is so no more.
 * @throws EngineError not-found, ambiguous, invalid-reference
 */
export function tagImage(store: Store, name: string, reference: ReferenceText): void {
	store.database.write(() => moveTag(store, checkTag(reference), resolveImage(store, name)));
}

/** A name that a tag can be kept under. @throws EngineError invalid-reference */
export function checkTag(reference: ReferenceText): ReferenceText {
	const { tag, digest } = parseReference(reference);
	if (digest !== undefined) {
		throw new EngineError('invalid-reference', { text: reference, why: 'a name that is given cannot hold a digest' });
	}
	if (tag === undefined) throw new EngineError('invalid-reference', { text: reference, why: 'it has no tag' });
	return reference;
}

/** Only inside `database.write`. Both images change: what had the name is closer to going, what gets it further. */
export function moveTag(store: Store, reference: ReferenceText, id: ImageId): void {
	const { database } = store;
	const before = database.get<{ image_id: ImageId }>('SELECT image_id FROM tag WHERE reference = ?', reference);
	if (before?.image_id === id) return;
	database.run(
		`INSERT INTO tag (reference, image_id, moved_at, generation) VALUES (?, ?, ?, ?)
		ON CONFLICT (reference) DO UPDATE SET
			image_id = excluded.image_id, moved_at = excluded.moved_at, generation = excluded.generation`,
		reference,
		id,
		store.now(),
		database.nextGeneration(),
	);
	database.run('UPDATE image SET hidden = 0, generation = ? WHERE id = ?', database.nextGeneration(), id);
	if (before !== undefined) {
		database.run('UPDATE image SET generation = ? WHERE id = ?', database.nextGeneration(), before.image_id);
	}
	database.recordEvent('tag', { kind: 'tag', id: reference }, { name: reference, image: id });
}

/** Takes a name away from its image. Only inside `database.write`. */
export function dropTag(store: Store, reference: ReferenceText, id: ImageId): void {
	const { database } = store;
	database.run('DELETE FROM tag WHERE reference = ? AND image_id = ?', reference, id);
	database.run('UPDATE image SET generation = ? WHERE id = ?', database.nextGeneration(), id);
	database.recordEvent('untag', { kind: 'tag', id: reference }, { name: reference, image: id });
}
