import type { Inventory } from '../engine/model.ts';
import { accountBytes, summarizeUsage, type UsageRow } from '../gc/accounting.ts';
import { garbagePolicy } from '../gc/presets.ts';
import { containerFields, shownImages } from './container-list.ts';
import type { CliContext } from './context.ts';
import { humanSize } from './human-size.ts';
import { imageFields, imageRows } from './image-list.ts';
import { type ListingFields, listingRows, printListing, renderListing } from './listing.ts';
import type { VerbCall } from './verb.ts';
import { volumeFields } from './volume-list.ts';

/** One line; undefined where a column says nothing. */
interface DiskRow {
	readonly type: string;
	readonly totalCount: number | undefined;
	readonly activeCount: number | undefined;
	readonly sizeBytes: number | undefined;
	readonly reclaimableSizeBytes: number | undefined;
	readonly diskBytes: number;
	readonly reclaimableBytes: number | undefined;
}

/** `tonnage system df`: where the bytes are. Walks no directory: every figure was recorded when its bytes were stored. */
export async function showDiskUsage(call: VerbCall): Promise<undefined> {
	const { context, options } = call;
	if (options.flag('verbose')) return showEverything(call);
	const engine = await context.engine();
	const inventory = await engine.store.takeInventory();
	printListing(context, {
		fields: diskFields,
		columns: ['Type', 'TotalCount', 'Active', 'Size', 'Reclaimable', 'Disk', 'Frees'],
		rows: diskRows(inventory, context.host.now()),
		format: options.text('format'),
	});
	return undefined;
}

const typeNames: Readonly<Record<UsageRow['type'], string>> = {
	images: 'Images',
	containers: 'Containers',
	volumes: 'Local Volumes',
	leftovers: 'Leftovers',
};

/** The rows of `system df`: those down to `Total` add up to it; those after it are parts of what stands above. */
function diskRows(inventory: Inventory, now: number): readonly DiskRow[] {
	const usage = summarizeUsage(inventory, now);
	const account = accountBytes(inventory, garbagePolicy, now);
	const dangling = danglingLayers(inventory);
	const plain = (type: string, diskBytes: number, totalCount?: number): DiskRow => ({
		type,
		totalCount,
		activeCount: undefined,
		sizeBytes: undefined,
		reclaimableSizeBytes: undefined,
		diskBytes,
		reclaimableBytes: undefined,
	});
	return [
		...usage.map((row) => ({ ...row, type: typeNames[row.type] })),
		plain('Metadata', account.metadataBytes),
		plain('Total', account.totalBytes),
		{
			...plain('of which dangling layers', dangling.diskBytes, dangling.totalCount),
			sizeBytes: dangling.sizeBytes,
		},
		plain('of which hidden', account.hiddenBytes),
		plain('of which leased', account.leasedBytes),
		plain('of which orphaned', account.orphanBytes),
		plain('of which trash', account.trashBytes),
	];
}

const diskFields: ListingFields<DiskRow> = {
	Type: { header: 'TYPE', value: ({ type }) => type },
	TotalCount: { header: 'TOTAL', value: ({ totalCount }) => totalCount?.toString() ?? '' },
	Active: { header: 'ACTIVE', value: ({ activeCount }) => activeCount?.toString() ?? '' },
	Size: { header: 'SIZE', value: ({ sizeBytes }) => sizeText(sizeBytes) },
	Reclaimable: {
		header: 'RECLAIMABLE',
		value: ({ reclaimableSizeBytes, sizeBytes }) => partText(reclaimableSizeBytes, sizeBytes),
	},
	Disk: { header: 'DISK', value: ({ diskBytes }) => sizeText(diskBytes) },
	Frees: { header: 'FREES', value: ({ reclaimableBytes, diskBytes }) => partText(reclaimableBytes, diskBytes) },
	SizeBytes: { header: 'SIZE BYTES', value: ({ sizeBytes }) => sizeBytes },
	ReclaimableSizeBytes: { header: 'RECLAIMABLE SIZE BYTES', value: (row) => row.reclaimableSizeBytes },
	DiskBytes: { header: 'DISK BYTES', value: ({ diskBytes }) => diskBytes },
	ReclaimableBytes: { header: 'RECLAIMABLE BYTES', value: ({ reclaimableBytes }) => reclaimableBytes },
};

