import { EngineError, isEngineError } from '../../errors.ts';
import type { ImageId, ReferenceText } from '../../model.ts';
import { printable } from '../../oci/printable.ts';
import { canonicalReference, parseReference } from '../../reference.ts';
import type { Store } from '../store.ts';

/** What a name led to. */
export interface ResolvedImage {
	readonly id: ImageId;
	/** The tag it was found by; undefined where it was found by an ID or a digest. */
	readonly reference: ReferenceText | undefined;
}

/**
 * Finds the image that a person means: by full ID, by tag, by `name@digest`, by a unique beginning of its ID; in
 * that order, as Docker does.
 * @throws EngineError not-found, ambiguous, invalid-reference
 */
export function findImage(store: Store, name: string): ResolvedImage {
	return store.database.read(() => {
		const found = byFullId(store, name) ?? byReference(store, name) ?? byIdPrefix(store, name);
		if (found !== undefined) return found;
		// A text that can be neither a name nor an ID gets the reason why.
		if (!idPattern.test(name)) parseReference(name);
		throw new EngineError('not-found', { what: 'image', id: printable(name) });
	});
}

/** As `findImage`, where only the image matters. */
export function resolveImage(store: Store, name: string): ImageId {
	return findImage(store, name).id;
}

const idPattern = /^(?:sha256:)?[0-9a-f]{1,64}$/;
const fullIdPattern = /^(?:sha256:)?[0-9a-f]{64}$/;

function byFullId(store: Store, name: string): ResolvedImage | undefined {
	if (!fullIdPattern.test(name)) return undefined;
	return byDigest(store, name.startsWith('sha256:') ? name : `sha256:${name}`);
}

/** An image's own digest, or that of a manifest that is kept for it. */
function byDigest(store: Store, digest: string): ResolvedImage | undefined {
	const row = store.database.get<{ id: ImageId }>(
		`SELECT id FROM image WHERE id = ?1 AND removing = 0
		UNION ALL
		SELECT image_id FROM image_manifest JOIN image ON image.id = image_id WHERE digest = ?1 AND removing = 0
		LIMIT 1`,
		digest,
	);
	return row === undefined ? undefined : { id: row.id, reference: undefined };
}

function byReference(store: Store, name: string): ResolvedImage | undefined {
	let canonical: ReferenceText;
	try {
		canonical = canonicalReference(name);
	} catch (error) {
		if (isEngineError(error, 'invalid-reference')) return undefined;
		throw error;
	}
	const { digest } = parseReference(canonical);
	if (digest !== undefined) return byDigest(store, digest);
	const row = store.database.get<{ id: ImageId }>(
		'SELECT image_id AS id FROM tag JOIN image ON image.id = image_id WHERE reference = ? AND removing = 0',
		canonical,
	);
	return row === undefined ? undefined : { id: row.id, reference: canonical };
}

function byIdPrefix(store: Store, name: string): ResolvedImage | undefined {
	if (!idPattern.test(name)) return undefined;
	const prefix = name.startsWith('sha256:') ? name : `sha256:${name}`;
	// "g" follows every hex digit, so this is the range of IDs that begin so, and the index serves it.
	const rows = store.database.all<{ id: ImageId }>(
		'SELECT id FROM image WHERE id >= ? AND id < ? AND removing = 0 ORDER BY id LIMIT 20',
		prefix,
		`${prefix}g`,
	);
	if (rows.length > 1) {
		throw new EngineError('ambiguous', { what: 'image', id: name, matches: rows.map(({ id }) => id.slice(7, 19)) });
	}
	const only = rows[0];
	return only === undefined ? undefined : { id: only.id, reference: undefined };
}
