import type { ContainerSummary, ImageId } from '../engine/model.ts';
import { canonicalReference } from '../engine/reference.ts';
import { containerFilterKeys, containerTest } from './container-filters.ts';
import { statusText } from './container-status.ts';
import type { CliContext } from './context.ts';
import { parseFilters } from './filters.ts';
import { timeAgo } from './human-duration.ts';
import { humanSize } from './human-size.ts';
import { type ListingFields, printListing } from './listing.ts';
import { parseWholeNumber } from './option-values.ts';
import { shorten, shownId } from './shorten.ts';
import { goTime, rfc3339 } from './timestamps.ts';
import type { OptionValues, VerbCall } from './verb.ts';

/** How long `ps -s` may measure writable layers that are in use. */
const measureBudgetMs = 500;

/** `tonnage ps`. */
export async function listContainers({ context, options }: VerbCall): Promise<undefined> {
	const filters = parseFilters(options.texts('filter'), containerFilterKeys);
	const { containers } = await context.engine();
	const withSize = options.flag('size');
	if (withSize) await containers.measure({ budgetMs: measureBudgetMs });
	const fits = await containerTest(context, filters);
	const last = lastCount(options);
	const everyStatus = options.flag('all') || last >= 0 || filters.has('status') || filters.has('exited');
	const rows = (await containers.list())
		.filter((container) => (everyStatus || isAlive(container)) && fits(container))
		.slice(0, last >= 0 ? last : undefined);
	const imageNames = await shownImages(context, rows, options.flag('no-trunc'));
	printListing(context, {
		fields: containerFields({ full: options.flag('no-trunc'), now: context.host.now(), imageNames }),
		columns: ['ID', 'Image', 'Command', 'RunningFor', 'Status', 'Ports', 'Names', ...(withSize ? ['Size'] : [])],
		rows,
		format: options.text('format'),
		quiet: options.flag('quiet') ? 'ID' : undefined,
	});
	return undefined;
}

function lastCount(options: OptionValues): number {
	const last = options.text('last');
	if (last !== undefined) return parseWholeNumber(last, '--last');
	return options.flag('latest') ? 1 : -1;
}

function isAlive({ status }: ContainerSummary): boolean {
	return status === 'running' || status === 'paused' || status === 'restarting';
}

/** What can be shown of a container. */
export function containerFields(options: {
	readonly full: boolean;
	readonly now: number;
	readonly imageNames: (container: ContainerSummary) => string;
}): ListingFields<ContainerSummary> {
	const { full, now, imageNames } = options;
	return {
		ID: { header: 'CONTAINER ID', value: ({ id }) => shownId(id, full) },
		Image: { header: 'IMAGE', value: imageNames },
		Command: {
			header: 'COMMAND',
			value: ({ command }) => JSON.stringify(full ? command.join(' ') : shorten(command.join(' '), 20)),
		},
		CreatedAt: { header: 'CREATED AT', value: ({ createdAt }) => goTime(createdAt) },
		RunningFor: { header: 'CREATED', value: ({ createdAt }) => timeAgo(createdAt, now) },
		Status: { header: 'STATUS', value: (container) => statusText(container, now) },
		State: { header: 'STATE', value: ({ status }) => status },
		Ports: { header: 'PORTS', value: () => '' },
		Names: { header: 'NAMES', value: ({ name }) => name },
		Size: { header: 'SIZE', value: sizeText },
		Labels: { header: 'LABELS', value: ({ labels }) => labelText(labels) },
		Mounts: {
			header: 'MOUNTS',
			value: ({ mounts }) => mounts.map(({ source }) => (full ? source : shorten(source, 15))).join(','),
		},
		LocalVolumes: {
			header: 'LOCAL VOLUMES',
			value: ({ mounts }) => String(mounts.filter(({ type }) => type === 'volume').length),
		},
		Networks: { header: 'NETWORKS', value: ({ network }) => network },
		ImageID: { header: 'IMAGE ID', value: ({ imageId }) => imageId },
		ExitCode: { header: 'EXIT CODE', value: ({ exitCode }) => exitCode },
		SizeBytes: { header: 'SIZE BYTES', value: ({ writableBytes }) => writableBytes },
		VirtualSizeBytes: {
			header: 'VIRTUAL SIZE BYTES',
			value: ({ imageBytes, writableBytes }) => (writableBytes === undefined ? undefined : imageBytes + writableBytes),
		},
		DiskBytes: { header: 'DISK BYTES', value: ({ diskBytes }) => diskBytes },
		MeasuredAt: {
			header: 'MEASURED AT',
			value: ({ measuredAt }) => (measuredAt === undefined ? undefined : rfc3339(measuredAt)),
		},
	};
}

/** `1.2kB (virtual 3.4MB)`; `N/A` stands for a writable layer that was never measured. */
function sizeText({ writableBytes, imageBytes }: ContainerSummary): string {
	if (writableBytes === undefined) return `N/A (image ${humanSize(imageBytes)})`;
	return `${humanSize(writableBytes)} (virtual ${humanSize(imageBytes + writableBytes)})`;
}

/** Docker's form in one cell: `a=1,b=2`. */
export function labelText(labels: Readonly<Record<string, string>>): string {
	return Object.entries(labels)
		.map(([key, value]) => `${key}=${value}`)
		.sort()
		.join(',');
}

/** A name that has moved to another image would lie: then the image's ID stands there, as Docker has it. */
export async function shownImages(
	context: CliContext,
	containers: readonly ContainerSummary[],
	full: boolean,
): Promise<(container: ContainerSummary) => string> {
	const holders = new Map<string, ImageId>();
	if (containers.length > 0) {
		const { images } = await context.engine();
		for (const { id, references } of await images.list()) for (const name of references) holders.set(name, id);
	}
	return ({ imageReference, imageId }) =>
		holders.get(canonicalOrSame(imageReference)) === imageId ? imageReference : shownId(imageId, full);
}

function canonicalOrSame(text: string): string {
	try {
		return canonicalReference(text);
	} catch {
		return text;
	}
}
