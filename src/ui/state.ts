import type {
	ContainerDetail,
	ContainerId,
	ContainerSummary,
	EngineEvent,
	ImageDetail,
	ImageId,
	ImageSummary,
	Instant,
	Inventory,
	LogLine,
	VolumeSummary,
} from '../engine/model.ts';
import type { EngineIdentity } from '../engine/port.ts';
import type { CollectState } from './collect-state.ts';
import type { Confirmation } from './confirmation.ts';
import type { FiguresById } from './rates.ts';
import type { Summary } from './summary.ts';

/** The numbered screens, in the order of their numbers. */
export const tabs = ['overview', 'containers', 'images', 'layers', 'collect'] as const;
export type TabId = (typeof tabs)[number];
/** The screens that are a list with a cursor. */
export type ListId = Exclude<TabId, 'overview'>;

/** Everything the dashboard shows or remembers: the one argument of every view. */
export interface AppState {
	readonly columns: number;
	readonly rows: number;
	readonly identity: EngineIdentity;
	/** The instant that ages are counted to; moves when something is loaded, and twice a minute. */
	readonly now: Instant;
	/** What the engine stores; undefined until it was loaded for the first time. */
	readonly world: World | undefined;
	/** What the stored things add up to; undefined until they were loaded. */
	readonly summary: Summary | undefined;
	readonly figures: FiguresById;
	/** Newest first, bounded. */
	readonly events: readonly EngineEvent[];
	readonly details: Details;
	readonly tab: TabId;
	readonly lists: Readonly<Record<ListId, ListState>>;
	readonly collect: CollectState;
	/** What lies over the tab, the top one last: pagers, text fields, dialogs. */
	readonly stack: readonly Overlay[];
	/** Operations under way by container id or image key, each with its word: `stopping`. */
	readonly work: ReadonlyMap<string, string>;
	readonly notice: Notice | undefined;
	/** Serial of the last notice that is gone. */
	readonly noticeCount: number;
}

/** One loading of all lists. */
export interface World {
	readonly images: readonly ImageSummary[];
	readonly containers: readonly ContainerSummary[];
	readonly volumes: readonly VolumeSummary[];
	readonly inventory: Inventory;
}

/** The last full answers about things that were under the cursor; asked for again when the lists change. */
export interface Details {
	readonly containers: ReadonlyMap<ContainerId, ContainerDetail>;
	readonly images: ReadonlyMap<ImageId, ImageDetail>;
}

/** Cursor, order and choice of one list. Kept right by `settleLists` after each action. */
export interface ListState {
	/** The row under the cursor; undefined only where the list is empty or not loaded. */
	readonly cursorKey: string | undefined;
	readonly cursor: number;
	/** Index of the first row on screen. */
	readonly offset: number;
	/** Words that a row must all contain; empty shows everything. */
	readonly filter: string;
	/** A column's id. */
	readonly sortBy: string;
	readonly reversed: boolean;
	/** Row keys. */
	readonly marked: ReadonlySet<string>;
}

/** Something over the tab. Dialogs are values: what they ask is in `confirmation`. */
export type Overlay =
	| { readonly type: 'help'; readonly offset: number }
	| { readonly type: 'detail'; readonly list: ListId; readonly offset: number }
	| InspectOverlay
	| LogsOverlay
	/** A text field for the filter of a list or of the log under it. `before` comes back with Esc. */
	| { readonly type: 'filter'; readonly target: ListId | 'logs'; readonly before: string }
	| { readonly type: 'confirm'; readonly confirmation: Confirmation; readonly choice: 'yes' | 'no' };

/** Overlays that may be longer than the screen, and scroll. */
export type Pager = Extract<Overlay, { readonly offset: number }>;

/** A document to read. */
export interface InspectOverlay {
	readonly type: 'inspect';
	readonly title: string;
	readonly lines: readonly string[];
	readonly offset: number;
}

/** What a container wrote, and how it is looked at. */
export interface LogsOverlay {
	readonly type: 'logs';
	readonly containerId: ContainerId;
	readonly name: string;
	/** Oldest first, bounded by `LOG_LINES_KEPT`. */
	readonly lines: readonly LogLine[];
	/** Lines that were dropped at the front to stay within the bound. */
	readonly droppedCount: number;
	/** True until the container's output has ended. */
	readonly open: boolean;
	/** While true the end of the log is on screen. */
	readonly following: boolean;
	readonly wrapping: boolean;
	readonly timestamps: boolean;
	readonly filter: string;
	/** Index of the first screen line; meaningless while following. */
	readonly offset: number;
}

/** One message above the key bar, until the next key or its time is over. */
export interface Notice {
	/** Grows with each notice, so that a timer clears only its own. */
	readonly serial: number;
	readonly tone: 'good' | 'warning' | 'bad' | 'plain';
	readonly text: string;
	readonly hint: string | undefined;
}

/** Lines that the log view holds at most; older ones are dropped first. */
export const LOG_LINES_KEPT = 5000;
/** Events that the overview remembers. */
export const EVENTS_KEPT = 50;

/** The state before anything was loaded. */
export function initialState(start: {
	readonly identity: EngineIdentity;
	readonly columns: number;
	readonly rows: number;
	readonly now: Instant;
}): AppState {
	return {
		...start,
		world: undefined,
		summary: undefined,
		figures: new Map(),
		events: [],
		details: { containers: new Map(), images: new Map() },
		tab: 'overview',
		lists: {
			containers: initialList('status'),
			images: initialList('created'),
			layers: initialList('disk'),
			collect: initialList('reason'),
		},
		collect: {
			preset: 'dangling',
			unmarked: new Set(),
			showKept: false,
			full: undefined,
			plan: undefined,
			sweep: undefined,
		},
		stack: [],
		work: new Map(),
		notice: undefined,
		noticeCount: 0,
	};
}

function initialList(sortBy: string): ListState {
	return { cursorKey: undefined, cursor: 0, offset: 0, filter: '', sortBy, reversed: false, marked: new Set() };
}

/** The overlay that has the keys, if there is one. */
export function topOverlay(state: AppState): Overlay | undefined {
	return state.stack.at(-1);
}

/** The pager that has the keys, if the thing on top is one. */
export function topPager(state: AppState): Pager | undefined {
	const overlay = topOverlay(state);
	return overlay !== undefined && 'offset' in overlay ? overlay : undefined;
}

/** The list whose rows the movement keys reach now; undefined on the overview. */
export function currentList(state: AppState): ListId | undefined {
	return state.tab === 'overview' ? undefined : state.tab;
}

/** Containers that use CPU time now. */
export function runningContainers(state: AppState): readonly ContainerSummary[] {
	return state.world?.containers.filter(({ status }) => status === 'running' || status === 'paused') ?? [];
}
