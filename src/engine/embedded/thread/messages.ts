import type { Engine, EngineIdentity, Images, ResourceStore, Volumes } from '../../port.ts';
import type { Containers } from '../../port-containers.ts';
import type { EncodedError } from './encoding.ts';

/** The parts of the port that hold methods; `''` stands for the engine itself. */
export const groups = ['', 'images', 'containers', 'volumes', 'store', 'pins', 'plans'] as const;

export type GroupName = (typeof groups)[number];

type StreamsOf<Group, Prefix extends string> = {
	[Name in keyof Group & string]: Group[Name] extends (...parameters: never[]) => AsyncIterable<unknown>
		? `${Prefix}${Name}`
		: never;
}[keyof Group & string];

/** Methods that give an iterable instead of a promise. The compiler keeps the list below complete. */
export type StreamPath =
	| StreamsOf<Engine, ''>
	| StreamsOf<Images, 'images.'>
	| StreamsOf<Containers, 'containers.'>
	| StreamsOf<Volumes, 'volumes.'>
	| StreamsOf<ResourceStore, 'store.'>;

const streamPaths: Readonly<Record<StreamPath, true>> = {
	events: true,
	'images.save': true,
	'containers.logs': true,
};

/** True for a method that gives an iterable: its items are asked for one by one. */
export function isStreamPath(path: string): path is StreamPath {
	return Object.hasOwn(streamPaths, path);
}

/** What stands in an argument for a thing that cannot be copied to the other thread. */
export interface Handle {
	readonly $handle: 'signal' | 'function' | 'stream';
	readonly id: number;
	/** Of a signal: whether it has aborted already. */
	readonly aborted?: boolean;
}

/** From the screen's thread to the engine's. `call` counts up and names one call. */
export type ToEngine =
	| { readonly type: 'call'; readonly call: number; readonly path: string; readonly parameters: readonly unknown[] }
	/** Asks a stream for its next item. */
	| { readonly type: 'next'; readonly call: number }
	/** Nobody wants more of a stream. */
	| { readonly type: 'return'; readonly call: number }
	| { readonly type: 'abort'; readonly handle: number }
	/** Answers `pull`. */
	| { readonly type: 'pulled'; readonly handle: number; readonly outcome: Outcome };

/** From the engine's thread to the screen's. */
export type FromEngine =
	| { readonly type: 'opened'; readonly identity: EngineIdentity; readonly methods: readonly string[] }
	| { readonly type: 'failed'; readonly error: EncodedError }
	/** Of a call, or of one `next`. */
	| { readonly type: 'outcome'; readonly call: number; readonly outcome: Outcome }
	/** A function that was handed in is called. */
	| { readonly type: 'callback'; readonly handle: number; readonly parameters: readonly unknown[] }
	/** A stream that was handed in is asked for its next item. */
	| { readonly type: 'pull'; readonly handle: number };

/** How something ended. `done` is the end of a stream. */
export type Outcome =
	| { readonly type: 'value'; readonly value: unknown; readonly hasErrors: boolean }
	| { readonly type: 'done' }
	| { readonly type: 'error'; readonly error: EncodedError };
