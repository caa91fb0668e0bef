import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { putBlob } from '../../src/engine/embedded/content/blob-store.ts';
import { type EnsuredLayer, ensureLayer } from '../../src/engine/embedded/layers/layer-store.ts';
import { unlinkTree } from '../../src/engine/embedded/layers/unlink-tree.ts';
import { type OpenedStore, openStore } from '../../src/engine/embedded/open.ts';
import type { Lease, Store } from '../../src/engine/embedded/store.ts';
import type { ChainId } from '../../src/engine/model.ts';

/** A store in a directory of its own, gone after the test. */
export function temporaryStore(): { readonly store: OpenedStore; readonly root: string; remove(): void } {
	const root = mkdtempSync(join(tmpdir(), 'tonnage-store-'));
	const store = openStore({ root });
	return {
		store,
		root,
		remove: () => {
			store.close();
			unlinkTree(root);
		},
	};
}

/** The smallest honest tar: regular files, ustar headers, two zero blocks. */
export function tarOf(files: Readonly<Record<string, string>>): Buffer {
	const blocks = Object.entries(files).flatMap(([name, content]) => {
		const header = Buffer.alloc(512);
		header.write(name, 0);
		header.write('0000644\0', 100);
		header.write('0000000\0', 108);
		header.write('0000000\0', 116);
		header.write(`${Buffer.byteLength(content).toString(8).padStart(11, '0')}\0`, 124);
		header.write('14524752400\0', 136);
		header.write('        ', 148);
		header.write('0', 156);
		header.write('ustar\x0000', 257);
		const sum = header.reduce((total, byte) => total + byte, 0);
		header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
		const body = Buffer.alloc(Math.ceil(Buffer.byteLength(content) / 512) * 512);
		body.write(content);
		return [header, body];
	});
	return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** Stores one layer of those files. */
export async function storeLayer(
	store: Store,
	lease: Lease,
	made: { readonly files: Readonly<Record<string, string>>; readonly parent?: ChainId },
): Promise<EnsuredLayer> {
	return ensureLayer(store, lease, {
		diffId: undefined,
		parent: made.parent,
		createdBy: `COPY ${Object.keys(made.files).join(' ')}`,
		where: 'a test layer',
		open: async function* () {
			yield tarOf(made.files);
		},
	});
}

/** An image of one layer by rows alone, as publishing one leaves it. Gives its id. */
export async function storeImage(
	store: Store,
	reference: string | undefined,
	files: Readonly<Record<string, string>>,
): Promise<string> {
	const lease = store.acquireLease('test');
	try {
		const layer = await storeLayer(store, lease, { files });
		const config = Buffer.from(
			JSON.stringify({
				os: 'linux',
				architecture: 'amd64',
				config: {},
				rootfs: { type: 'layers', diff_ids: [layer.diffId] },
				salt: reference,
			}),
		);
		const id = putBlob(store, lease, { bytes: config, mediaType: 'application/vnd.oci.image.config.v1+json' });
		store.database.write(() => {
			const generation = store.database.nextGeneration();
			store.database.run(
				`INSERT INTO image (id, top_chain_id, layer_count, size_bytes, os, architecture, variant, labels, stored_at, generation)
				VALUES (?, ?, 1, ?, 'linux', 'amd64', '', '{}', ?, ?)`,
				id,
				layer.chainId,
				layer.sizeBytes,
				store.now(),
				generation,
			);
			if (reference !== undefined) {
				store.database.run(
					'INSERT INTO tag (reference, image_id, moved_at, generation) VALUES (?, ?, ?, ?)',
					reference,
					id,
					store.now(),
					generation,
				);
			}
		});
		return id;
	} finally {
		lease.release();
	}
}
