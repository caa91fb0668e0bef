/** The nouns that every part of the program shares. Types only: no behaviour, no imports. */

declare const brand: unique symbol;
type Branded<Name extends string> = { readonly [brand]: { readonly [K in Name]: true } };

/** `sha256:` + 64 lowercase hex digits, over the bytes as stored. Spec: image-spec descriptor.md#digests (v1.1.1) */
export type Digest = string & Branded<'Digest'>;
/** Digest of a layer's *uncompressed* tar; never to be compared with a layer blob's digest. Spec: image-spec config.md#layer-diffid (v1.1.1) */
export type DiffId = Digest & Branded<'DiffId'>;
/** Identity of a *stack* of layers applied in order. Spec: image-spec config.md#layer-chainid (v1.1.1) */
export type ChainId = Digest & Branded<'ChainId'>;
/** Digest of the image's config. Spec: image-spec config.md#imageid (v1.1.1) */
export type ImageId = Digest & Branded<'ImageId'>;
/** 64 lowercase hex digits. */
export type ContainerId = string & Branded<'ContainerId'>;
/** Canonical text of a reference, e.g. `docker.io/library/alpine:3.20`. Made only by `parseReference`. */
export type ReferenceText = string & Branded<'ReferenceText'>;
/** Opaque: equal generations of one key mean that nothing which decides its fate has changed in between. */
export type Generation = string & Branded<'Generation'>;

/** Milliseconds since the Unix epoch. Fields of this type end in `At`. */
export type Instant = number;

/** Content by digest. Spec: image-spec descriptor.md#properties (v1.1.1) */
export interface Descriptor {
	readonly mediaType: string;
	readonly digest: Digest;
	/** Bytes; the specification's own name, kept. */
	readonly size: number;
	readonly annotations?: Readonly<Record<string, string>> | undefined;
	readonly platform?: Platform | undefined;
}

/** Spec: image-spec image-index.md#image-index-property-descriptions (v1.1.1) */
export interface Platform {
	readonly os: string;
	readonly architecture: string;
	readonly variant?: string | undefined;
}

/** One line of `tonnage images`: an image with every name it has. */
export interface ImageSummary {
	readonly id: ImageId;
	/** Tags, sorted; empty for a dangling image. */
	readonly references: readonly ReferenceText[];
	/** `repository@digest` texts under which a registry or an archive knows it; often empty. */
	readonly repositoryDigests: readonly string[];
	/** From the config; undefined where the config says nothing or the epoch (reproducible builds). */
	readonly createdAt: Instant | undefined;
	/** When this store received it. */
	readonly storedAt: Instant;
	/** SIZE: apparent bytes of all layers, uncompressed: Docker's figure. */
	readonly sizeBytes: number;
	/** Of `sizeBytes`: what another image needs too. undefined when the engine cannot tell. */
	readonly sharedBytes: number | undefined;
	/** Of `sizeBytes`: what would go with this image alone. undefined when the engine cannot tell. */
	readonly uniqueBytes: number | undefined;
	/** Allocated bytes of everything stored for it, shared layers included. undefined when the engine cannot tell. */
	readonly diskBytes: number | undefined;
	/** Containers in any state that were made from it. */
	readonly containerCount: number;
	/** True where no name leads to it, its removal was asked for, and only a container still needs it. */
	readonly hidden: boolean;
	readonly labels: Readonly<Record<string, string>>;
	readonly layerCount: number;
}

/** One step of an image's history, oldest first. Spec: image-spec config.md#properties (v1.1.1) */
export interface HistoryEntry {
	readonly createdAt: Instant | undefined;
	readonly createdBy: string;
	readonly comment: string;
	/** True where the step changed only the config and made no layer. */
	readonly emptyLayer: boolean;
	/** Apparent bytes of the layer this step made; 0 for an empty one. */
	readonly sizeBytes: number;
	readonly chainId: ChainId | undefined;
}

/** One layer of one image, at its place in the stack. */
export interface ImageLayer {
	readonly diffId: DiffId;
	readonly chainId: ChainId;
	readonly sizeBytes: number;
	readonly diskBytes: number | undefined;
	readonly createdBy: string | undefined;
}

/** All of `image inspect`, in our words; the command line writes it with Docker's field names. */
export interface ImageDetail extends ImageSummary {
	readonly platform: Platform;
	/** Base first, top last. */
	readonly layers: readonly ImageLayer[];
	readonly history: readonly HistoryEntry[];
	readonly author: string | undefined;
	readonly run: RunConfig;
	readonly manifestDigests: readonly Digest[];
}

