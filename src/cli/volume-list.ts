import type { VolumeSummary } from '../engine/model.ts';
import { labelText } from './container-list.ts';
import { booleanFilter, hasLabels, parseFilters } from './filters.ts';
import { humanSize } from './human-size.ts';
import { type ListingFields, printListing } from './listing.ts';
import { rfc3339 } from './timestamps.ts';
import type { VerbCall } from './verb.ts';

/** Keys of `volume ls --filter`. */
export const volumeFilterKeys = ['dangling', 'name', 'label'] as const;

/** `tonnage volume ls`. */
export async function listVolumes({ context, options }: VerbCall): Promise<undefined> {
	const filters = parseFilters(options.texts('filter'), volumeFilterKeys);
	const dangling = booleanFilter(filters, 'dangling');
	const names = filters.get('name') ?? [];
	const volumes = (await (await context.engine()).volumes.list()).filter(
		({ name, labels, usedBy }) =>
			(dangling === undefined || (usedBy.length === 0) === dangling) &&
			(names.length === 0 || names.some((part) => name.includes(part))) &&
			hasLabels(labels, filters.get('label') ?? []),
	);
	printListing(context, {
		fields: volumeFields,
		columns: ['Driver', 'Name'],
		rows: volumes,
		format: options.text('format'),
		quiet: options.flag('quiet') ? 'Name' : undefined,
	});
	return undefined;
}

/** What can be shown of a volume. */
export const volumeFields: ListingFields<VolumeSummary> = {
	Driver: { header: 'DRIVER', value: () => 'local' },
	Name: { header: 'VOLUME NAME', value: ({ name }) => name },
	Mountpoint: { header: 'MOUNTPOINT', value: ({ mountpoint }) => mountpoint },
	Scope: { header: 'SCOPE', value: () => 'local' },
	Labels: { header: 'LABELS', value: ({ labels }) => labelText(labels) },
	Links: { header: 'LINKS', value: ({ usedBy }) => String(usedBy.length) },
	Size: { header: 'SIZE', value: ({ sizeBytes }) => (sizeBytes === undefined ? 'N/A' : humanSize(sizeBytes)) },
	Anonymous: { header: 'ANONYMOUS', value: ({ anonymous }) => anonymous },
	SizeBytes: { header: 'SIZE BYTES', value: ({ sizeBytes }) => sizeBytes },
	DiskBytes: { header: 'DISK BYTES', value: ({ diskBytes }) => diskBytes },
	MeasuredAt: {
		header: 'MEASURED AT',
		value: ({ measuredAt }) => (measuredAt === undefined ? undefined : rfc3339(measuredAt)),
	},
};
