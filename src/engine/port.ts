import type { EngineError } from './errors.ts';
import type {
	Confinement,
	ContainerDetail,
	ContainerId,
	ContainerMount,
	ContainerProcess,
	ContainerStats,
	ContainerSummary,
	EngineEvent,
	FileChange,
	Generation,
	ImageDetail,
	ImageId,
	ImageSummary,
	Instant,
	Inventory,
	LogLine,
	NetworkMode,
	ReferenceText,
	ResourceKey,
	ResourceLimits,
	VolumeSummary,
} from './model.ts';
import type { Pins, PlanArchive } from './port-collector.ts';
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

/** The containers of one engine. A `name` argument is a name, an id or a unique prefix of one. */
export interface Containers {
	/** All containers in any state, newest first. Running ones carry the last measurement and its age. */
	list(): Promise<readonly ContainerSummary[]>;
	/** @throws EngineError not-found, ambiguous */
	inspect(name: string): Promise<ContainerDetail>;
	/** @throws EngineError not-found, already-exists, invalid-argument, missing-component */
	create(request: ContainerRequest): Promise<ContainerId>;
	/** @throws EngineError not-found, missing-component, runtime-failed, command-failed */
	start(name: string): Promise<void>;
	/** SIGTERM (or the image's stop signal), then SIGKILL after `graceMs`. A stopped one stays as it is. */
	stop(name: string, options: { readonly graceMs: number }): Promise<void>;
	restart(name: string, options: { readonly graceMs: number }): Promise<void>;
	/** @throws EngineError wrong-status where it does not run */
	kill(name: string, options: { readonly signal: string }): Promise<void>;
	/** Resolves with the exit code once the container does not run. */
	wait(name: string, options: { readonly signal?: AbortSignal }): Promise<number>;
	/** @throws EngineError wrong-status where it runs and is not forced */
	remove(name: string, options: { readonly force: boolean; readonly volumes: boolean }): Promise<RemovedBytes>;
	logs(name: string, options: LogOptions): AsyncIterable<LogLine>;
	/** What the writable layer changed against the image. */
	changes(name: string): Promise<readonly FileChange[]>;
	/** A new image of the container's root; undefined reference leaves it dangling. */
	commit(name: string, options: CommitOptions): Promise<ImageId>;
	/** Stops every process of it where it stands, until `unpause`. @throws EngineError wrong-status, unsupported, timeout */
	pause(name: string): Promise<void>;
	/** @throws EngineError wrong-status */
	unpause(name: string): Promise<void>;
	/** @throws EngineError already-exists, invalid-argument */
	rename(name: string, newName: string): Promise<void>;
	/** What runs in it, by process id. @throws EngineError wrong-status */
	processes(name: string): Promise<readonly ContainerProcess[]>;
	/** Changes its limits, at once where it runs, and for good. @throws EngineError invalid-argument */
	update(name: string, change: LimitChange): Promise<void>;
	/** One reading for every running container, without starting a process. */
	stats(): Promise<readonly ContainerStats[]>;
	/** Measures the writable layers of running containers again, within a budget of time. */
	measure(options: { readonly budgetMs: number }): Promise<void>;
	/** Copies files in and out. Only an engine on this machine has it. */
	readonly files?: ContainerFiles;
	/** A process with the caller's own terminal or pipes: for `run`, `exec` and `attach` in the foreground. */
	readonly foreground?: Foreground;
}

export interface RemovedBytes {
	readonly freedBytes: number;
}

/**
 * Files of containers, running or not. Paths in a container are its own: no link leads out of it. A path that ends
 * in `/.` means what is in a directory. All throw EngineError not-found, invalid-argument, io-failed.
 */
