import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { auditStore } from '../../support/audit-store.ts';
import { expectFailure, type Failure } from '../../support/expect-failure.ts';
import {
	archiveOf,
	dockerMembers,
	type MadeImage,
	makeImage,
	ociImage,
	ociMembers,
	sha256,
} from '../../support/image-archives.ts';
import { openSurvivalWorld, type SurvivalWorld } from '../../support/survival-world.ts';
import { buildTar } from '../../support/tar-builder.ts';

let world: SurvivalWorld;

beforeAll(async () => {
	world = await openSurvivalWorld();
	await world.expectDone(['load', '-i', world.archives.box]);
	await world.expectDone('run -d --network none --name anchor box sleep 100000');
	await world.expectDone('create --network none --name idle box true');
});

afterAll(async () => {
	await world.close();
});

/** Everything that a command may leave behind: rows by table, files by directory. */
function remains(root: string): unknown {
	const database = new DatabaseSync(join(root, 'metadata.db'), { readOnly: true });
	try {
		const tables = ['blob', 'layer', 'image', 'tag', 'container', 'volume', 'lease'];
		const rows = tables.map((table) => database.prepare(`SELECT count(*) AS rows FROM ${table}`).get());
		const files = ['blobs', 'layers', 'containers', 'volumes', 'ingest', 'trash', 'leases', 'run'].map((name) =>
			readdirSync(join(root, name)),
		);
		return { rows, files };
	} finally {
		database.close();
	}
}

/** Runs a command that must fail, and finds the store as it was. */
async function expectRefused(words: string | readonly string[], failure: Failure): Promise<void> {
	const before = remains(world.root);
	expectFailure(await world.tonnage(words), failure);
	expect(remains(world.root)).toEqual(before);
	expect(await auditStore(world.root)).toEqual([]);
}

const image = makeImage([{ 'a/file': 'content' }, { 'b/file': 'more' }]);
const oci = ociImage(image);

function withLayer(layer: Buffer): MadeImage {
	const config = Buffer.from(
		JSON.stringify({ architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [sha256(layer)] } }),
	);
	return { id: sha256(config), config, layers: [layer], diffIds: [sha256(layer)] };
}

function dockerArchive(made: MadeImage): Buffer {
	return archiveOf(dockerMembers([{ image: made, tags: ['bad:1'] }]));
}

describe('load', () => {
	const app = () => readFileSync(world.archives.app);
	const get = /get it again/;
	test.each<Failure & { readonly what: string; readonly archive: () => Buffer }>([
		{
			what: 'cut short',
			archive: () => app().subarray(0, 1_500_001),
			exitCode: 1,
			says: /bad\.tar .*stops in the middle/,
			hint: get,
		},
		{
			what: 'overwritten',
			archive: () => app().fill(0x55, 700, 3000),
			exitCode: 1,
			says: /bad\.tar cannot be read/,
			hint: get,
		},
		{ what: 'empty', archive: () => Buffer.alloc(0), exitCode: 1, says: /bad\.tar cannot be read/, hint: get },
		{
			what: 'noise',
			archive: () => Buffer.from('noise '.repeat(999)),
			exitCode: 1,
			says: /bad\.tar cannot be read/,
			hint: get,
		},
		{
			what: 'with a layer that is not what its diffID says',
			archive: () => dockerArchive({ ...image, layers: image.layers.toReversed() }),
			exitCode: 1,
			says: /Layer 1 of bad\.tar is not what its digest says: expected sha256:\w{64}, found sha256:\w{64}/,
			hint: get,
		},
		{
			what: 'with a blob that is not what its digest says',
			archive: () =>
				archiveOf(
					ociMembers(
						[oci.descriptor],
						oci.members.map((member, index) =>
							index === 2 ? { ...member, body: Buffer.from(String(member.body)).fill(7) } : member,
						),
					),
				),
			exitCode: 1,
			says: /bad\.tar/,
			hint: get,
		},
		{
			what: 'with a layer that climbs out',
			archive: () => dockerArchive(withLayer(buildTar([{ name: '../../../tmp/climbed', content: 'x' }]))),
			exitCode: 1,
			says: /was refused: entry "\.\.\/\.\.\/\.\.\/tmp\/climbed" climbs out of the layer/,
			hint: /Nothing of it was kept/,
		},
		{
			what: 'of something that is no image',
			archive: () =>
				archiveOf(
					ociMembers([{ ...oci.descriptor, mediaType: 'application/vnd.cncf.helm.config.v1+json' }], oci.members),
				),
			exitCode: 1,
			says: /media type "application\/vnd\.cncf\.helm\.config\.v1\+json"/,
		},
	])('of an archive $what', async ({ archive, ...failure }) => {
		const path = join(world.directory, 'bad.tar');
		writeFileSync(path, archive());
		await expectRefused(['load', '-i', path], failure);
	});

	test('leaves no descriptor open and nothing mounted', async () => {
		const path = join(world.directory, 'bad.tar');
		const archives = [
			app().subarray(0, 1_500_001),
			Buffer.alloc(0),
			dockerArchive({ ...image, layers: image.layers.toReversed() }),
		];
		await world.withEngine(async ({ images }) => {
			const open = () => readdirSync('/proc/self/fd').length;
			const before = { open: open(), mounts: readFileSync('/proc/self/mountinfo', 'utf8') };
			for (const archive of archives) {
				writeFileSync(path, archive);
				await expect(images.load({ type: 'path', path }, {})).rejects.toThrow();
			}
			expect({ open: open(), mounts: readFileSync('/proc/self/mountinfo', 'utf8') }).toEqual(before);
		});
	});
});

