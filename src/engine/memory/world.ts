import type {
	ChainId,
	Confinement,
	ContainerId,
	ContainerMount,
	ContainerStatus,
	DiffId,
	Digest,
	EngineEvent,
	FileChange,
	Generation,
	HistoryEntry,
	ImageId,
	Instant,
	LogLine,
	NetworkMode,
	Platform,
	ReferenceText,
	ResourceKey,
	ResourceLimits,
	RunConfig,
} from '../model.ts';
import type { SavedPlan, SweepRecord } from '../port-collector.ts';

/** An unpacked layer: a number where another engine has files. */
export interface MemoryLayer {
	readonly chainId: ChainId;
	readonly diffId: DiffId;
	readonly parent: ChainId | undefined;
	readonly sizeBytes: number;
	readonly createdBy: string;
	readonly storedAt: Instant;
	readonly generation: Generation;
}

/** A small document by its digest: the config or the manifest of an image. */
export interface MemoryBlob {
	readonly digest: Digest;
	readonly mediaType: string;
	readonly text: string;
	readonly storedAt: Instant;
	readonly generation: Generation;
}

export interface MemoryImage {
	readonly id: ImageId;
	readonly topChainId: ChainId | undefined;
	readonly manifests: readonly Digest[];
	readonly repositoryDigests: readonly string[];
	readonly platform: Platform;
	readonly history: readonly HistoryEntry[];
	readonly author: string | undefined;
	readonly run: RunConfig;
	readonly createdAt: Instant | undefined;
	readonly storedAt: Instant;
	readonly lastUsedAt: Instant | undefined;
	readonly hidden: boolean;
	readonly generation: Generation;
}

export interface MemoryTag {
	readonly reference: ReferenceText;
	readonly imageId: ImageId;
	readonly movedAt: Instant;
	readonly generation: Generation;
}

export interface MemoryContainer {
	readonly id: ContainerId;
	readonly name: string;
	readonly imageId: ImageId;
	readonly imageReference: string;
	readonly status: ContainerStatus;
	readonly exitCode: number | undefined;
	readonly outOfMemory: boolean;
	readonly createdAt: Instant;
	readonly startedAt: Instant | undefined;
	readonly finishedAt: Instant | undefined;
	readonly pid: number | undefined;
	/** Apparent bytes of the writable layer as they are now. */
	readonly writableBytes: number;
	/** What was last measured of them, and when. */
	readonly measuredBytes: number | undefined;
	readonly measuredAt: Instant | undefined;
	readonly network: NetworkMode;
	readonly mounts: readonly ContainerMount[];
	readonly run: RunConfig;
	readonly tty: boolean;
	readonly stdinOpen: boolean;
	readonly autoRemove: boolean;
	readonly limits: ResourceLimits;
	readonly confinement?: Confinement | undefined;
	readonly hostname: string;
	readonly error: string | undefined;
	readonly logs: readonly LogLine[];
	readonly changes: readonly FileChange[];
	/** CPUs' worth of time that it burns while it runs, and the memory it holds. */
	readonly load: { readonly cpus: number; readonly memoryBytes: number; readonly pidCount: number };
	readonly generation: Generation;
}

export interface MemoryVolume {
	readonly name: string;
	readonly anonymous: boolean;
	readonly createdAt: Instant;
	readonly lastUsedAt: Instant | undefined;
	readonly labels: Readonly<Record<string, string>>;
	readonly sizeBytes: number;
	readonly generation: Generation;
}

/** A live hold; what is released is simply not there any more. */
export interface MemoryLease {
	readonly id: string;
	readonly purpose: string;
	readonly pid: number;
	readonly createdAt: Instant;
	readonly holds: readonly ResourceKey[];
}

/** Bytes that no record knows, as a crash leaves them. */
export interface MemoryLeftover {
	readonly key: ResourceKey & { readonly kind: 'ingest' | 'orphan' | 'trash' };
	readonly sizeBytes: number;
	/** True where a live lease's name is on it. */
	readonly live: boolean;
}

/**
 * Everything that a memory engine stores, as plain maps, and its clock, which only moves when it is told to.
 * Records are replaced, never changed, so that a test may keep one to compare with.
 */