/** What a container starts with, from an image's config and from the command line. */
export interface RunConfig {
	readonly environment: readonly string[];
	readonly entrypoint: readonly string[];
	readonly command: readonly string[];
	readonly workingDirectory: string;
	readonly user: string;
	/** Mount points the image asks an anonymous volume for. */
	readonly volumes: readonly string[];
	readonly exposedPorts: readonly string[];
	readonly stopSignal: string | undefined;
	readonly labels: Readonly<Record<string, string>>;
}

/** Spec: runtime-spec runtime.md#state (v1.2.0), with Docker's `paused`, `exited` and `dead`. */
export type ContainerStatus = 'created' | 'running' | 'paused' | 'restarting' | 'exited' | 'dead';

/** One line of `tonnage ps`. */
export interface ContainerSummary {
	readonly id: ContainerId;
	readonly name: string;
	readonly imageId: ImageId;
	/** The name it was created by, as the user typed it; what that name means may have moved on since. */
	readonly imageReference: string;
	readonly command: readonly string[];
	readonly status: ContainerStatus;
	/** Of the last run; undefined before the first exit. */
	readonly exitCode: number | undefined;
	/** True where the kernel killed it for memory. */
	readonly outOfMemory: boolean;
	readonly createdAt: Instant;
	readonly startedAt: Instant | undefined;
	readonly finishedAt: Instant | undefined;
	/** Host's process id of the container's first process; undefined unless running or paused. */
	readonly pid: number | undefined;
	/** Apparent bytes of the writable layer (Docker's SizeRw); undefined when not measured. */
	readonly writableBytes: number | undefined;
	/** Allocated bytes of everything stored for it: writable layer, bundle and logs. */
	readonly diskBytes: number | undefined;
	/** When the two figures above were taken. */
	readonly measuredAt: Instant | undefined;
	/** SIZE of the image. VIRTUAL SIZE is this plus `writableBytes`. */
	readonly imageBytes: number;
	readonly labels: Readonly<Record<string, string>>;
	readonly network: NetworkMode;
	readonly mounts: readonly ContainerMount[];
}

export type NetworkMode = 'none' | 'host';

/** One mount in a container, as asked for. */
export interface ContainerMount {
	readonly type: 'bind' | 'volume' | 'tmpfs';
	/** A host path, or a volume's name; empty for a tmpfs. */
	readonly source: string;
	readonly target: string;
	readonly readOnly: boolean;
}

/** Limits of one container; undefined means unlimited. */
export interface ResourceLimits {
	readonly memoryBytes: number | undefined;
	/** CPUs' worth of time, e.g. 1.5. */
	readonly cpus: number | undefined;
	readonly pidsLimit: number | undefined;
}

/** What a container may do besides, or less than, by default. */
export interface Confinement {
	readonly readOnlyRoot: boolean;
	/** Without their `CAP_`, in capitals; `ALL` stands for all. What is dropped by name is not added by `ALL`. */
	readonly addedCapabilities: readonly string[];
	readonly droppedCapabilities: readonly string[];
	/** No program in it gets more rights than who starts it. */
	readonly noNewPrivileges: boolean;
	/** True where every system call is allowed. */
	readonly seccompUnconfined: boolean;
	/** Size of /dev/shm; undefined for 64 MiB. */
	readonly sharedMemoryBytes: number | undefined;
	/** Names or numbers of groups, besides those of its user. */
	readonly groups?: readonly string[];
}

/** All of `inspect` for a container. */
export interface ContainerDetail extends ContainerSummary {
	readonly run: RunConfig;
	readonly tty: boolean;
	readonly stdinOpen: boolean;
	readonly autoRemove: boolean;
	readonly limits: ResourceLimits;
	/** undefined where all is as by default. */
	readonly confinement?: Confinement | undefined;
	readonly hostname: string;
	readonly logPath: string;
	/** Why it could not start, or what ended it, in words; undefined when nothing is wrong. */
	readonly error: string | undefined;
	/** Where its merged root is mounted while it runs. */
	readonly rootPath: string;
}

/** What one container uses at one moment: counters as the kernel keeps them; rates come from two of these. */
export interface ContainerStats {
	readonly id: ContainerId;
	readonly takenAt: Instant;
	/** CPU time used since the container started, in ns. */
	readonly cpuNs: number;
	/** Memory without the inactive page cache, as Docker counts. */
	readonly memoryBytes: number;
	/** The container's limit, or the host's memory. */
	readonly memoryLimitBytes: number;
	readonly pidCount: number;
	/** Bytes read from and written to block devices; undefined where the kernel does not count them. */
	readonly blockReadBytes: number | undefined;
	readonly blockWrittenBytes: number | undefined;
}

