import { statfsSync } from 'node:fs';
import { shortDigest } from '../../digest.ts';
import { EngineError } from '../../errors.ts';
import type { Descriptor, Digest } from '../../model.ts';
import type { PullOptions } from '../../registry-port.ts';
import { checkCompression } from '../images/blob-stream.ts';
import type { Lease, Store } from '../store.ts';
import { downloadBlob } from './download-blob.ts';
import type { RegistryClient } from './registry-client.ts';
import { Spool } from './spool.ts';

/** A layer blob and for whom it is. */
export interface LayerToFetch {
	readonly descriptor: Descriptor;
	/** For people: `layer 2 of app:1`. */
	readonly where: string;
}

/** What fetches layers works with. */
export interface FetchWork {
	readonly store: Store;
	readonly lease: Lease;
	readonly client: RegistryClient;
	readonly repository: string;
	readonly options: PullOptions;
}

/**
 * Layers on their way: so many at a time, in order, each into a spool that can be read while it fills. `stop` it,
 * whatever happens.
 */
export class LayerFetcher {
	readonly #work: FetchWork;
	readonly #halt = new AbortController();
	readonly #spools = new Map<Digest, Spool>();
	readonly #waiting: { readonly layer: LayerToFetch; readonly spool: Spool }[] = [];
	readonly #running = new Set<Promise<void>>();

	constructor(work: FetchWork) {
		this.#work = work;
	}

	/** Begins with those that are not on their way yet. @throws EngineError out-of-space before a byte is fetched */
	start(layers: readonly LayerToFetch[]): void {
		const { store, lease, options } = this.#work;
		const fresh = [...new Map(layers.map((layer) => [layer.descriptor.digest, layer])).values()].filter(
			({ descriptor }) => !this.#spools.has(descriptor.digest),
		);
		const neededBytes = fresh.reduce((sum, { descriptor }) => sum + descriptor.size, 0);
		const { bavail, bsize } = statfsSync(store.paths.ingest);
		if (neededBytes > bavail * bsize) {
			throw new EngineError('out-of-space', { path: store.paths.ingest, resource: 'bytes' });
		}
		for (const layer of fresh) {
			const spool = new Spool(lease.ingestPath(), layer.descriptor.size);
			this.#spools.set(layer.descriptor.digest, spool);
			this.#waiting.push({ layer, spool });
		}
		for (let free = options.parallel - this.#running.size; free > 0; free--) this.#next();
	}

	/** The blob as it arrives, its packing checked. */
	async *open(layer: LayerToFetch): AsyncGenerator<Uint8Array> {
		this.start([layer]);
		const { digest, mediaType } = layer.descriptor;
		let isFirst = true;
		for await (const chunk of this.#spools.get(digest)?.read() ?? []) {
			if (isFirst) checkCompression(chunk, mediaType, layer.where);
			isFirst = false;
			yield chunk;
		}
	}

	/** Nobody needs the bytes of that layer any more. */
	done(layer: LayerToFetch): void {
		this.#spools.get(layer.descriptor.digest)?.remove();
		this.#spools.delete(layer.descriptor.digest);
	}

	/** Ends what is under way and removes what has arrived. */
	async stop(): Promise<void> {
		this.#waiting.length = 0;
		this.#halt.abort(new Error('the pull has ended'));
		await Promise.all(this.#running);
		for (const spool of this.#spools.values()) spool.remove();
		this.#spools.clear();
	}

	#next(): void {
		const { client, repository, options } = this.#work;
		const entry = this.#waiting.shift();
		if (entry === undefined) return;
		const { layer, spool } = entry;
		const item = shortDigest(layer.descriptor.digest);
		const signal = AbortSignal.any([this.#halt.signal, ...(options.signal === undefined ? [] : [options.signal])]);
		const wanted = {
			repository,
			descriptor: layer.descriptor,
			what: layer.where,
			signal,
			onProgress: (doneBytes: number) => options.onProgress?.({ item, doneBytes, totalBytes: layer.descriptor.size }),
		};
		const running = downloadBlob(client, wanted, spool)
			.then(
				() => options.onStep?.({ item, text: 'Download complete' }),
				(error: unknown) => spool.fail(error),
			)
			.finally(() => {
				this.#running.delete(running);
				this.#next();
			});
		this.#running.add(running);
	}
}
