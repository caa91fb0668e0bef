import type { EngineError } from './errors.ts';
import type {
	EngineEvent,
	Generation,
	ImageDetail,
	ImageId,
	ImageSummary,
	Instant,
	Inventory,
	ReferenceText,
	ResourceKey,
	VolumeSummary,
} from './model.ts';
import type { Pins, PlanArchive } from './port-collector.ts';
import type { Containers, RemovedBytes } from './port-containers.ts';
import type { Registry } from './registry-port.ts';

/**
 * What the faces and the collector know of an engine. Every method may reject with `EngineError`, or with
 * `signal.reason` when its signal aborts; nothing else is expected.
 * An optional member is a capability: it is absent, never a stub that throws.
 */
export interface Engine {
	readonly identity: EngineIdentity;
	readonly images: Images;
	readonly containers: Containers;
	readonly volumes: Volumes;
	readonly store: ResourceStore;
	/** Images that no policy takes. */
	readonly pins?: Pins;
	/** Plans that were saved, and what sweeps did. */
	readonly plans?: PlanArchive;
	/** Absent where an engine does not speak with registries. */
	readonly registry?: Registry;
	/**
	 * Changes as they happen, ours and others'. Ends when the signal aborts, or once everything up to `untilAt` is told.
	 * Starts after `sinceSequence`, with the first one at or after `sinceAt` that is still kept, or with what comes next.
	 */
	events(options: EventOptions): AsyncIterable<EngineEvent>;
	/** Releases locks, watchers and files. Calling it twice is harmless. Containers go on. */
	close(): Promise<void>;
}

export interface EventOptions {
	readonly signal: AbortSignal;
	readonly sinceSequence?: number;
	readonly sinceAt?: Instant | undefined;
	readonly untilAt?: Instant | undefined;
}

export interface EngineIdentity {
	readonly kind: 'embedded' | 'docker' | 'podman' | 'memory';
	/** A directory, or a socket's URL. */
	readonly endpoint: string;
	readonly version: string;
	/** What a container cannot be started without, where it is missing; empty when containers can run. */
	readonly missing: readonly MissingComponent[];
}

export interface MissingComponent {
	readonly component: string;
	readonly neededFor: string;
	/** Debian's package names; any one of them helps. */
	readonly packages: readonly string[];
}

/** The images of one engine. A `name` argument is a reference, an image ID or a unique prefix of one. */
export interface Images {
	/** All images, dangling and hidden ones too, newest first. */
	list(): Promise<readonly ImageSummary[]>;
	/** @throws EngineError not-found, ambiguous, invalid-reference */
	inspect(name: string): Promise<ImageDetail>;
	/** The config document, byte for byte. @throws EngineError not-found, ambiguous */
	config(name: string): Promise<string>;
	/** @throws EngineError not-found, ambiguous, invalid-reference */
	tag(name: string, reference: ReferenceText): Promise<void>;
	/**
	 * `rmi` with Docker's rules: by tag, untags, and removes the image with its last tag; by ID with several
	 * tags, refuses unless forced; used by a container, refuses, and when forced (and the container is stopped)
	 * untags and hides the image, which then goes with the container.
	 * @throws EngineError not-found, ambiguous, in-use
	 */
	remove(name: string, options: { readonly force: boolean }): Promise<ImageRemoval>;
	/** Takes in every image of an archive or layout; all or nothing for each image. */
	load(source: ImageSource, options: TransferOptions): Promise<readonly LoadedImage[]>;
	/** One archive: a docker-archive and an OCI layout at once, layers written once. @throws EngineError not-found, ambiguous */
	save(names: readonly string[], options: { readonly signal?: AbortSignal }): AsyncIterable<Uint8Array>;
	/** One layer from a root filesystem tar. */
	import(source: ImageSource, options: ImportOptions): Promise<ImageId>;
}

export interface ImageRemoval {
	readonly untagged: readonly ReferenceText[];
	/** The image and the layers that went with it. */
	readonly deleted: readonly ResourceKey[];
	readonly freedBytes: number;
	/** True where the image stays, without a name, for the containers named. */
	readonly hiddenFor: readonly string[];
}

/** A file, an OCI layout directory, or a stream such as standard input. */
export type ImageSource =
	| { readonly type: 'path'; readonly path: string }
	| { readonly type: 'stream'; readonly stream: AsyncIterable<Uint8Array>; readonly label: string };

export interface TransferOptions {
	readonly signal?: AbortSignal;
	readonly onProgress?: (progress: TransferProgress) => void;
}

export interface TransferProgress {
	/** What is being moved, for a person: a short digest. */
	readonly item: string;
	readonly doneBytes: number;
	/** undefined where the total is not known. */
	readonly totalBytes: number | undefined;
}

export interface LoadedImage {
	readonly id: ImageId;
	readonly references: readonly ReferenceText[];
	/** Layers that this store had already. */
	readonly reusedLayers: number;
	readonly newLayers: number;
}

export interface ImportOptions extends TransferOptions {
	readonly reference: ReferenceText | undefined;
	readonly message: string;
	/** Dockerfile instructions that change the config: CMD, ENTRYPOINT, ENV, WORKDIR, USER, LABEL, EXPOSE, VOLUME. */
	readonly changes: readonly string[];
}

export interface Volumes {
	list(): Promise<readonly VolumeSummary[]>;
	/** Makes a volume, or finds the one of that name; without a name an anonymous one. Gives its name. @throws EngineError invalid-argument */
	create(request: VolumeRequest): Promise<string>;
	/** With everything in it. @throws EngineError not-found, in-use */
	remove(name: string): Promise<RemovedBytes>;
}

export interface VolumeRequest {
	readonly name: string | undefined;
	readonly labels: Readonly<Record<string, string>>;
}

/** All that a collector needs: one picture, one guarded removal. */
export interface ResourceStore {
	takeInventory(): Promise<Inventory>;
	/**
	 * Removes each of the given things that still is what the caller saw, and that nothing refers to by then:
	 * checked one by one, under the store's lock, in the given order. Referrers must come first. One refusal does
	 * not stop the others. Resolves when the bytes are unlinked.
	 */
	remove(
		requests: readonly RemovalRequest[],
		options: { readonly signal?: AbortSignal },
	): Promise<readonly RemovalOutcome[]>;
}

export interface RemovalRequest {
	readonly key: ResourceKey;
	/** As in the inventory that the decision was made on. */
	readonly generation: Generation;
}

/** One for each request, in the same order. */
export type RemovalOutcome =
	/** `freedBytes` is summed while unlinking: allocated bytes that the disk has back. */
	| { readonly type: 'removed'; readonly key: ResourceKey; readonly freedBytes: number }
	| { readonly type: 'already-gone'; readonly key: ResourceKey }
	| { readonly type: 'refused'; readonly key: ResourceKey; readonly error: EngineError<'in-use' | 'changed'> }
	/** Gone from every list, but bytes are left; the next opening tries again. */
	| { readonly type: 'failed'; readonly key: ResourceKey; readonly freedBytes: number; readonly error: EngineError };
