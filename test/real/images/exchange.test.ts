import { createWriteStream, mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createImages } from '../../../src/engine/embedded/images/images.ts';
import { unlinkTree } from '../../../src/engine/embedded/layers/unlink-tree.ts';
import { run } from '../../support/commands.ts';
import { debianLayer } from '../../support/debian-layers.ts';
import { type DockerDaemon, startDockerDaemon } from '../../support/docker-daemon.ts';
import { buildDockerImages, type DockerFacts, dockerFacts, dockerRun } from '../../support/docker-images.ts';
import { withImageTree } from '../../support/image-tree.ts';
import { temporaryStore } from '../../support/store.ts';
import { treeFacts } from '../../support/tree-facts.ts';

const names = ['vessel:base', 'vessel:app', 'vessel:plain'] as const;

let directory: string;
let docker: DockerDaemon;
let facts: ReadonlyMap<string, DockerFacts>;
let opened: ReturnType<typeof temporaryStore>;

/** podman and buildah with a storage of their own; they share it. */
function containersTool(tool: 'podman' | 'buildah', parameters: readonly string[]): string {
	const storage = [
		'--root',
		join(directory, 'storage'),
		'--runroot',
		join(directory, 'run'),
		'--storage-driver',
		'overlay',
	];
	return run(tool, [...storage, ...parameters]);
}

function at(name: string): string {
	return join(directory, name);
}

beforeAll(async () => {
	directory = mkdtempSync(join(tmpdir(), 'tonnage-real-'));
	docker = await startDockerDaemon(at('docker'));
	await buildDockerImages(docker);
	facts = new Map(names.map((name) => [name, dockerFacts(docker, name)]));
	dockerRun(docker, ['save', '--output', at('docker.tar'), ...names, 'fleet/app']);
	containersTool('podman', ['load', '--quiet', '--input', at('docker.tar')]);
	opened = temporaryStore();
	await createImages(opened.store).load({ type: 'path', path: at('docker.tar') }, {});
}, 120_000);

afterAll(async () => {
	await docker?.stop();
	opened?.remove();
	if (directory !== undefined) unlinkTree(directory);
});

/** Without the root itself, which in a mount is the container's own directory. */
function treeBelow(root: string): readonly string[] {
	return treeFacts(root).slice(1);
}

function factsOf(name: string): DockerFacts {
	const found = facts.get(name);
	if (found === undefined) throw new Error(`Docker was not asked about ${name}`);
	return found;
}

describe('what docker saved', () => {
	test.each(names)('%s has Docker’s ID, diffIDs and size', async (name) => {
		const image = await createImages(opened.store).inspect(name);
		expect({
			id: image.id,
			diffIds: image.layers.map(({ diffId }) => diffId),
			sizeBytes: image.sizeBytes,
		}).toEqual(factsOf(name));
	});

	test('lies under the chainIDs that docker has for it', async () => {
		const { layers } = await createImages(opened.store).inspect('vessel:app');
		const known = readdirSync(at('docker/data/image/overlay2/layerdb/sha256'));
		expect(known).toEqual(expect.arrayContaining(layers.map(({ chainId }) => chainId.slice('sha256:'.length))));
	});

	test('keeps every name and the settings', async () => {
		const image = await createImages(opened.store).inspect('fleet/app');
		expect(image.references).toEqual(['docker.io/fleet/app:latest', 'docker.io/library/vessel:app']);
		expect(image.run).toMatchObject({
			command: ['/bin/busybox', 'sh'],
			user: '1000',
			volumes: ['/data'],
			labels: { kind: 'vessel' },
			environment: ['PATH=/usr/bin:/bin', 'GREETING=hello there'],
		});
	});

	test('imports to the same layer', async () => {
		const images = createImages(opened.store);
		const path = await debianLayer(['base-files', 'busybox-static', 'perl-base']);
		const id = await images.import({ type: 'path', path }, { reference: undefined, message: 'again', changes: [] });
		const image = await images.inspect(id);
		const base = factsOf('vessel:base');
		expect([image.layers.map(({ diffId }) => diffId), image.sizeBytes]).toEqual([base.diffIds, base.sizeBytes]);
		await images.remove(id, { force: false });
	});

	test('weighs on the disk what du says', () => {
		for (const { directory: name, disk_bytes } of opened.store.database.all<{ directory: string; disk_bytes: number }>(
			'SELECT directory, disk_bytes FROM layer',
		)) {
			const [blocks] = run('du', ['--summarize', '--block-size=1', join(opened.store.paths.layers, name)]).split('\t');
			expect(disk_bytes).toBe(Number(blocks));
		}
	});
});

