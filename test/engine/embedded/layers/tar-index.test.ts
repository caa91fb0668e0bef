import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { indexTar } from '../../../../src/engine/embedded/layers/tar-index.ts';
import { scratchDirectory } from '../../../support/scratch-directory.ts';
import { buildTar, typeFlags } from '../../../support/tar-builder.ts';

const scratch = scratchDirectory();

function archive(): string {
	const path = join(scratch(), 'archive.tar');
	const tar = buildTar([
		{ name: './manifest.json', content: 'first' },
		{ name: 'blobs/', typeFlag: typeFlags.directory },
		{ name: 'blobs/large', content: Buffer.alloc(3_000_000, 'x'), pax: { mtime: '5.5' } },
		{ name: '/link', typeFlag: typeFlags.symlink, linkName: 'blobs/large' },
		{ name: 'manifest.json', content: 'second' },
	]);
	writeFileSync(path, tar);
	return path;
}

describe('the index of a tar on disk', () => {
	it('finds every entry and its content by offset, the last of a name', async () => {
		const path = archive();
		const index = await indexTar(path, 'archive.tar');
		expect([...index.keys()]).toEqual(['manifest.json', 'blobs', 'blobs/large', 'link']);
		const { offset = 0, sizeBytes = 0 } = index.get('manifest.json') ?? {};
		expect(readFileSync(path).toString('utf8', offset, offset + sizeBytes)).toBe('second');
		expect(index.get('blobs/large')).toMatchObject({ type: 'file', sizeBytes: 3_000_000 });
		expect(index.get('link')).toMatchObject({ type: 'symlink', linkName: 'blobs/large' });
	});

	it('calls an archive corrupt that is cut within a payload it does not read', async () => {
		const path = archive();
		truncateSync(path, 2_000_000);
		await expect(indexTar(path, 'archive.tar')).rejects.toMatchObject({ code: 'corrupt' });
	});

	it('calls a file corrupt that is no tar', async () => {
		const path = join(scratch(), 'text');
		writeFileSync(path, 'x'.repeat(5000));
		await expect(indexTar(path, 'text')).rejects.toMatchObject({ code: 'corrupt' });
	});
});
