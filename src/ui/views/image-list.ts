import type { ImageSummary } from '../../engine/model.ts';
import { familiarReference, splitFamiliar } from '../../engine/reference.ts';
import { cleanText, formatAge, formatBytes, shortId } from '../format.ts';
import type { AppState } from '../state.ts';
import { byFigure, byText, type ListModel } from './list-model.ts';
import { perState } from './per-state.ts';

/** One line of the images screen: an image has one for each of its tags, and one where it has none. */
export interface ImageRow {
	readonly image: ImageSummary;
	/** The tag of this line; undefined for a dangling image. */
	readonly reference: string | undefined;
	readonly repository: string;
	readonly tag: string;
	/** `dangling`, `hidden`, or nothing. */
	readonly note: string;
	readonly now: number;
	/** What is being done to it, if anything. */
	readonly work: string | undefined;
}

/** Images, newest first. */
export const imageList: ListModel<ImageRow> = {
	rows: perState((state) => (state.world?.images ?? []).flatMap((image) => imageRows(image, state))),
	key: imageRowKey,
	searchText: (row) => `${row.repository}:${row.tag} ${row.note} ${shortId(row.image.id)}`,
	noun: ['name', 'names'],
	empty: emptyImages,
	columns: [
		{
			id: 'repository',
			title: 'REPOSITORY',
			priority: 0,
			width: [12, 44],
			cut: 'middle',
			cell: (row) => (row.reference === undefined ? { text: '<none>', tone: 'muted' } : row.repository),
			compare: byText((row) => `${row.repository}:${row.tag}`),
		},
		{
			id: 'tag',
			title: 'TAG',
			priority: 0,
			width: [8, 24],
			cell: (row) =>
				row.reference === undefined ? { text: row.tag, tone: row.image.hidden ? 'warning' : 'muted' } : row.tag,
			compare: byText((row) => row.tag),
		},
		{
			id: 'id',
			title: 'IMAGE ID',
			priority: 5,
			width: [12, 12],
			cell: (row) => ({ text: shortId(row.image.id), tone: 'muted' }),
		},
		{
			id: 'created',
			title: 'AGE',
			priority: 4,
			width: [5, 5],
			align: 'right',
			cell: (row) => formatAge(row.image.createdAt, row.now),
			compare: (one, other) => (other.image.createdAt ?? 0) - (one.image.createdAt ?? 0),
		},
		{
			id: 'size',
			title: 'SIZE',
			priority: 0,
			width: [6, 6],
			align: 'right',
			cell: (row) => formatBytes(row.image.sizeBytes),
			compare: byFigure((row) => row.image.sizeBytes),
			descending: true,
		},
		{
			id: 'shared',
			title: 'SHARED',
			priority: 3,
			width: [6, 8],
			align: 'right',
			cell: (row) => formatBytes(row.image.sharedBytes),
			compare: byFigure((row) => row.image.sharedBytes),
			descending: true,
		},
		{
			id: 'unique',
			title: 'UNIQUE',
			priority: 1,
			width: [6, 8],
			align: 'right',
			cell: (row) => formatBytes(row.image.uniqueBytes),
			compare: byFigure((row) => row.image.uniqueBytes),
			descending: true,
		},
		{
			id: 'used',
			title: 'USED',
			priority: 2,
			width: [4, 6],
			align: 'right',
			cell: (row) => (row.image.containerCount === 0 ? { text: '·', tone: 'muted' } : String(row.image.containerCount)),
			compare: byFigure((row) => row.image.containerCount),
			descending: true,
		},
		{
			id: 'note',
			title: '',
			priority: 6,
			width: [8, 9],
			cell: (row) => ({ text: row.work ?? row.note, tone: 'warning' }),
		},
	],
};

/** The key of one line: two tags of an image are two lines. */
export function imageRowKey(row: Pick<ImageRow, 'image' | 'reference'>): string {
	return `${row.image.id} ${row.reference ?? ''}`;
}

/** What a person calls an image: its first tag, or the short id where it has none. */
export function imageName(image: Pick<ImageSummary, 'id' | 'references'>): string {
	const [first] = image.references;
	return first === undefined ? shortId(image.id) : cleanText(familiarReference(first));
}

function imageRows(image: ImageSummary, state: AppState): readonly ImageRow[] {
	const base = { image, now: state.now, work: state.work.get(image.id) };
	if (image.references.length === 0) {
		const note = image.hidden ? 'hidden' : 'dangling';
		return [{ ...base, reference: undefined, repository: '<none>', tag: image.hidden ? '<hidden>' : '<none>', note }];
	}
	return image.references.map((reference) => {
		const { repository, tag } = splitFamiliar(reference);
		return { ...base, reference, repository: cleanText(repository), tag: cleanText(tag), note: '' };
	});
}

function emptyImages(state: AppState): readonly string[] {
	return state.world === undefined
		? ['Loading…']
		: ['No images yet. Fill the store from another terminal:', '', ...fillingCommands];
}

/** How an empty store gets its first image. */
export const fillingCommands: readonly string[] = [
	'docker save IMAGE | tonnage load',
	'tonnage load -i ARCHIVE.tar',
	'tonnage import ROOTFS.tar NAME:TAG',
];
