import { randomBytes } from 'node:crypto';
import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rebuildTar } from '../../../../src/engine/embedded/layers/skeleton.ts';
import { unlinkTree } from '../../../../src/engine/embedded/layers/unlink-tree.ts';
import { unpackLayer } from '../../../../src/engine/embedded/layers/unpack.ts';
import { scratchDirectory } from '../../../support/scratch-directory.ts';
import { buildTar, inChunks } from '../../../support/tar-builder.ts';

const scratch = scratchDirectory();

async function unpacked(tar: Buffer): Promise<string> {
	const layer = join(scratch(), 'layer');
	unlinkTree(layer);
	await unpackLayer(inChunks(tar), layer);
	return layer;
}

async function rebuilt(layer: string): Promise<Buffer> {
	const parts: Uint8Array[] = [];
	for await (const part of rebuildTar(layer)) parts.push(part);
	return Buffer.concat(parts);
}

const anyEntry = fc.record({
	name: fc.constantFrom('a', 'b', 'c', 'd/e', 'd/f', 'a/b'),
	content: fc.uint8Array({ maxLength: 1500 }),
});

describe('a layer’s skeleton', () => {
	it('gives back any tar whose names come and go', async () => {
		await fc.assert(
			fc.asyncProperty(fc.array(anyEntry, { maxLength: 12 }), async (entries) => {
				// A name below a file is no layer.
				const names = new Set(entries.map(({ name }) => name));
				const honest = names.has('a') ? entries.filter(({ name }) => name !== 'a/b') : entries;
				const tar = buildTar(honest);
				expect((await rebuilt(await unpacked(tar))).equals(tar)).toBe(true);
			}),
			{ numRuns: 40 },
		);
	});

	it('holds the headers only, and they compress well', async () => {
		const entries = Array.from({ length: 3000 }, (_, number) => ({ name: `usr/share/file-${number}`, content: 'x' }));
		const layer = await unpacked(buildTar([...entries, { name: 'big', content: randomBytes(3_000_000) }]));
		expect(statSync(join(layer, 'skeleton')).size).toBeLessThan(100_000);
	});

	it('says that it is damaged, wherever it is cut', async () => {
		const layer = await unpacked(buildTar([{ name: 'f', content: 'x' }]));
		const skeleton = join(layer, 'skeleton');
		for (let length = statSync(skeleton).size - 1; length >= 0; length--) {
			truncateSync(skeleton, length);
			await expect(rebuilt(layer)).rejects.toMatchObject({ code: 'corrupt' });
		}
	});

	it('says that it is damaged where a byte of it is another', async () => {
		const tar = buildTar([{ name: 'f', content: 'x' }]);
		const layer = await unpacked(tar);
		const skeleton = join(layer, 'skeleton');
		const whole = readFileSync(skeleton);
		for (let at = 0; at < 60; at++) {
			const changed = Buffer.from(whole);
			changed[at] = (changed[at] ?? 0) ^ 0xff;
			writeFileSync(skeleton, changed);
			const outcome = await rebuilt(layer).then(
				(bytes) => bytes.equals(tar) && 'the same',
				(error: unknown) => error,
			);
			expect(outcome).not.toBe('the same');
		}
	});

	it('says that a stored file is shorter than it was', async () => {
		const layer = await unpacked(buildTar([{ name: 'f', content: 'hello' }]));
		truncateSync(join(layer, 'fs/f'), 2);
		await expect(rebuilt(layer)).rejects.toMatchObject({ code: 'corrupt' });
	});
});