function sizeText(bytes: number | undefined): string {
	return bytes === undefined ? '' : humanSize(bytes, 4);
}

/** `1.2MB (34%)`; without the percentage of nothing. */
function partText(part: number | undefined, whole: number | undefined): string {
	if (part === undefined) return '';
	if (whole === undefined || whole === 0) return humanSize(part, 4);
	return `${humanSize(part, 4)} (${Math.trunc((part / whole) * 100)}%)`;
}

/** Layers that no name leads to: an untagged image holds them, a container alone, or nothing. */
function danglingLayers({ resources }: Inventory): { totalCount: number; sizeBytes: number; diskBytes: number } {
	const byKey = new Map(resources.map((resource) => [`${resource.key.kind} ${resource.key.id}`, resource]));
	const named = new Set<string>();
	const waiting = resources.filter(({ key }) => key.kind === 'tag').flatMap(({ references }) => references);
	for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) {
		const text = `${key.kind} ${key.id}`;
		if (named.has(text)) continue;
		named.add(text);
		waiting.push(...(byKey.get(text)?.references ?? []));
	}
	const dangling = resources.filter(({ key }) => key.kind === 'layer' && !named.has(`layer ${key.id}`));
	return {
		totalCount: dangling.length,
		sizeBytes: dangling.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
		diskBytes: dangling.reduce((sum, { diskBytes }) => sum + diskBytes, 0),
	};
}

/** `system df -v`: every image, container and volume with what it weighs. */
async function showEverything({ context, options }: VerbCall): Promise<undefined> {
	const sections = await verboseSections(context);
	if (options.text('format') === 'json') {
		const document = Object.fromEntries(sections.map(({ name, json }) => [name, json]));
		context.host.stdout.write(`${JSON.stringify(document)}\n`);
		return undefined;
	}
	context.host.stdout.write(sections.map(({ title, text }) => `${title} space usage:\n\n${text}`).join('\n'));
	return undefined;
}

interface Section {
	readonly name: string;
	readonly title: string;
	readonly text: string;
	readonly json: readonly object[];
}

async function verboseSections(context: CliContext): Promise<readonly Section[]> {
	const engine = await context.engine();
	const now = context.host.now();
	const images = (await engine.images.list()).flatMap((image) => imageRows(image, [], false));
	const containers = await engine.containers.list();
	const volumes = await engine.volumes.list();
	const imageNames = await shownImages(context, containers, false);
	return [
		section('Images', 'Images', {
			fields: imageFields({ full: false, now }),
			columns: ['Repository', 'Tag', 'ID', 'CreatedSince', 'Size', 'SharedSize', 'UniqueSize', 'Containers'],
			rows: images,
		}),
		section('Containers', 'Containers', {
			fields: containerFields({ full: false, now, imageNames }),
			columns: ['ID', 'Image', 'Command', 'LocalVolumes', 'Size', 'RunningFor', 'Status', 'Names'],
			rows: containers,
		}),
		section('Volumes', 'Local Volumes', {
			fields: volumeFields,
			columns: ['Name', 'Links', 'Size'],
			rows: volumes,
		}),
	];
}

function section<Row>(
	name: string,
	title: string,
	listing: { readonly fields: ListingFields<Row>; readonly columns: readonly string[]; readonly rows: readonly Row[] },
): Section {
	return {
		name,
		title,
		text: renderListing({ ...listing, format: undefined }),
		json: listingRows(listing.fields, listing.rows),
	};
}