/** One process of a container, as the host sees it. */
export interface ContainerProcess {
	readonly pid: number;
	readonly parentPid: number;
	/** The host's name for it, or its number. */
	readonly user: string;
	readonly startedAt: Instant;
	/** CPU time used since it started. */
	readonly cpuMs: number;
	/** e.g. `pts/0`; undefined where it has none. */
	readonly terminal: string | undefined;
	/** With its arguments; in brackets where only its name is known. */
	readonly command: string;
}

/** One line a container wrote. */
export interface LogLine {
	readonly stream: 'stdout' | 'stderr';
	readonly at: Instant;
	/** Nanoseconds within `at`'s millisecond and above, as text for --timestamps: RFC 3339 with 9 digits. */
	readonly timestamp: string;
	/** Without its newline; control characters kept. */
	readonly text: string;
	/** True where the line had no newline yet. */
	readonly partial: boolean;
}

/** One path of `diff`. */
export interface FileChange {
	readonly kind: 'added' | 'changed' | 'deleted';
	/** Absolute within the container. */
	readonly path: string;
}

/** One line of `tonnage volume ls`. */
export interface VolumeSummary {
	readonly name: string;
	readonly anonymous: boolean;
	readonly createdAt: Instant;
	readonly mountpoint: string;
	readonly labels: Readonly<Record<string, string>>;
	/** Apparent bytes; undefined when never measured. */
	readonly sizeBytes: number | undefined;
	readonly diskBytes: number | undefined;
	readonly measuredAt: Instant | undefined;
	readonly usedBy: readonly ContainerId[];
}

/** Everything that takes room and can be collected. An engine reports the kinds it has. */
export type ResourceKind =
	| 'tag'
	| 'image'
	| 'blob'
	| 'layer'
	| 'container'
	| 'volume'
	| 'lease'
	| 'ingest'
	| 'orphan'
	| 'trash';

/** The name of one stored thing: `image sha256:…`, `tag docker.io/library/app:2`, `container 4f…`. */
export interface ResourceKey {
	readonly kind: ResourceKind;
	readonly id: string;
}

/**
 * Why a thing stands on its own; absent means that it lives only while something refers to it.
 * `running` and `lease` can never be demoted by a policy.
 */
export type RootReason =
	| 'running'
	| 'lease'
	| 'container'
	| 'tag'
	| 'untagged'
	| 'named-volume'
	| 'anonymous-volume'
	| 'pinned';

/** One node of the reference graph, with its outgoing edges. */
export interface Resource {
	readonly key: ResourceKey;
	/** What a person would call it: `app:2`, `web`, `RUN apt-get install …`. */
	readonly label: string;
	/** One short fact that helps to recognise it, e.g. `exited 3 d ago`; may be empty. */
	readonly detail: string;
	/** Apparent bytes, Docker's figure. */
	readonly sizeBytes: number;
	/** Allocated bytes of this thing alone: freed when it goes. Exact for what is at rest. */
	readonly diskBytes: number;
	/** Instant at which `diskBytes` was measured, where that is not the moment it was stored. */
	readonly measuredAt: Instant | undefined;
	/** The meaning of `--filter until`: a container's creation, an image's build time; undefined where unknown or the epoch. */
	readonly createdAt: Instant | undefined;
	readonly storedAt: Instant;
	readonly lastUsedAt: Instant | undefined;
	readonly labels: Readonly<Record<string, string>>;
	readonly root: RootReason | undefined;
	/** Things without which this one is not sound. */
	readonly references: readonly ResourceKey[];
	/**
	 * This thing also stands while that one does, whatever a policy says of its own root:
	 * a name stays with the image that a container keeps.
	 */
	readonly keptWith: ResourceKey | undefined;
	/** True where removal was asked for and only a referrer still needs it. */
	readonly hidden: boolean;
	readonly generation: Generation;
}

/** The filesystem under the store. */
export interface FilesystemSpace {
	readonly capacityBytes: number;
	/** What an unprivileged process may still take. */
	readonly availableBytes: number;
	readonly inodeCapacity: number;
	readonly inodesFree: number;
}

/** One consistent picture of all that an engine stores. Plain data: it can be written to a file and read back as a test case. */
export interface Inventory {
	readonly takenAt: Instant;
	/** Information only, never a guard: grows with every change of the store. */
	readonly revision: number;
	readonly resources: readonly Resource[];
	/** Allocated bytes of the database, locks and logs of the store itself. */
	readonly metadataBytes: number;
	readonly filesystem: FilesystemSpace | undefined;
}

/** The word for a change that happened in the store. */
export interface EngineEvent {
	/** Grows by one with every event of this store. */
	readonly sequence: number;
	/** Docker's action word: `create`, `start`, `die`, `destroy`, `tag`, `untag`, `load`, `delete`, `import`, … */
	readonly action: string;
	readonly key: ResourceKey;
	readonly at: Instant;
	readonly attributes: Readonly<Record<string, string>>;
}
