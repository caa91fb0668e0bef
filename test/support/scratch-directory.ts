import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { mountsBelow, unmountOverlay } from '../../src/engine/embedded/layers/overlay.ts';
import { unlinkTree } from '../../src/engine/embedded/layers/unlink-tree.ts';

/** For each test a directory of its own, made when first asked for; afterwards it is unmounted and gone. */
export function scratchDirectory(): () => string {
	let directory: string | undefined;
	afterEach(() => {
		if (directory === undefined) return;
		for (const point of mountsBelow(directory)) unmountOverlay(point);
		unlinkTree(directory);
		directory = undefined;
	});
	return () => {
		directory ??= mkdtempSync(join(tmpdir(), 'tonnage-test-'));
		return directory;
	};
}