describe('what another tool made of the same image gives the same layers', () => {
	const from = () => `docker-archive:${at('docker.tar')}:vessel:app`;
	const compressed = (format: string) => ['--dest-compress', '--dest-compress-format', format];
	test.each<[string, string, () => void]>([
		['podman save', 'podman.tar', () => podmanSave('docker-archive', 'podman.tar')],
		['podman save, OCI', 'podman-oci.tar', () => podmanSave('oci-archive', 'podman-oci.tar')],
		[
			'podman save, several',
			'podman-many.tar',
			() => {
				containersTool('podman', [
					'save',
					'--quiet',
					'--multi-image-archive',
					'--output',
					at('podman-many.tar'),
					...names,
				]);
			},
		],
		[
			'skopeo, docker-archive',
			'skopeo.tar',
			() =>
				skopeo('docker-daemon:vessel:app', `docker-archive:${at('skopeo.tar')}:vessel:app`, [
					'--src-daemon-host',
					docker.host,
				]),
		],
		[
			'skopeo, OCI gzip',
			'skopeo-gzip',
			() => skopeo(from(), `oci:${at('skopeo-gzip')}:vessel:app`, compressed('gzip')),
		],
		[
			'skopeo, OCI zstd',
			'skopeo-zstd',
			() => skopeo(from(), `oci:${at('skopeo-zstd')}:vessel:app`, compressed('zstd')),
		],
		['skopeo, OCI archive', 'skopeo-oci.tar', () => skopeo(from(), `oci-archive:${at('skopeo-oci.tar')}:vessel:app`)],
		[
			'buildah push, docker-archive',
			'buildah.tar',
			() => buildahPush(`docker-archive:${at('buildah.tar')}:vessel:app`),
		],
		[
			'buildah push, OCI archive',
			'buildah-oci.tar',
			() => buildahPush(`oci-archive:${at('buildah-oci.tar')}:vessel:app`),
		],
		['buildah push, OCI', 'buildah-oci', () => buildahPush(`oci:${at('buildah-oci')}:vessel:app`)],
	])('%s', async (_, file, make) => {
		make();
		const other = temporaryStore();
		try {
			const images = createImages(other.store);
			await images.load({ type: 'path', path: at(file) }, {});
			// podman takes Docker's short names for its own.
			const image = await images.inspect(file.startsWith('podman') ? 'localhost/vessel:app' : 'vessel:app');
			const docker = factsOf('vessel:app');
			expect(image.layers.map(({ diffId }) => diffId)).toEqual(docker.diffIds);
			expect(image.sizeBytes).toBe(docker.sizeBytes);
			// Written as OCI, the tools write the config anew, and with it the ID; then skopeo says what it is.
			expect(image.id).toBe(file.includes('oci') || file.includes('-') ? idBySkopeo(file) : docker.id);
		} finally {
			other.remove();
		}
	});

	function podmanSave(format: string, file: string): void {
		containersTool('podman', ['save', '--quiet', '--format', format, '--output', at(file), 'vessel:app']);
	}

	function skopeo(source: string, target: string, more: readonly string[] = []): void {
		run('skopeo', ['copy', '--quiet', '--insecure-policy', ...more, source, target]);
	}

	function buildahPush(target: string): void {
		containersTool('buildah', ['push', '--quiet', 'vessel:app', target]);
	}

	function idBySkopeo(file: string): string {
		if (file === 'podman-many.tar') return factsOf('vessel:app').id;
		const transport = file.endsWith('.tar') ? 'oci-archive' : 'oci';
		const manifest = JSON.parse(run('skopeo', ['inspect', '--raw', `${transport}:${at(file)}`])) as {
			config: { digest: string };
		};
		return manifest.config.digest;
	}
});

