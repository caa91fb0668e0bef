import { expect, test } from 'vitest';
import { measureImages } from '../../../../src/engine/embedded/images/image-sizes.ts';
import type { ChainId, ImageId } from '../../../../src/engine/model.ts';

const layer = (chainId: string, parent: string | null, sizeBytes: number) => ({
	chain_id: chainId as ChainId,
	parent_chain_id: parent as ChainId | null,
	size_bytes: sizeBytes,
	disk_bytes: sizeBytes * 10,
});
const image = (id: string, top: string | null) => ({ id: id as ImageId, top_chain_id: top as ChainId | null });

test('shared is what another image stands on too, unique is the rest, and disk adds the documents', () => {
	const sizes = measureImages({
		images: [
			image('app', 'app'),
			image('web', 'web'),
			image('twin', 'app'),
			image('alone', 'alone'),
			image('empty', null),
		],
		layers: [
			layer('base', null, 100),
			layer('app', 'base', 20),
			layer('web', 'base', 3),
			layer('alone', null, 7),
			layer('garbage', 'base', 1000),
		],
		documentBytes: new Map([['app' as ImageId, 4096]]),
	});
	expect(Object.fromEntries(sizes)).toEqual({
		app: { sizeBytes: 120, sharedBytes: 120, uniqueBytes: 0, diskBytes: 5296 },
		web: { sizeBytes: 103, sharedBytes: 100, uniqueBytes: 3, diskBytes: 1030 },
		twin: { sizeBytes: 120, sharedBytes: 120, uniqueBytes: 0, diskBytes: 1200 },
		alone: { sizeBytes: 7, sharedBytes: 0, uniqueBytes: 7, diskBytes: 70 },
		empty: { sizeBytes: 0, sharedBytes: 0, uniqueBytes: 0, diskBytes: 0 },
	});
});
