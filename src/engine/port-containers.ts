import type {
	Confinement,
	ContainerDetail,
	ContainerId,
	ContainerMount,
	ContainerProcess,
	ContainerStats,
	ContainerSummary,
	FileChange,
	ImageId,
	Instant,
	LogLine,
	NetworkMode,
	ReferenceText,
	ResourceLimits,
} from './model.ts';

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
