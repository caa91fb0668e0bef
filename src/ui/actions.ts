import type {
	ContainerDetail,
	ContainerId,
	ContainerStats,
	EngineEvent,
	ImageDetail,
	Instant,
	LogLine,
} from '../engine/model.ts';
import type { Plan, SweepEvent } from '../gc/model.ts';
import type { CommandId } from './commands.ts';
import type { InspectOverlay, ListId, Notice, World } from './state.ts';

/** Everything that can change the state: facts in the past tense, and the commands that need no engine. */
export type Action =
	| { readonly type: 'resized'; readonly columns: number; readonly rows: number }
	| { readonly type: 'time-passed'; readonly now: Instant }
	| { readonly type: 'world-loaded'; readonly world: World; readonly now: Instant }
	| { readonly type: 'stats-read'; readonly readings: readonly ContainerStats[] }
	| { readonly type: 'events-arrived'; readonly events: readonly EngineEvent[] }
	| { readonly type: 'container-inspected'; readonly detail: ContainerDetail }
	| { readonly type: 'image-inspected'; readonly detail: ImageDetail }
	/** A command that only moves things about in the state. Others reach the reducer as facts. */
	| { readonly type: 'commanded'; readonly command: CommandId }
	| { readonly type: 'text-typed'; readonly text: string }
	| { readonly type: 'work-started'; readonly key: string; readonly word: string }
	| { readonly type: 'work-ended'; readonly key: string }
	| { readonly type: 'notice-shown'; readonly notice: Omit<Notice, 'serial'> }
	| { readonly type: 'marks-cleared'; readonly list: ListId }
	/** Only the notice with that serial; any where none is given. */
	| { readonly type: 'notice-expired'; readonly serial?: number }
	| { readonly type: 'inspect-opened'; readonly view: Omit<InspectOverlay, 'type' | 'offset'> }
	| { readonly type: 'logs-opened'; readonly containerId: ContainerId; readonly name: string }
	| { readonly type: 'log-lines-read'; readonly containerId: ContainerId; readonly lines: readonly LogLine[] }
	| { readonly type: 'log-ended'; readonly containerId: ContainerId }
	| { readonly type: 'sweep-started'; readonly plan: Plan }
	| { readonly type: 'swept'; readonly event: SweepEvent }
	| { readonly type: 'sweep-aborted' };
