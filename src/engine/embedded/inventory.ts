import { shortDigest as shortId } from '../digest.ts';
import type { Instant, Inventory, Resource, ResourceKey, RootReason } from '../model.ts';
import { familiarReference } from '../reference.ts';
import { generationFrom } from './database.ts';
import type { LayerRow } from './layers/layer-store.ts';
import { isLeaseLive } from './lease.ts';
import { measureMetadata, measureSpace } from './space.ts';
import type { Store } from './store.ts';
import { listUnrecorded } from './unrecorded.ts';

/** The parts of a node that most kinds share. */
const plain = {
	detail: '',
	measuredAt: undefined,
	createdAt: undefined,
	lastUsedAt: undefined,
	labels: {},
	root: undefined,
	references: [],
	keptWith: undefined,
	hidden: false,
} as const;

/**
 * Every stored thing with its bytes and its references: the only place that knows who refers to whom. Reads rows,
 * lists six directories, and walks nothing that is known to the metadata.
 */
export function takeInventory(store: Store): Inventory {
	return store.database.read(() => {
		const images = readImages(store);
		const names = new Map(images.map((image) => [image.id, image.name]));
		const resources: Resource[] = [
			...tagResources(store, images),
			...images.map(imageResource),
			...blobResources(store, names),
			...layerResources(store),
			...containerResources(store),
			...volumeResources(store),
			...leaseResources(store),
			...listUnrecorded(store),
		];
		return {
			takenAt: store.now(),
			revision: store.database.revision(),
			resources,
			metadataBytes: measureMetadata(store.paths),
			filesystem: measureSpace(store.paths.root),
		};
	});
}

interface ImageNode {
	readonly id: string;
	readonly name: string;
	readonly tagged: boolean;
	readonly hidden: boolean;
	readonly pinned: boolean;
	readonly topChainId: string | null;
	readonly manifests: readonly string[];
	readonly labels: Readonly<Record<string, string>>;
	readonly createdAt: Instant | undefined;
	readonly storedAt: Instant;
	readonly lastUsedAt: Instant | undefined;
	readonly generation: number;
}

interface ImageRow {
	readonly id: string;
	readonly top_chain_id: string | null;
	readonly labels: string;
	readonly created_at: number | null;
	readonly stored_at: number;
	readonly last_used_at: number | null;
	readonly hidden: number;
	readonly generation: number;
	readonly pinned: number;
}

function readImages(store: Store): readonly ImageNode[] {
	const tags = new Map<string, string>();
	for (const { reference, image_id } of store.database.all<{ reference: string; image_id: string }>(
		'SELECT reference, image_id FROM tag ORDER BY reference DESC',
	)) {
		tags.set(image_id, familiarReference(reference));
	}
	const manifests = Map.groupBy(
		store.database.all<{ image_id: string; digest: string }>('SELECT image_id, digest FROM image_manifest'),
		({ image_id }) => image_id,
	);
	return store.database
		.all<ImageRow>(
			'SELECT image.*, EXISTS (SELECT 1 FROM pin WHERE image_id = id) AS pinned FROM image WHERE removing = 0',
		)
		.map((row) => ({
			id: row.id,
			name: tags.get(row.id) ?? shortId(row.id),
			tagged: tags.has(row.id),
			hidden: row.hidden === 1 && !tags.has(row.id),
			pinned: row.pinned === 1,
			topChainId: row.top_chain_id,
			manifests: (manifests.get(row.id) ?? []).map(({ digest }) => digest),
			labels: JSON.parse(row.labels) as Record<string, string>,
			createdAt: row.created_at ?? undefined,
			storedAt: row.stored_at,
			lastUsedAt: row.last_used_at ?? undefined,
			generation: row.generation,
		}));
}

function tagResources(store: Store, images: readonly ImageNode[]): readonly Resource[] {
	const byId = new Map(images.map((image) => [image.id, image]));
	return store.database
		.all<{ reference: string; image_id: string; moved_at: number; generation: number }>('SELECT * FROM tag')
		.map((row) => {
			const image = byId.get(row.image_id);
			const target: ResourceKey = { kind: 'image', id: row.image_id };
			return {
				...plain,
				key: { kind: 'tag', id: row.reference },
				label: familiarReference(row.reference),
				detail: shortId(row.image_id),
				sizeBytes: 0,
				diskBytes: 0,
				createdAt: image?.createdAt,
				storedAt: row.moved_at,
				lastUsedAt: image?.lastUsedAt,
				labels: image?.labels ?? {},
				root: 'tag',
				references: [target],
				keptWith: target,
				generation: generationFrom(row.generation),
			};
		});
}

function imageResource(image: ImageNode): Resource {
	return {
		...plain,
		key: { kind: 'image', id: image.id },
		label: image.name,
		detail: image.tagged ? shortId(image.id) : image.hidden ? 'hidden' : 'dangling',
		sizeBytes: 0,
		diskBytes: 0,
		createdAt: image.createdAt,
		storedAt: image.storedAt,
		lastUsedAt: image.lastUsedAt,
		labels: image.labels,
		// A tagged image stands by its tags; a hidden one by nothing of its own, so that it goes with its container.
		root: image.pinned ? 'pinned' : image.tagged || image.hidden ? undefined : 'untagged',
		references: [
			{ kind: 'blob', id: image.id },
			...image.manifests.map((id): ResourceKey => ({ kind: 'blob', id })),
			...(image.topChainId === null ? [] : [{ kind: 'layer', id: image.topChainId } as const]),
		],
		hidden: image.hidden,
		generation: generationFrom(image.generation),
	};
}

