import type { Instant, ResourceKey } from '../model.ts';
import type { MetadataDatabase } from './database.ts';
import type { StorePaths } from './paths.ts';

/** What every part of the embedded engine works on. One for each opened store. */
export interface Store {
	readonly paths: StorePaths;
	readonly database: MetadataDatabase;
	readonly now: () => Instant;
	/** Takes a hold for the length of one piece of work. Take it *before* the first byte is written. @see lease.ts */
	readonly acquireLease: (purpose: string) => Lease;
}

/**
 * A hold on things that nothing refers to yet. Lives as long as its owner: the lock on its file goes with the
 * process, however that ends. The collector removes nothing that a live lease holds.
 */
export interface Lease {
	readonly id: string;
	/** Only inside `database.write`, in the transaction that looks the thing up or makes it. */
	hold(key: ResourceKey): void;
	/** A fresh path in `paths.ingest` that recovery leaves alone while this lease lives. Nothing is created. */
	ingestPath(): string;
	/** Lets go, and removes what is left of its ingests. Calling it twice is harmless. */
	release(): void;
}