describe('what we save', () => {
	beforeAll(async () => {
		const archive = createImages(opened.store).save([...names, 'fleet/app'], {});
		await pipeline(Readable.from(archive), createWriteStream(at('ours.tar')));
	});

	test('is the same archive every time', async () => {
		const again = await Array.fromAsync(createImages(opened.store).save([...names, 'fleet/app'], {}));
		expect(Buffer.concat(again).equals(readFileSync(at('ours.tar')))).toBe(true);
	});

	test('gives docker the same images back', () => {
		dockerRun(docker, ['image', 'rm', '--force', ...names, 'vessel:more', 'fleet/app']);
		dockerRun(docker, ['load', '--quiet', '--input', at('ours.tar')]);
		for (const name of names) expect(dockerFacts(docker, name)).toEqual(factsOf(name));
		expect(dockerFacts(docker, 'fleet/app').id).toBe(factsOf('vessel:app').id);
	});

	test('gives podman the same images', () => {
		containersTool('podman', ['rmi', '--all', '--force']);
		containersTool('podman', ['load', '--quiet', '--input', at('ours.tar')]);
		for (const name of [...names, 'fleet/app:latest']) {
			const [image] = JSON.parse(containersTool('podman', ['image', 'inspect', name])) as [
				{ Id: string; RootFS: { Layers: string[] } },
			];
			const expected = factsOf(name === 'fleet/app:latest' ? 'vessel:app' : name);
			expect({ id: `sha256:${image.Id}`, diffIds: image.RootFS.Layers }).toEqual({
				id: expected.id,
				diffIds: expected.diffIds,
			});
		}
	});

	test('is a docker-archive and an OCI archive to skopeo', async () => {
		const one = at('one.tar');
		await pipeline(Readable.from(createImages(opened.store).save(['vessel:app'], {})), createWriteStream(one));
		const { id, diffIds } = factsOf('vessel:app');
		const layers = (source: string) =>
			(JSON.parse(run('skopeo', ['inspect', '--config', source])) as { rootfs: { diff_ids: string[] } }).rootfs
				.diff_ids;
		expect(layers(`docker-archive:${at('ours.tar')}:vessel:app`)).toEqual(diffIds);
		expect(layers(`oci-archive:${one}`)).toEqual(diffIds);
		expect(layers(`oci-archive:${at('ours.tar')}:docker.io/library/vessel:app`)).toEqual(diffIds);
		const manifest = JSON.parse(run('skopeo', ['inspect', '--raw', `oci-archive:${one}`])) as {
			config: { digest: string };
		};
		expect(manifest.config.digest).toBe(id);
	});

	test('comes back to us unchanged', async () => {
		const other = temporaryStore();
		try {
			const images = createImages(other.store);
			await images.load({ type: 'path', path: at('ours.tar') }, {});
			for (const name of names) expect((await images.inspect(name)).id).toBe(factsOf(name).id);
			const again = await Array.fromAsync(images.save([...names, 'fleet/app'], {}));
			expect(Buffer.concat(again).equals(readFileSync(at('ours.tar')))).toBe(true);
		} finally {
			other.remove();
		}
	});
});

describe('the tree of an image', () => {
	test('is what umoci unpacks, to the last attribute', () => {
		run('skopeo', [
			'copy',
			'--quiet',
			'--insecure-policy',
			`docker-archive:${at('docker.tar')}:vessel:app`,
			`oci:${at('umoci')}:app`,
		]);
		run('umoci', ['unpack', '--image', `${at('umoci')}:app`, at('bundle')]);
		const ours = withImageTree(opened.store, factsOf('vessel:app').id, treeBelow);
		expect(ours.length).toBeGreaterThan(2000);
		expect(ours).toEqual(treeBelow(at('bundle/rootfs')));
	});

	test('is what docker exports, but for what docker puts into every container', () => {
		const container = dockerRun(docker, ['create', '--network', 'none', 'vessel:app', 'true']);
		mkdirSync(at('export'));
		dockerRun(docker, ['export', '--output', at('export.tar'), container]);
		run('tar', [
			'--extract',
			'--xattrs',
			'--xattrs-include=*',
			'--numeric-owner',
			'--file',
			at('export.tar'),
			'--directory',
			at('export'),
		]);
		// Directories that docker adds to get a new time, and its tar has whole seconds.
		const added = /^\/(?:\.dockerenv|dev|proc|sys|etc\/(?:hostname|hosts|resolv\.conf|mtab)|etc|)(?:\/\S*)? /;
		const comparable = (root: string) =>
			treeFacts(root)
				.filter((line) => !added.test(line))
				.map((line) => line.replace(/^((?:\S+ ){3})(\d+)\d{9}/, '$1$2'));
		const ours = withImageTree(opened.store, factsOf('vessel:app').id, comparable);
		expect(ours.length).toBeGreaterThan(2000);
		expect(ours).toEqual(comparable(at('export')));
	});

	test('of an image that umoci made is the same, with its attributes', async () => {
		const layout = at('made');
		run('umoci', ['init', '--layout', layout]);
		run('umoci', ['new', '--image', `${layout}:1.0`]);
		run('umoci', ['unpack', '--image', `${layout}:1.0`, at('made-bundle')]);
		const root = at('made-bundle/rootfs');
		const script = [
			'mkdir -p a/b',
			'echo x > a/b/file',
			'ln a/b/file a/link',
			'setcap cap_net_raw+ep a/b/file',
			'setfattr -n user.note -v hello a',
			'mknod null c 1 3',
			'mkfifo pipe',
			'chown 12:34 a/b',
			'ln -s ../x symlink',
			// umoci writes whole seconds.
			'find . -exec touch --no-dereference --date=@1700000000 {} +',
		];
		run('sh', ['-ec', script.join('\n')], { cwd: root });
		run('umoci', ['repack', '--image', `${layout}:1.0`, at('made-bundle')]);
		const expected = treeBelow(root);
		const images = createImages(opened.store);
		const [loaded] = await images.load({ type: 'path', path: layout }, {});
		expect(loaded?.references).toEqual(['docker.io/library/made:1.0']);
		expect(withImageTree(opened.store, loaded?.id ?? '', treeBelow)).toEqual(expected);
	});
});
