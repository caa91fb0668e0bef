import type { Digest, ImageId, ImageSummary, ReferenceText } from '../../model.ts';
import { formatReference, parseReference } from '../../reference.ts';
import type { LayerRow } from '../layers/layer-store.ts';
import type { Store } from '../store.ts';
import type { ImageRow } from './image-rows.ts';
import { type ImageSizes, measureImages } from './image-sizes.ts';

/** All images, newest first. Seven queries and one pass in memory, whatever the number of images; the disk is not asked. */
export function listImages(store: Store): readonly ImageSummary[] {
	return store.database.read(() => {
		const images = store.database.all<ImageRow>('SELECT * FROM image WHERE removing = 0');
		const tags = Map.groupBy(
			store.database.all<{ reference: ReferenceText; image_id: ImageId }>(
				'SELECT reference, image_id FROM tag ORDER BY reference',
			),
			({ image_id }) => image_id,
		);
		const manifests = Map.groupBy(
			store.database.all<{ image_id: ImageId; digest: Digest }>(
				'SELECT image_id, digest FROM image_manifest ORDER BY digest',
			),
			({ image_id }) => image_id,
		);
		const origins = Map.groupBy(
			store.database.all<{ image_id: ImageId; name: string }>(
				"SELECT image_id, repository || '@' || digest AS name FROM repository_digest ORDER BY name",
			),
			({ image_id }) => image_id,
		);
		const containers = new Map(
			store.database
				.all<{ image_id: ImageId; count: number }>(
					'SELECT image_id, COUNT(*) AS count FROM container WHERE removing = 0 GROUP BY image_id',
				)
				.map(({ image_id, count }) => [image_id, count]),
		);
		const sizes = measureImages({
			images,
			layers: store.database.all<LayerRow>(
				'SELECT chain_id, parent_chain_id, size_bytes, disk_bytes FROM layer WHERE removing = 0',
			),
			documentBytes: readDocumentBytes(store),
		});
		return images
			.map((row) =>
				summaryFrom(row, {
					references: (tags.get(row.id) ?? []).map(({ reference }) => reference),
					manifests: (manifests.get(row.id) ?? []).map(({ digest }) => digest),
					origins: (origins.get(row.id) ?? []).map(({ name }) => name),
					containerCount: containers.get(row.id) ?? 0,
					sizes: sizes.get(row.id),
				}),
			)
			.sort(newestFirst);
	});
}

function readDocumentBytes(store: Store): ReadonlyMap<ImageId, number> {
	return new Map(
		store.database
			.all<{ id: ImageId; bytes: number }>(
				`SELECT image.id AS id, blob.disk_bytes + COALESCE((
					SELECT SUM(manifest.disk_bytes) FROM image_manifest
					JOIN blob AS manifest ON manifest.digest = image_manifest.digest WHERE image_id = image.id
				), 0) AS bytes
				FROM image JOIN blob ON blob.digest = image.id`,
			)
			.map(({ id, bytes }) => [id, bytes]),
	);
}

function summaryFrom(
	row: ImageRow,
	found: {
		readonly references: readonly ReferenceText[];
		readonly manifests: readonly Digest[];
		/** `repository@digest` of registries that it came from or went to. */
		readonly origins: readonly string[];
		readonly containerCount: number;
		readonly sizes: ImageSizes | undefined;
	},
): ImageSummary {
	return {
		id: row.id,
		references: found.references,
		repositoryDigests: found.origins.length > 0 ? found.origins : repositoryDigests(found.references, found.manifests),
		createdAt: row.created_at ?? undefined,
		storedAt: row.stored_at,
		sizeBytes: found.sizes?.sizeBytes ?? row.size_bytes,
		sharedBytes: found.sizes?.sharedBytes,
		uniqueBytes: found.sizes?.uniqueBytes,
		diskBytes: found.sizes?.diskBytes,
		containerCount: found.containerCount,
		hidden: row.hidden === 1 && found.references.length === 0,
		labels: JSON.parse(row.labels) as Record<string, string>,
		layerCount: row.layer_count,
	};
}

/** Of an image out of an archive: a kept manifest is known under every repository that the image has a tag in. */
function repositoryDigests(references: readonly ReferenceText[], manifests: readonly Digest[]): readonly string[] {
	if (manifests.length === 0) return [];
	const repositories = new Set(
		references.map((reference) => formatReference({ ...parseReference(reference), tag: undefined, digest: undefined })),
	);
	return [...repositories].flatMap((repository) => manifests.map((digest) => `${repository}@${digest}`));
}

function newestFirst(left: ImageSummary, right: ImageSummary): number {
	const difference = (right.createdAt ?? right.storedAt) - (left.createdAt ?? left.storedAt);
	return difference || (left.id < right.id ? -1 : 1);
}
