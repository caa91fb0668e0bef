import type {
	ContainerStatus,
	FileChange,
	ImageId,
	Instant,
	ResourceKey,
	ResourceLimits,
	RunConfig,
} from '../model.ts';
import type { MountRequest } from '../port-containers.ts';
import { canonicalReference } from '../reference.ts';
import { createContainer, ensureVolume } from './create-container.ts';
import { endContainer, startContainer, writeLog } from './lifecycle.ts';
import { defaultPlatform, emptyRun, storeImage } from './store-image.ts';
import { keyText, type MemoryLeftover, MemoryWorld } from './world.ts';

/** What one image of a built world is like beyond its name and its layers. */
export interface ImageWish {
	/** How long before now it was stored, e.g. `3d`. */
	readonly age?: string;
	/** How long before now it was built; `unknown` for a config that does not say. As `age` where not given. */
	readonly built?: string;
	readonly labels?: Readonly<Record<string, string>>;
	readonly run?: Partial<RunConfig>;
	readonly author?: string;
	readonly repositoryDigests?: readonly string[];
}

/** What one container of a built world is like. */
export interface ContainerWish {
	readonly image: string;
	/** `running` where not given. */
	readonly status?: ContainerStatus;
	/** How long before now it was created, started and ended; each as the one before where not given. */
	readonly age?: string;
	readonly started?: string;
	readonly ended?: string;
	readonly exitCode?: number;
	readonly outOfMemory?: boolean;
	readonly command?: readonly string[];
	readonly environment?: readonly string[];
	/** `source:target` for a volume, `:target` for an anonymous one, `/host:/target` for a bind mount. */
	readonly mounts?: readonly string[];
	readonly labels?: Readonly<Record<string, string>>;
	/** Size of its writable layer, e.g. `12MB`. */
	readonly writable?: string;
	readonly cpus?: number;
	readonly memory?: string;
	readonly limits?: Partial<ResourceLimits>;
	readonly autoRemove?: boolean;
	readonly logs?: readonly string[];
	readonly changes?: readonly FileChange[];
}

const unlimited: ResourceLimits = { memoryBytes: undefined, cpus: undefined, pidsLimit: undefined };

/** Builds worlds in one line for each thing. Later lines may refer to earlier ones by name. */
export class WorldBuilder {
	readonly #world: MemoryWorld;
	readonly #now: Instant;

	constructor(now: Instant) {
		this.#now = now;
		this.#world = new MemoryWorld(now);
	}

	/** An image of layers such as `base 10MB`, base first; equal layers on equal ones are shared. No reference: dangling. */
	image(reference: string | undefined, layers: readonly string[], wish: ImageWish = {}): this {
		this.storeImage(reference, layers, wish);
		return this;
	}

