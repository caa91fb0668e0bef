import type { EngineEvent } from '../engine/model.ts';
import type { Action } from './actions.ts';
import { addReadings } from './rates.ts';
import { replan } from './reduce-collect.ts';
import { updateList } from './reduce-lists.ts';
import { type AppState, type Details, EVENTS_KEPT, runningContainers, type World } from './state.ts';
import { summarize } from './summary.ts';

/** The actions that bring figures and words from outside. */
export type DataAction = Extract<
	Action,
	{
		readonly type:
			| 'resized'
			| 'time-passed'
			| 'world-loaded'
			| 'stats-read'
			| 'events-arrived'
			| 'container-inspected'
			| 'image-inspected'
			| 'work-started'
			| 'work-ended'
			| 'notice-shown'
			| 'notice-expired'
			| 'marks-cleared';
	}
>;

/** What was loaded, measured or said. */
export function reduceData(state: AppState, action: DataAction): AppState {
	switch (action.type) {
		case 'resized':
			if (state.columns === action.columns && state.rows === action.rows) return state;
			return { ...state, columns: action.columns, rows: action.rows };
		case 'time-passed':
			return { ...state, now: action.now };
		case 'world-loaded':
			return loadWorld(state, action.world, action.now);
		case 'stats-read':
			return readStats(state, action.readings);
		case 'events-arrived':
			return { ...state, events: addEvents(state.events, action.events) };
		case 'container-inspected': {
			const containers = new Map(state.details.containers).set(action.detail.id, action.detail);
			return { ...state, details: { ...state.details, containers } };
		}
		case 'image-inspected': {
			const images = new Map(state.details.images).set(action.detail.id, action.detail);
			return { ...state, details: { ...state.details, images } };
		}
		case 'work-started':
			return { ...state, work: new Map(state.work).set(action.key, action.word) };
		case 'work-ended': {
			const work = new Map(state.work);
			return work.delete(action.key) ? { ...state, work } : state;
		}
		case 'notice-shown':
			return { ...state, notice: { ...action.notice, serial: (state.notice?.serial ?? state.noticeCount) + 1 } };
		case 'marks-cleared':
			return updateList(state, action.list, { marked: new Set() });
		case 'notice-expired':
			return expireNotice(state, action.serial);
	}
}

function loadWorld(state: AppState, world: World, now: number): AppState {
	const lists = { ...state.lists };
	const containerIds = new Set<string>(world.containers.map(({ id }) => id));
	const imageKeys = new Set(
		world.images.flatMap(({ id, references }) => ['', ...references].map((one) => `${id} ${one}`)),
	);
	lists.containers = { ...lists.containers, marked: kept(lists.containers.marked, containerIds) };
	lists.images = { ...lists.images, marked: kept(lists.images.marked, imageKeys) };
	const loaded: AppState = {
		...state,
		world,
		now,
		lists,
		details: presentDetails(state.details, world),
		summary: summarize(world.inventory),
	};
	return replan(dropIdleFigures(loaded));
}

/** Answers about what is still there stay until the new ones come: an emptied pane would flicker. */
function presentDetails(details: Details, world: World): Details {
	const containers = new Set(world.containers.map(({ id }) => id));
	const images = new Set(world.images.map(({ id }) => id));
	return {
		containers: new Map([...details.containers].filter(([id]) => containers.has(id))),
		images: new Map([...details.images].filter(([id]) => images.has(id))),
	};
}

/** Figures of what does not run any more must not stand there as if they were of now. */
function dropIdleFigures(state: AppState): AppState {
	const running = new Set(runningContainers(state).map(({ id }) => id));
	const figures = new Map([...state.figures].filter(([id]) => running.has(id)));
	return figures.size === state.figures.size ? state : { ...state, figures };
}

function readStats(state: AppState, readings: Parameters<typeof addReadings>[1]): AppState {
	if (readings.length === 0 && state.figures.size === 0) return state;
	return { ...state, figures: addReadings(state.figures, readings) };
}

function addEvents(before: readonly EngineEvent[], arrived: readonly EngineEvent[]): readonly EngineEvent[] {
	return [...arrived].reverse().concat(before).slice(0, EVENTS_KEPT);
}

function kept(marked: ReadonlySet<string>, present: ReadonlySet<string>): ReadonlySet<string> {
	const still = [...marked].filter((key) => present.has(key));
	return still.length === marked.size ? marked : new Set(still);
}

function expireNotice(state: AppState, serial: number | undefined): AppState {
	if (state.notice === undefined || (serial !== undefined && state.notice.serial !== serial)) return state;
	return { ...state, notice: undefined, noticeCount: state.notice.serial };
}
