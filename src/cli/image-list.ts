import type { ImageSummary, ReferenceText } from '../engine/model.ts';
import { familiarReference, splitFamiliar } from '../engine/reference.ts';
import type { CliContext } from './context.ts';
import { booleanFilter, type Filters, hasLabels, matchesGlob, parseFilters } from './filters.ts';
import { timeAgo } from './human-duration.ts';
import { humanSize } from './human-size.ts';
import { type ListingFields, printListing } from './listing.ts';
import { parseInstant } from './option-values.ts';
import { shownId } from './shorten.ts';
import { goTime } from './timestamps.ts';
import type { VerbCall } from './verb.ts';

/** Keys of `images --filter`. */
export const imageFilterKeys = ['dangling', 'reference', 'label', 'before', 'since', 'until'] as const;

/** One line: an image under one of its names. */
export interface ImageRow {
	readonly image: ImageSummary;
	readonly repository: string;
	readonly tag: string;
	readonly digest: string;
}

/** `tonnage images`: every image under each of its names. */
export async function listImages({ context, operands, options }: VerbCall): Promise<undefined> {
	const filters = parseFilters(options.texts('filter'), imageFilterKeys);
	const patterns = [...(filters.get('reference') ?? []), ...operands];
	const images = await (await context.engine()).images.list();
	const fits = await imageTest(context, filters);
	const withDigests = options.flag('digests');
	const rows = images.filter(fits).flatMap((image) => imageRows(image, patterns, withDigests));
	printListing(context, {
		fields: imageFields({ full: options.flag('no-trunc'), now: context.host.now() }),
		columns: ['Repository', 'Tag', ...(withDigests ? ['Digest'] : []), 'ID', 'CreatedSince', 'Size'],
		rows,
		format: options.text('format'),
		quiet: options.flag('quiet') ? 'ID' : undefined,
	});
	return undefined;
}

/** What can be shown of an image; `full` leaves ids as long as they are. */
export function imageFields({ full, now }: { full: boolean; now: number }): ListingFields<ImageRow> {
	const size = (bytes: number | undefined) => (bytes === undefined ? 'N/A' : humanSize(bytes));
	return {
		ID: { header: 'IMAGE ID', value: ({ image }) => shownId(image.id, full) },
		Repository: { header: 'REPOSITORY', value: (row) => row.repository },
		Tag: { header: 'TAG', value: (row) => row.tag },
		Digest: { header: 'DIGEST', value: (row) => row.digest },
		CreatedSince: { header: 'CREATED', value: ({ image }) => timeAgo(image.createdAt, now) },
		CreatedAt: { header: 'CREATED AT', value: ({ image }) => goTime(image.createdAt) },
		Size: { header: 'SIZE', value: ({ image }) => humanSize(image.sizeBytes) },
		VirtualSize: { header: 'SIZE', value: ({ image }) => humanSize(image.sizeBytes) },
		SharedSize: { header: 'SHARED SIZE', value: ({ image }) => size(image.sharedBytes) },
		UniqueSize: { header: 'UNIQUE SIZE', value: ({ image }) => size(image.uniqueBytes) },
		Containers: { header: 'CONTAINERS', value: ({ image }) => String(image.containerCount) },
		Hidden: { header: 'HIDDEN', value: ({ image }) => image.hidden },
		SizeBytes: { header: 'SIZE BYTES', value: ({ image }) => image.sizeBytes },
		SharedBytes: { header: 'SHARED BYTES', value: ({ image }) => image.sharedBytes },
		UniqueBytes: { header: 'UNIQUE BYTES', value: ({ image }) => image.uniqueBytes },
		DiskBytes: { header: 'DISK BYTES', value: ({ image }) => image.diskBytes },
	};
}

/** An image under each of its names that fits one of the patterns, or under every one where there are none. */
export function imageRows(image: ImageSummary, patterns: readonly string[], withDigests: boolean): readonly ImageRow[] {
	const names = image.references.filter((reference) => matchesReference(reference, patterns));
	const digestOf = (repository: string): string => {
		const found = image.repositoryDigests.find((text) => familiarReference(text).split('@')[0] === repository);
		return found?.split('@')[1] ?? '<none>';
	};
	const rows = names.map((reference) => {
		const { repository, tag } = splitFamiliar(reference);
		return { image, repository, tag, digest: digestOf(repository) };
	});
	if (image.references.length > 0) return rows;
	const byDigest = image.repositoryDigests.filter((text) => matchesReference(text, patterns));
	if (byDigest.length > 0) {
		return byDigest.map((text) => {
			const [repository = '<none>', digest = '<none>'] = familiarReference(text).split('@');
			return { image, repository, tag: '<none>', digest: withDigests ? digest : '<none>' };
		});
	}
	if (patterns.length > 0) return [];
	return [{ image, repository: '<none>', tag: image.hidden ? '<hidden>' : '<none>', digest: '<none>' }];
}

/** Docker's rule: the pattern fits `name:tag`, or the name alone. */
function matchesReference(reference: ReferenceText | string, patterns: readonly string[]): boolean {
	const familiar = familiarReference(reference);
	const { repository } = splitFamiliar(reference);
	return (
		patterns.length === 0 ||
		patterns
			.map(familiarReference)
			.some((pattern) => matchesGlob(pattern, familiar) || matchesGlob(pattern, repository))
	);
}

async function imageTest(context: CliContext, filters: Filters): Promise<(image: ImageSummary) => boolean> {
	const dangling = booleanFilter(filters, 'dangling');
	const labels = filters.get('label') ?? [];
	const createdAt = async (key: string): Promise<readonly number[]> => {
		const { images } = await context.engine();
		return Promise.all((filters.get(key) ?? []).map(async (name) => (await images.inspect(name)).createdAt ?? 0));
	};
	const before = [
		...(await createdAt('before')),
		...(filters.get('until') ?? []).map((text) => parseInstant(text, 'until', context.host.now())),
	];
	const since = await createdAt('since');
	return (image) => {
		const at = image.createdAt ?? 0;
		return (
			(dangling === undefined || (image.references.length === 0) === dangling) &&
			hasLabels(image.labels, labels) &&
			before.every((limit) => at < limit) &&
			since.every((limit) => at > limit)
		);
	};
}
