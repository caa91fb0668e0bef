import type { HistoryEntry, ImageDetail } from '../engine/model.ts';
import { familiarReference } from '../engine/reference.ts';
import { dockerConfig } from './docker-shape.ts';
import { timeAgo } from './human-duration.ts';
import { humanSize } from './human-size.ts';
import { printInspection } from './inspection.ts';
import { type ListingFields, printListing } from './listing.ts';
import { shorten, shownId } from './shorten.ts';
import { goTime, rfc3339 } from './timestamps.ts';
import type { VerbCall } from './verb.ts';

/** `tonnage image inspect`. */
export async function inspectImages({ context, operands, options }: VerbCall): Promise<number> {
	const { images } = await context.engine();
	return printInspection(context, operands, {
		format: options.text('format'),
		inspect: async (name) => dockerImage(await images.inspect(name)),
	});
}

/** An image with Docker's field names, and our own figures where Docker has none. */
export function dockerImage(image: ImageDetail): object {
	return {
		Id: image.id,
		RepoTags: image.references.map(familiarReference),
		RepoDigests: image.repositoryDigests.map(familiarReference),
		Parent: '',
		Comment: image.history.at(-1)?.comment ?? '',
		Created: rfc3339(image.createdAt),
		Author: image.author ?? '',
		Config: dockerConfig(image.run),
		Architecture: image.platform.architecture,
		...(image.platform.variant === undefined ? {} : { Variant: image.platform.variant }),
		Os: image.platform.os,
		Size: image.sizeBytes,
		SharedSize: image.sharedBytes ?? null,
		UniqueSize: image.uniqueBytes ?? null,
		DiskSize: image.diskBytes ?? null,
		Containers: image.containerCount,
		Hidden: image.hidden,
		RootFS: { Type: 'layers', Layers: image.layers.map(({ diffId }) => diffId) },
		Layers: image.layers.map((layer) => ({
			DiffID: layer.diffId,
			ChainID: layer.chainId,
			Size: layer.sizeBytes,
			DiskSize: layer.diskBytes ?? null,
			CreatedBy: layer.createdBy ?? '',
		})),
		ManifestDigests: image.manifestDigests,
		Metadata: { StoredTime: rfc3339(image.storedAt) },
	};
}

interface HistoryRow {
	readonly entry: HistoryEntry;
	/** The image's ID for the newest step; the steps below have none. */
	readonly id: string;
}

/** `tonnage history`: the steps an image was made by, newest first. */
export async function showHistory({ context, operands, options }: VerbCall): Promise<undefined> {
	const { images } = await context.engine();
	const image = await images.inspect(operands[0] ?? '');
	const full = options.flag('no-trunc');
	printListing(context, {
		fields: historyFields({ full, now: context.host.now() }),
		columns: ['ID', 'CreatedSince', 'CreatedBy', 'Size', 'Comment'],
		rows: image.history.toReversed().map((entry, index) => ({
			entry,
			id: index === 0 ? shownId(image.id, full) : '<missing>',
		})),
		format: options.text('format'),
		quiet: options.flag('quiet') ? 'ID' : undefined,
	});
	return undefined;
}

function historyFields({ full, now }: { full: boolean; now: number }): ListingFields<HistoryRow> {
	return {
		ID: { header: 'IMAGE', value: (row) => row.id },
		CreatedSince: { header: 'CREATED', value: ({ entry }) => timeAgo(entry.createdAt, now) },
		CreatedAt: { header: 'CREATED AT', value: ({ entry }) => goTime(entry.createdAt) },
		CreatedBy: {
			header: 'CREATED BY',
			value: ({ entry }) => {
				const text = entry.createdBy.replace(/\s+/g, ' ');
				return full ? text : shorten(text, 45);
			},
		},
		Size: { header: 'SIZE', value: ({ entry }) => humanSize(entry.sizeBytes) },
		Comment: { header: 'COMMENT', value: ({ entry }) => entry.comment },
		SizeBytes: { header: 'SIZE BYTES', value: ({ entry }) => entry.sizeBytes },
		ChainID: { header: 'CHAIN ID', value: ({ entry }) => entry.chainId ?? '' },
	};
}