function blobResources(store: Store, imageNames: ReadonlyMap<string, string>): readonly Resource[] {
	return store.database
		.all<{
			digest: string;
			media_type: string;
			size_bytes: number;
			disk_bytes: number;
			stored_at: number;
			generation: number;
		}>('SELECT * FROM blob WHERE removing = 0')
		.map((row) => {
			const image = imageNames.get(row.digest);
			return {
				...plain,
				key: { kind: 'blob', id: row.digest },
				label: image === undefined ? shortId(row.digest) : `config of ${image}`,
				detail: row.media_type,
				sizeBytes: row.size_bytes,
				diskBytes: row.disk_bytes,
				storedAt: row.stored_at,
				generation: generationFrom(row.generation),
			};
		});
}

function layerResources(store: Store): readonly Resource[] {
	return store.database.all<LayerRow>('SELECT * FROM layer WHERE removing = 0').map((row) => ({
		...plain,
		key: { kind: 'layer', id: row.chain_id },
		label: row.created_by === '' ? shortId(row.chain_id) : row.created_by,
		detail: shortId(row.chain_id),
		sizeBytes: row.size_bytes,
		diskBytes: row.disk_bytes,
		storedAt: row.stored_at,
		lastUsedAt: row.last_used_at ?? undefined,
		references: row.parent_chain_id === null ? [] : [{ kind: 'layer', id: row.parent_chain_id }],
		generation: generationFrom(row.generation),
	}));
}

interface ContainerNodeRow {
	readonly id: string;
	readonly name: string;
	readonly image_id: string;
	readonly labels: string;
	readonly status: string;
	readonly exit_code: number | null;
	readonly created_at: number;
	readonly started_at: number | null;
	readonly finished_at: number | null;
	readonly size_bytes: number | null;
	readonly disk_bytes: number | null;
	readonly measured_at: number | null;
	readonly generation: number;
}

function containerResources(store: Store): readonly Resource[] {
	const volumes = Map.groupBy(
		store.database.all<{ container_id: string; volume_name: string }>(
			'SELECT container_id, volume_name FROM container_volume',
		),
		({ container_id }) => container_id,
	);
	return store.database.all<ContainerNodeRow>('SELECT * FROM container WHERE removing = 0').map((row) => {
		const running = row.status === 'running' || row.status === 'paused' || row.status === 'restarting';
		return {
			...plain,
			key: { kind: 'container', id: row.id },
			label: row.name,
			detail: row.status === 'exited' ? `exited (${row.exit_code ?? '?'})` : row.status,
			sizeBytes: row.size_bytes ?? 0,
			diskBytes: row.disk_bytes ?? 0,
			measuredAt: row.measured_at ?? undefined,
			createdAt: row.created_at,
			storedAt: row.created_at,
			lastUsedAt: row.finished_at ?? row.started_at ?? undefined,
			labels: JSON.parse(row.labels) as Record<string, string>,
			root: (running ? 'running' : 'container') satisfies RootReason,
			references: [
				{ kind: 'image', id: row.image_id },
				...(volumes.get(row.id) ?? []).map(({ volume_name }): ResourceKey => ({ kind: 'volume', id: volume_name })),
			],
			generation: generationFrom(row.generation),
		};
	});
}

interface VolumeNodeRow {
	readonly name: string;
	readonly anonymous: number;
	readonly labels: string;
	readonly created_at: number;
	readonly last_used_at: number | null;
	readonly size_bytes: number | null;
	readonly disk_bytes: number | null;
	readonly measured_at: number | null;
	readonly generation: number;
}

function volumeResources(store: Store): readonly Resource[] {
	return store.database.all<VolumeNodeRow>('SELECT * FROM volume WHERE removing = 0').map((row) => ({
		...plain,
		key: { kind: 'volume', id: row.name },
		label: row.name,
		detail: row.anonymous === 1 ? 'anonymous' : 'named',
		sizeBytes: row.size_bytes ?? 0,
		diskBytes: row.disk_bytes ?? 0,
		measuredAt: row.measured_at ?? undefined,
		createdAt: row.created_at,
		storedAt: row.created_at,
		lastUsedAt: row.last_used_at ?? undefined,
		labels: JSON.parse(row.labels) as Record<string, string>,
		root: row.anonymous === 1 ? 'anonymous-volume' : 'named-volume',
		generation: generationFrom(row.generation),
	}));
}

function leaseResources(store: Store): readonly Resource[] {
	const holds = Map.groupBy(
		store.database.all<{ lease_id: string; kind: ResourceKey['kind']; resource_id: string }>(
			'SELECT * FROM lease_hold',
		),
		({ lease_id }) => lease_id,
	);
	return store.database
		.all<{ id: string; purpose: string; pid: number; created_at: number }>('SELECT * FROM lease')
		.filter(({ id }) => isLeaseLive(store.paths, id))
		.map((row) => ({
			...plain,
			key: { kind: 'lease', id: row.id },
			label: row.purpose,
			detail: `pid ${row.pid}`,
			sizeBytes: 0,
			diskBytes: 0,
			storedAt: row.created_at,
			root: 'lease',
			references: (holds.get(row.id) ?? []).map(({ kind, resource_id }) => ({ kind, id: resource_id })),
			generation: generationFrom(0),
		}));
}