export interface ContainerFiles {
	/** To a path of this machine, by the rules of Docker's `cp`. */
	copyOut(
		name: string,
		path: string,
		to: string,
		options: { readonly followLink: boolean; readonly keepOwners: boolean },
	): Promise<void>;
	/** From a path of this machine. Owners stay the same numbers, or all become the container's user. */
	copyIn(
		from: string,
		name: string,
		path: string,
		options: { readonly followLink: boolean; readonly asUser: boolean },
	): Promise<void>;
	/** Writes a tar of what is at a path. */
	readArchive(
		name: string,
		path: string,
		options: { readonly followLink: boolean; readonly write: (bytes: Uint8Array) => Promise<void> },
	): Promise<void>;
	/** Unpacks a tar in a directory that is there. @throws EngineError corrupt, unsafe, limit-exceeded */
	writeArchive(
		tar: AsyncIterable<Uint8Array>,
		name: string,
		path: string,
		options: { readonly asUser: boolean },
	): Promise<void>;
}

/** What is absent stays as it is; undefined takes a limit away. */
export type LimitChange = Partial<ResourceLimits>;

/** Ties a container's process to streams of this process. Only an engine on this machine has it. */
export interface Foreground {
	/** Starts a created container with its output on `streams`; resolves with its exit code. */
	run(name: string, streams: ProcessStreams): Promise<number>;
	/** Ties streams to a container that runs; resolves with its exit code. @throws EngineError wrong-status */
	attach(name: string, streams: ProcessStreams): Promise<number>;
	/** @throws EngineError wrong-status, command-failed */
	exec(name: string, request: ExecRequest, streams: ProcessStreams): Promise<number>;
}

export interface ProcessStreams {
	readonly stdin: NodeJS.ReadableStream | undefined;
	readonly stdout: NodeJS.WritableStream;
	readonly stderr: NodeJS.WritableStream;
	/** Where the container has a terminal: its size now and when it changes. */
	readonly terminal: TerminalSizes | undefined;
	/** Signals to hand on to the container's process. */
	readonly signals?: AsyncIterable<NodeJS.Signals>;
	/** How to let go of a container and leave it running; the work then ends with 0. */
	readonly detach?: DetachWish;
}

export interface DetachWish {
	/** What to type for it where the container has a terminal; empty for nothing. */
	readonly keys: Uint8Array;
	/** Lets go when it aborts. */
	readonly signal?: AbortSignal;
	readonly onDetach: () => void;
}

export interface TerminalSizes {
	readonly columns: number;
	readonly rows: number;
	onResize(listener: (columns: number, rows: number) => void): () => void;
}

export interface ExecRequest {
	readonly command: readonly string[];
	readonly environment: readonly string[];
	readonly workingDirectory: string | undefined;
	readonly user: string | undefined;
	readonly tty: boolean;
	readonly stdin: boolean;
	readonly detach: boolean;
}

/** What `create` and `run` ask for. undefined means: as the image says. */
export interface ContainerRequest {
	readonly image: string;
	readonly name: string | undefined;
	readonly command: readonly string[] | undefined;
	readonly entrypoint: readonly string[] | undefined;
	/** `KEY=value`, added to the image's. */
	readonly environment: readonly string[];
	readonly workingDirectory: string | undefined;
	readonly user: string | undefined;
	readonly hostname: string | undefined;
	readonly mounts: readonly MountRequest[];
	readonly network: NetworkMode;
	readonly limits: ResourceLimits;
	/** undefined for the defaults. */
	readonly confinement?: Confinement | undefined;
	readonly labels: Readonly<Record<string, string>>;
	readonly tty: boolean;
	readonly stdinOpen: boolean;
	readonly autoRemove: boolean;
	readonly stopSignal: string | undefined;
}

/** As `ContainerMount`; an empty source with type `volume` asks for an anonymous volume. */
export type MountRequest = ContainerMount;

export interface LogOptions {
	readonly follow: boolean;
	/** Lines from the end; undefined means all. */
	readonly tailLines: number | undefined;
	readonly sinceAt: Instant | undefined;
	readonly signal?: AbortSignal;
}

export interface CommitOptions {
	readonly reference: ReferenceText | undefined;
	readonly author: string;
	readonly message: string;
	readonly changes: readonly string[];
	/** Pause a running container meanwhile. */
	readonly pause: boolean;
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