export class MemoryWorld {
	readonly layers = new Map<ChainId, MemoryLayer>();
	readonly blobs = new Map<Digest, MemoryBlob>();
	readonly images = new Map<ImageId, MemoryImage>();
	readonly tags = new Map<ReferenceText, MemoryTag>();
	/** Pinned images, and since when. */
	readonly pins = new Map<ImageId, Instant>();
	/** Saved plans and recorded sweeps, oldest first. */
	readonly plans = new Map<string, SavedPlan>();
	readonly sweeps: SweepRecord[] = [];
	readonly containers = new Map<ContainerId, MemoryContainer>();
	readonly volumes = new Map<string, MemoryVolume>();
	readonly leases = new Map<string, MemoryLease>();
	/** By `kind id`. */
	readonly leftovers = new Map<string, MemoryLeftover>();
	/** Archives that `load` and `import` find by path. */
	readonly archives = new Map<string, string>();
	/** Keys, as `kind id`, whose bytes cannot be unlinked: their removal ends as `failed`. */
	readonly stuck = new Set<string>();
	readonly events: EngineEvent[] = [];
	now: Instant;
	revision = 0;
	/** Numbers for ids and names, so that two worlds made the same way are equal. */
	serial = 0;
	readonly #listeners = new Set<() => void>();

	constructor(now: Instant) {
		this.now = now;
	}

	/** For a record that is being changed. */
	nextGeneration(): Generation {
		this.revision++;
		return String(this.revision) as Generation;
	}

	/** Makes a change known to whoever watches. */
	recordEvent(action: string, key: ResourceKey, attributes: Readonly<Record<string, string>> = {}): void {
		this.events.push({ sequence: this.events.length + 1, action, key, at: this.now, attributes });
		this.announce();
	}

	/** Wakes watchers without an event, e.g. for a new line of a log. */
	announce(): void {
		for (const listener of this.#listeners) listener();
	}

	/** Calls the listener after each change; gives the function that ends it. */
	watch(listener: () => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	/** Replaces some fields of a container and gives it a new generation. The container must be there. */
	updateContainer(id: ContainerId, change: Partial<MemoryContainer>): MemoryContainer {
		const container = this.containers.get(id);
		if (container === undefined) throw new Error(`no container ${id} in this world`);
		const changed = { ...container, ...change, generation: this.nextGeneration() };
		this.containers.set(id, changed);
		return changed;
	}

	/** As `updateContainer`, for an image. */
	updateImage(id: ImageId, change: Partial<MemoryImage>): MemoryImage {
		const image = this.images.get(id);
		if (image === undefined) throw new Error(`no image ${id} in this world`);
		const changed = { ...image, ...change, generation: this.nextGeneration() };
		this.images.set(id, changed);
		return changed;
	}
}

/** One text for one thing, as the maps above use it. */
export function keyText(key: ResourceKey): string {
	return `${key.kind} ${key.id}`;
}

const blockBytes = 4096;

/** What a filesystem of 4 KiB blocks allocates for that many bytes in one file. */
export function allocatedBytes(bytes: number): number {
	return Math.ceil(bytes / blockBytes) * blockBytes;
}

/** What is stored for a layer: its directories, its files and its skeleton. */
export function layerDiskBytes(layer: MemoryLayer): number {
	return 2 * blockBytes + allocatedBytes(layer.sizeBytes) + allocatedBytes(Math.ceil(layer.sizeBytes / 500));
}

/** What is stored for a container: its directories, its settings, its log and its writable layer. */
export function containerDiskBytes(container: MemoryContainer): number {
	return 4 * blockBytes + allocatedBytes(container.measuredBytes ?? 0);
}

/** What is stored for a volume. */
export function volumeDiskBytes(volume: MemoryVolume): number {
	return blockBytes + allocatedBytes(volume.sizeBytes);
}

/** What is stored for a blob. */
export function blobDiskBytes(blob: MemoryBlob): number {
	return allocatedBytes(blob.text.length);
}

/** What is stored for a leftover. */
export function leftoverDiskBytes(leftover: MemoryLeftover): number {
	return allocatedBytes(leftover.sizeBytes);
}
