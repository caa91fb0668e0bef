import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** One step of an image: what it says in the history, and the tar of what it adds. */
export interface DemoLayer {
	readonly createdBy: string;
	readonly tar: Buffer;
}

/** What to put into one OCI layout under one name. */
export interface DemoImage {
	readonly name: string;
	readonly layers: readonly DemoLayer[];
	readonly command: readonly string[];
	readonly createdAt: Date;
	readonly labels?: Readonly<Record<string, string>>;
	readonly volumes?: readonly string[];
}

/** Downloads Debian packages once and gives their files as one layer, as dpkg would lay them down. */
export function packageLayer(cache: string, packages: readonly string[]): DemoLayer {
	const tree = join(cache, `tree-${packages.join('-')}`);
	rmSync(tree, { recursive: true, force: true });
	mkdirSync(tree, { recursive: true });
	for (const name of packages) {
		const present = () => readdirSync(cache).find((file) => file.startsWith(`${name}_`) && file.endsWith('.deb'));
		// As root, apt drops to a user that may not write here, and says so at length.
		if (present() === undefined) {
			execFileSync('apt-get', ['-qq', '-o', 'APT::Sandbox::User=root', 'download', name], { cwd: cache });
		}
		execFileSync('dpkg-deb', ['-x', join(cache, present() ?? name), tree]);
	}
	return { createdBy: `RUN apt-get install ${packages.join(' ')}`, tar: tarOf(tree) };
}

/** A layer of a few files; values are contents, or `-> target` for a symlink. */
export function fileLayer(
	cache: string,
	createdBy: string,
	files: Readonly<Record<string, string | Buffer>>,
): DemoLayer {
	const tree = join(cache, 'tree-files');
	rmSync(tree, { recursive: true, force: true });
	mkdirSync(tree, { recursive: true });
	for (const [path, content] of Object.entries(files)) {
		const target = join(tree, path);
		mkdirSync(join(target, '..'), { recursive: true });
		if (typeof content === 'string' && content.startsWith('-> ')) {
			execFileSync('ln', ['-s', content.slice(3), target]);
		} else writeFileSync(target, content, { mode: path.includes('bin/') ? 0o755 : 0o644 });
	}
	return { createdBy, tar: tarOf(tree) };
}

/** Writes an OCI layout with those images. Spec: image-spec image-layout.md (v1.1.1) */
export function writeLayout(directory: string, images: readonly DemoImage[]): void {
	rmSync(directory, { recursive: true, force: true });
	mkdirSync(join(directory, 'blobs', 'sha256'), { recursive: true });
	const put = (bytes: Buffer, mediaType: string) => {
		const hex = sha256(bytes);
		writeFileSync(join(directory, 'blobs', 'sha256', hex), bytes);
		return { mediaType, digest: `sha256:${hex}`, size: bytes.length };
	};
	const putJson = (value: unknown, mediaType: string) => put(Buffer.from(JSON.stringify(value)), mediaType);
	const manifests = images.map((image) => {
		const config = putJson(
			{
				created: image.createdAt.toISOString(),
				architecture: process.arch === 'x64' ? 'amd64' : process.arch,
				os: 'linux',
				config: {
					Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
					Cmd: image.command,
					WorkingDir: '/',
					Labels: image.labels ?? {},
					...(image.volumes === undefined
						? {}
						: { Volumes: Object.fromEntries(image.volumes.map((path) => [path, {}])) }),
				},
				rootfs: { type: 'layers', diff_ids: image.layers.map(({ tar }) => `sha256:${sha256(tar)}`) },
				history: [
					...image.layers.map(({ createdBy }) => ({ created: image.createdAt.toISOString(), created_by: createdBy })),
					{
						created: image.createdAt.toISOString(),
						created_by: `CMD ${JSON.stringify(image.command)}`,
						empty_layer: true,
					},
				],
			},
			'application/vnd.oci.image.config.v1+json',
		);
		const layers = image.layers.map(({ tar }) =>
			put(gzipSync(tar, { level: 1 }), 'application/vnd.oci.image.layer.v1.tar+gzip'),
		);
		const mediaType = 'application/vnd.oci.image.manifest.v1+json';
		const manifest = putJson({ schemaVersion: 2, mediaType, config, layers }, mediaType);
		return { ...manifest, annotations: { 'org.opencontainers.image.ref.name': image.name } };
	});
	writeFileSync(join(directory, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }));
	writeFileSync(join(directory, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
}

/** The same tree gives the same tar, so running the demo again finds its layers there. */
function tarOf(tree: string): Buffer {
	const archive = `${tree}.tar`;
	execFileSync('tar', [
		'--create',
		`--file=${archive}`,
		`--directory=${tree}`,
		'--sort=name',
		'--mtime=@1700000000',
		'--owner=0',
		'--group=0',
		'--numeric-owner',
		'.',
	]);
	const tar = readFileSync(archive);
	rmSync(archive);
	rmSync(tree, { recursive: true });
	return tar;
}

function sha256(bytes: Buffer): string {
	return createHash('sha256').update(bytes).digest('hex');
}