describe('a command', () => {
	const imageHint = /tonnage images -a/;
	const containerHint = /tonnage ps -a/;
	test.each<Failure & { readonly words: string }>([
		{ words: 'load -i /nowhere.tar', exitCode: 1, says: /No file is called "\/nowhere\.tar"/, hint: /path/ },
		{ words: 'import /nowhere.tar x', exitCode: 1, says: /No file is called/, hint: /path/ },
		{ words: 'tag box no//good', exitCode: 2, says: /"no\/\/good" is not an image reference/, hint: /looks like/ },
		{ words: 'run --network none no//good', exitCode: 125, says: /is not an image reference/, hint: /looks like/ },
		{ words: 'rmi nothing', exitCode: 1, says: /No image is called "nothing"/, hint: imageHint },
		{ words: 'run --network none nothing', exitCode: 125, says: /No image is called "nothing"/, hint: imageHint },
		{ words: 'history nothing', exitCode: 1, says: /No image is called "nothing"/, hint: imageHint },
		{ words: 'save nothing', exitCode: 1, says: /No image is called "nothing"/, hint: imageHint },
		{ words: 'rmi box', exitCode: 1, says: /in use by .*anchor/, hint: /rmi -f/ },
		{ words: 'start nothing', exitCode: 1, says: /No container is called "nothing"/, hint: containerHint },
		{ words: 'exec nothing true', exitCode: 125, says: /No container is called "nothing"/, hint: containerHint },
		{
			words: 'create --network none --name idle box',
			exitCode: 1,
			says: /name "idle" is taken by container \w{12}/,
			hint: /another name/,
		},
		{ words: 'run --network none --name idle box', exitCode: 125, says: /name "idle" is taken/, hint: /another name/ },
		{ words: 'rm anchor', exitCode: 1, says: /Cannot remove container anchor: it is running/, hint: /rm -f/ },
		{ words: 'exec idle true', exitCode: 125, says: /container idle: it is created/, hint: /tonnage start/ },
		{ words: 'kill -s NOPE anchor', exitCode: 2, says: /"NOPE"/ },
		{
			words: 'images --format {{.Nope}}',
			exitCode: 2,
			says: /there is no field "\.Nope"; there are/,
			hint: /Templates know/,
		},
		{ words: 'ps --filter nope=1', exitCode: 2, says: /no filter "nope"/, hint: /Filters:/ },
		{ words: 'nonsense', exitCode: 2, says: /no command "tonnage nonsense"/, hint: /--help/ },
		{ words: 'images --nonsense', exitCode: 2, says: /no option "--nonsense"/, hint: /--help/ },
		{ words: 'image prune', exitCode: 2, says: /Nobody can be asked/, hint: /-f .*--dry-run/ },
		{ words: 'system prune -a', exitCode: 2, says: /Nobody can be asked/, hint: /-f .*--dry-run/ },
		{ words: '', exitCode: 1, says: /needs a terminal/, hint: /tonnage --help/ },
	])('"$words" says what is wrong and changes nothing', async ({ words, ...failure }) => {
		await expectRefused(words === '' ? [] : words, failure);
	});
});
