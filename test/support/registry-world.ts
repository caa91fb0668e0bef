import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { createImages } from '../../src/engine/embedded/images/images.ts';
import { unlinkTree } from '../../src/engine/embedded/layers/unlink-tree.ts';
import { defaultLimits, type RegistryLimits } from '../../src/engine/embedded/registry/limits.ts';
import { createRegistry } from '../../src/engine/embedded/registry/registry.ts';
import { type EngineError, isEngineError } from '../../src/engine/errors.ts';
import type { Images } from '../../src/engine/port.ts';
import type { PullOptions, Registry, RegistryAccess, TransferStep } from '../../src/engine/registry-port.ts';
import { temporaryStore } from './store.ts';

/** Bounds that a test can wait for. */
export const quickLimits: RegistryLimits = {
	...defaultLimits,
	attempts: 3,
	backoffMs: 1,
	longestWaitMs: 2_000,
	idleMs: 150,
	slowSpanMs: 250,
	documentMs: 500,
};

/** A store with registries, and a place for logins. */
export interface RegistryWorld {
	readonly store: ReturnType<typeof temporaryStore>['store'];
	readonly images: Images;
	readonly registry: Registry;
	readonly directory: string;
	readonly access: RegistryAccess;
	/** Steps of the last transfers, as `item: text`, or the text alone. */
	readonly steps: string[];
	readonly pullOptions: PullOptions;
	remove(): void;
}

/** `hubHost` stands in for Docker Hub. */
export function registryWorld(
	options: { readonly hubHost?: string; readonly limits?: RegistryLimits } = {},
): RegistryWorld {
	const opened = temporaryStore();
	const directory = mkdtempSync(join(tmpdir(), 'tonnage-registry-'));
	const access: RegistryAccess = { loginsFile: join(directory, 'config.json'), tlsVerify: true };
	const steps: string[] = [];
	const onStep = ({ item, text }: TransferStep) => void steps.push(item === undefined ? text : `${item}: ${text}`);
	return {
		store: opened.store,
		images: createImages(opened.store),
		registry: createRegistry(opened.store, { limits: options.limits ?? quickLimits, hubHost: options.hubHost }),
		directory,
		access,
		steps,
		pullOptions: { ...access, platform: undefined, parallel: 3, onStep },
		remove: () => {
			opened.remove();
			unlinkTree(directory);
		},
	};
}

/** What a promise fails with, which must be one of ours, in one clean sentence. */
export async function failureOf(promise: Promise<unknown>): Promise<EngineError> {
	const error: unknown = await promise.then(
		() => new Error('it did not fail'),
		(thrown: unknown) => thrown,
	);
	if (!isEngineError(error)) throw error;
	expect(error.message).toMatch(/^[^\u0000-\u001f\u007f-\u009f]+\.$/);
	return error;
}

/** Not a row, not a file, not a hold. */
export function expectNothingLeft({ store }: Pick<RegistryWorld, 'store'>): void {
	const { paths, database } = store;
	const tables = ['image', 'tag', 'layer', 'blob', 'image_manifest', 'repository_digest', 'lease', 'lease_hold'];
	for (const table of tables) expect(database.all(`SELECT * FROM ${table}`), table).toEqual([]);
	for (const place of [paths.ingest, paths.layers, paths.blobs, paths.trash, paths.leases]) {
		expect(readdirSync(place), place).toEqual([]);
	}
}
