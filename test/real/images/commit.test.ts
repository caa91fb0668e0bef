import { createWriteStream, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commitContainer } from '../../../src/engine/embedded/images/commit.ts';
import { createImages } from '../../../src/engine/embedded/images/images.ts';
import { lowerDirectories } from '../../../src/engine/embedded/layers/layer-store.ts';
import { mountOverlay, unmountOverlay } from '../../../src/engine/embedded/layers/overlay.ts';
import { unlinkTree } from '../../../src/engine/embedded/layers/unlink-tree.ts';
import { run } from '../../support/commands.ts';
import { debianLayer } from '../../support/debian-layers.ts';
import { withImageTree } from '../../support/image-tree.ts';
import { temporaryStore } from '../../support/store.ts';
import { treeFacts } from '../../support/tree-facts.ts';

let opened: ReturnType<typeof temporaryStore>;
let directory: string;

beforeAll(() => {
	opened = temporaryStore();
	directory = mkdtempSync(join(tmpdir(), 'tonnage-commit-'));
});

afterAll(() => {
	opened.remove();
	unlinkTree(directory);
});

/** What somebody may do in a container; whole seconds, because umoci knows no finer ones. */
const deeds = `
	rm usr/share/doc/base-files/copyright
	rm -r etc/update-motd.d
	mkdir etc/update-motd.d
	echo new > etc/update-motd.d/new
	chmod 4755 usr/bin/perl
	mv etc/profile.d etc/moved
	ln etc/issue etc/issue-again
	ln -sf /nowhere etc/os-release
	setcap cap_net_raw+ep bin/busybox
	mkdir -m 1777 srv
	mknod srv/null c 1 3
	mkfifo srv/pipe
	chown 12:34 srv
	rm etc/issue.net && mkdir etc/issue.net
	truncate --size=1M srv/sparse
	setfattr -n user.note -v hello srv
	printf x > "srv/$(printf 'not \\377 utf-8')"
	find . -exec touch --no-dereference --date=@1700000000 {} +
`;

test('what was done in a container is what umoci unpacks from its commit', async () => {
	const images = createImages(opened.store);
	const path = await debianLayer(['base-files', 'busybox-static', 'perl-base']);
	const base = await images.import({ type: 'path', path }, { reference: undefined, message: '', changes: [] });
	const { layers, run: settings } = await images.inspect(base);
	const lowers = lowerDirectories(opened.store, layers.at(-1)?.chainId);
	const [upper = '', work = '', merged = ''] = ['upper', 'work', 'merged'].map((name) => join(directory, name));
	for (const place of [upper, work, merged]) mkdirSync(place);
	mountOverlay({ lowers, upper, work, target: merged });
	let expected: readonly string[];
	try {
		run('sh', ['-ec', deeds], { cwd: merged });
		expected = treeFacts(merged);
	} finally {
		unmountOverlay(merged);
	}
	const options = { reference: undefined, author: '', message: '', changes: [], pause: false };
	const id = await commitContainer(opened.store, { imageId: base, upper, lowers, run: settings, options });
	expect(expected.some((line) => line.includes('not \xff utf-8'))).toBe(true);
	expect(withImageTree(opened.store, id, treeFacts).slice(1)).toEqual(expected.slice(1));

	const archive = join(directory, 'committed.tar');
	await pipeline(Readable.from(images.save([id], {})), createWriteStream(archive));
	const layout = join(directory, 'layout');
	run('skopeo', ['copy', '--quiet', '--insecure-policy', `oci-archive:${archive}`, `oci:${layout}:x`]);
	run('umoci', ['unpack', '--image', `${layout}:x`, join(directory, 'bundle')]);
	expect(treeFacts(join(directory, 'bundle/rootfs')).slice(1)).toEqual(expected.slice(1));
});