	/** As `image`, for who wants to know the id. */
	storeImage(reference: string | undefined, layers: readonly string[], wish: ImageWish = {}): ImageId {
		return this.#at(wish.age, () => {
			const content = {
				layers: layers.map(parseLayer),
				run: { ...emptyRun, ...wish.run, labels: { ...wish.run?.labels, ...wish.labels } },
				platform: defaultPlatform,
				author: wish.author,
				comment: '',
				createdAt: wish.built === 'unknown' ? undefined : this.#ago(wish.built ?? wish.age),
				repositoryDigests: wish.repositoryDigests ?? [],
			};
			const { id } = storeImage(this.#world, content, reference === undefined ? [] : [canonicalReference(reference)]);
			this.#world.recordEvent('load', { kind: 'image', id });
			return id;
		});
	}

	/** A container in some state of its life. */
	container(name: string, wish: ContainerWish): this {
		const status = wish.status ?? 'running';
		const id = this.#at(wish.age, () =>
			createContainer(this.#world, {
				image: wish.image,
				name,
				command: wish.command ?? ['sleep', 'infinity'],
				entrypoint: undefined,
				environment: wish.environment ?? [],
				workingDirectory: undefined,
				user: undefined,
				hostname: undefined,
				mounts: (wish.mounts ?? []).map(parseMount),
				network: 'none',
				limits: { ...unlimited, ...wish.limits },
				labels: wish.labels ?? {},
				tty: false,
				stdinOpen: false,
				autoRemove: wish.autoRemove ?? false,
				stopSignal: undefined,
			}),
		);
		const writableBytes = parseSize(wish.writable ?? '0B');
		const load = { cpus: wish.cpus ?? 0.01, memoryBytes: parseSize(wish.memory ?? '4MB'), pidCount: 1 };
		const sizes = { writableBytes, measuredBytes: writableBytes, measuredAt: this.#now };
		const container = this.#world.updateContainer(id, { load, changes: wish.changes ?? [], ...sizes });
		if (status === 'created') return this;
		const startedAge = wish.started ?? wish.age;
		this.#at(startedAge, () => startContainer(this.#world, container));
		for (const text of wish.logs ?? []) this.#at(startedAge, () => writeLog(this.#world, id, { text }));
		if (status === 'running' || status === 'paused' || status === 'restarting') {
			this.#world.updateContainer(id, { status });
			return this;
		}
		this.#at(wish.ended ?? startedAge, () => endContainer(this.#world, id, wish.exitCode ?? 0));
		this.#world.updateContainer(id, { status, outOfMemory: wish.outOfMemory ?? false });
		return this;
	}

	/** A volume, e.g. `volume('logbook', '30MB')`. */
	volume(name: string, size: string, wish: { readonly age?: string; readonly anonymous?: boolean } = {}): this {
		this.#at(wish.age, () => ensureVolume(this.#world, name, { anonymous: wish.anonymous ?? false }));
		const volume = this.#world.volumes.get(name);
		if (volume !== undefined) this.#world.volumes.set(name, { ...volume, sizeBytes: parseSize(size) });
		return this;
	}

	/** `rmi -f` of what that reference names, as it is with an image that a stopped container still needs. */
	hide(reference: string): this {
		const text = canonicalReference(reference);
		const tag = this.#world.tags.get(text);
		if (tag === undefined) throw new Error(`no tag ${text} in this world`);
		this.#world.tags.delete(text);
		this.#world.updateImage(tag.imageId, { hidden: true });
		return this;
	}

	/** A live lease, e.g. of a load that is under way. */
	lease(purpose: string, holds: readonly ResourceKey[]): this {
		this.#world.serial++;
		const id = `lease-${this.#world.serial}`;
		this.#world.leases.set(id, { id, purpose, pid: 4000 + this.#world.serial, createdAt: this.#now, holds });
		return this;
	}

	/** Bytes that no record knows, e.g. `leftover('orphan', 'layers/4f2a', '3MB')`. */
	leftover(kind: MemoryLeftover['key']['kind'], id: string, size: string): this {
		const key = { kind, id };
		this.#world.leftovers.set(keyText(key), { key, sizeBytes: parseSize(size), live: false });
		return this;
	}

	/** The world as it is by now; going on building changes it. */
	build(): MemoryWorld {
		return this.#world;
	}

	#at<T>(age: string | undefined, act: () => T): T {
		this.#world.now = this.#ago(age);
		try {
			return act();
		} finally {
			this.#world.now = this.#now;
		}
	}

	#ago(age: string | undefined): Instant {
		return this.#now - (age === undefined ? 0 : parseAge(age));
	}
}

const unitBytes: Readonly<Record<string, number>> = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9 };
const unitMs: Readonly<Record<string, number>> = { s: 1e3, m: 60e3, h: 3600e3, d: 86_400e3 };

/** `12.5MB` in bytes. */
export function parseSize(text: string): number {
	const [, number, unit = ''] = /^([0-9.]+)(B|kB|MB|GB)$/.exec(text) ?? [];
	if (number === undefined) throw new Error(`"${text}" is not a size such as 12MB`);
	return Math.round(Number(number) * (unitBytes[unit] ?? 1));
}

function parseAge(text: string): number {
	const [, number, unit = ''] = /^([0-9.]+)([smhd])$/.exec(text) ?? [];
	if (number === undefined) throw new Error(`"${text}" is not an age such as 3d`);
	return Math.round(Number(number) * (unitMs[unit] ?? 1));
}

function parseLayer(text: string): { readonly name: string; readonly sizeBytes: number } {
	const space = text.lastIndexOf(' ');
	return { name: text.slice(0, space), sizeBytes: parseSize(text.slice(space + 1)) };
}

function parseMount(text: string): MountRequest {
	const colon = text.indexOf(':');
	const source = text.slice(0, colon);
	return { type: source.startsWith('/') ? 'bind' : 'volume', source, target: text.slice(colon + 1), readOnly: false };
}
