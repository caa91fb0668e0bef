import type { ContainerSummary } from '../../engine/model.ts';
import type { Tone } from '../components/tone.ts';
import { cleanText, formatAge, formatBytes, formatPercent, shortId } from '../format.ts';
import type { ContainerFigures } from '../rates.ts';
import type { AppState } from '../state.ts';
import { byFigure, byText, type ListModel } from './list-model.ts';
import { perState } from './per-state.ts';

/** One line of the containers screen. */
export interface ContainerRow {
	readonly container: ContainerSummary;
	readonly name: string;
	readonly image: string;
	readonly status: ContainerCondition;
	readonly figures: ContainerFigures | undefined;
	readonly now: number;
}

/** A container's condition in words, with its tone and its place in the list. */
export interface ContainerCondition {
	readonly text: string;
	readonly tone: Tone;
	/** What runs comes first. */
	readonly rank: number;
}

/** Containers: what runs first, then the newest. */
export const containerList: ListModel<ContainerRow> = {
	rows: perState((state) => (state.world?.containers ?? []).map((container) => containerRow(container, state))),
	key: (row) => row.container.id,
	searchText: (row) =>
		`${row.name} ${row.image} ${row.status.text} ${row.container.status} ${shortId(row.container.id)}`,
	noun: ['container', 'containers'],
	rowTone: (row) => (row.status.rank === 0 ? 'plain' : 'muted'),
	empty: emptyContainers,
	columns: [
		{
			id: 'name',
			title: 'NAME',
			priority: 0,
			width: [10, 32],
			cell: (row) => row.name,
			compare: byText((row) => row.name),
		},
		{
			id: 'status',
			title: 'STATUS',
			priority: 0,
			width: [17, 18],
			cell: (row) => ({ text: row.status.text, tone: row.status.tone }),
			compare: (one, other) => one.status.rank - other.status.rank,
		},
		{
			id: 'cpu',
			title: 'CPU',
			priority: 1,
			width: [6, 6],
			align: 'right',
			cell: (row) => (row.container.status === 'running' ? formatPercent(row.figures?.cpuPercent) : ''),
			compare: byFigure((row) => row.figures?.cpuPercent),
			descending: true,
		},
		{
			id: 'memory',
			title: 'MEM',
			priority: 1,
			width: [6, 6],
			align: 'right',
			cell: (row) => (row.status.rank === 0 ? formatBytes(row.figures?.memoryBytes) : ''),
			compare: byFigure((row) => row.figures?.memoryBytes),
			descending: true,
		},
		{
			id: 'pids',
			title: 'PIDS',
			priority: 6,
			width: [6, 6],
			align: 'right',
			cell: (row) => (row.figures === undefined ? '' : String(row.figures.pidCount)),
			compare: byFigure((row) => row.figures?.pidCount),
			descending: true,
		},
		{
			id: 'size',
			title: 'SIZE',
			priority: 2,
			width: [6, 6],
			align: 'right',
			cell: (row) => formatBytes(row.container.writableBytes),
			compare: byFigure((row) => row.container.writableBytes),
			descending: true,
		},
		{
			id: 'virtual',
			title: 'VIRTUAL',
			priority: 5,
			width: [7, 9],
			align: 'right',
			cell: (row) => formatBytes(virtualBytes(row.container)),
			compare: byFigure((row) => virtualBytes(row.container)),
			descending: true,
		},
		{
			id: 'image',
			title: 'IMAGE',
			priority: 3,
			width: [10, 36],
			cell: (row) => row.image,
			compare: byText((row) => row.image),
		},
		{
			id: 'created',
			title: 'AGE',
			priority: 4,
			width: [5, 5],
			align: 'right',
			cell: (row) => formatAge(row.container.createdAt, row.now),
			compare: (one, other) => other.container.createdAt - one.container.createdAt,
		},
	],
};

/** VIRTUAL SIZE: the image's SIZE and the writable layer; undefined while that was not measured. */
export function virtualBytes(container: ContainerSummary): number | undefined {
	return container.writableBytes === undefined ? undefined : container.imageBytes + container.writableBytes;
}

/** What a container's condition is called, e.g. `● up 3h`, `✗ exited (137) 2d`. */
export function containerCondition(container: ContainerSummary, now: number): ContainerCondition {
	const { status, exitCode, startedAt, finishedAt } = container;
	switch (status) {
		case 'running':
			return { text: `● up ${formatAge(startedAt, now)}`, tone: 'good', rank: 0 };
		case 'paused':
			return { text: `‖ paused ${formatAge(startedAt, now)}`, tone: 'warning', rank: 0 };
		case 'restarting':
			return { text: '↻ restarting', tone: 'warning', rank: 0 };
		case 'created':
			return { text: '· created', tone: 'muted', rank: 1 };
		case 'exited': {
			const failed = exitCode !== 0 || container.outOfMemory;
			const word = container.outOfMemory ? 'out of mem' : `exited (${exitCode ?? '?'})`;
			const text = `${failed ? '✗' : '○'} ${word} ${formatAge(finishedAt, now)}`;
			return { text, tone: failed ? 'bad' : 'muted', rank: 1 };
		}
		case 'dead':
			return { text: '✗ dead', tone: 'bad', rank: 1 };
	}
}

function containerRow(container: ContainerSummary, state: AppState): ContainerRow {
	const work = state.work.get(container.id);
	const condition = containerCondition(container, state.now);
	return {
		container,
		name: cleanText(container.name),
		image: cleanText(container.imageReference),
		status: work === undefined ? condition : { text: `… ${work}`, tone: 'warning', rank: condition.rank },
		figures: state.figures.get(container.id),
		now: state.now,
	};
}

function emptyContainers(state: AppState): readonly string[] {
	if (state.world === undefined) return ['Loading…'];
	const missing = state.identity.missing[0];
	if (missing !== undefined) {
		return [
			'No containers, and none can run here:',
			`${missing.component} is missing; it is needed ${missing.neededFor}.`,
			...(missing.packages.length === 0 ? [] : [`Install it: apt-get install ${missing.packages.join(' or ')}`]),
		];
	}
	return [
		'No containers yet. Start one from another terminal:',
		'',
		'tonnage run -d --name web IMAGE',
		...(state.world.images.length === 0 ? ['', 'It needs an image first: screen 3 says how to get one.'] : []),
	];
}
