import { createHash } from 'node:crypto';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { tarOf } from './store.ts';

/** One entry of an archive: a file, or a link. */
export interface Member {
	readonly name: string;
	readonly body?: Uint8Array | string;
	readonly symlink?: string;
	readonly hardlink?: string;
}

/** An image as bytes, by no tool of ours. */
export interface MadeImage {
	readonly id: string;
	readonly config: Buffer;
	/** Uncompressed tars, base first. */
	readonly layers: readonly Buffer[];
	readonly diffIds: readonly string[];
}

/** How an OCI archive packs its layers. */
export type Packing = 'none' | 'gzip' | 'zstd';

/** An image with one layer for each set of files. */
export function makeImage(
	layers: readonly Readonly<Record<string, string>>[],
	more: Readonly<Record<string, unknown>> = {},
): MadeImage {
	const tars = layers.map(tarOf);
	const diffIds = tars.map(sha256);
	const config = Buffer.from(
		JSON.stringify({
			architecture: 'amd64',
			os: 'linux',
			created: '2024-05-01T10:00:00Z',
			config: { Cmd: ['/bin/sh'] },
			rootfs: { type: 'layers', diff_ids: diffIds },
			history: layers.map((files) => ({ created_by: `COPY ${Object.keys(files).join(' ')}` })),
			...more,
		}),
	);
	return { id: sha256(config), config, layers: tars, diffIds };
}

/** The entries of a docker-archive as skopeo lays them out: `<diffID>.tar`. */
export function dockerMembers(
	images: readonly { readonly image: MadeImage; readonly tags?: readonly string[] }[],
): readonly Member[] {
	const members = new Map<string, Member>();
	const manifest = images.map(({ image, tags }) => {
		const configName = `${image.id.slice(7)}.json`;
		members.set(configName, { name: configName, body: image.config });
		const layers = image.layers.map((body, index) => {
			const name = `${image.diffIds[index]?.slice(7)}.tar`;
			members.set(name, { name, body });
			return name;
		});
		return { Config: configName, RepoTags: tags ?? null, Layers: layers };
	});
	return [...members.values(), { name: 'manifest.json', body: JSON.stringify(manifest) }];
}

/** The blobs of one image in an OCI layout, and the descriptor of its manifest. */
export function ociImage(
	image: MadeImage,
	packing: Packing = 'gzip',
): { readonly members: readonly Member[]; readonly descriptor: object } {
	const pack = {
		none: (tar: Buffer) => tar,
		gzip: (tar: Buffer) => gzipSync(tar),
		zstd: (tar: Buffer) => zstdCompressSync(tar),
	};
	const suffix = packing === 'none' ? '' : `+${packing}`;
	const layers = image.layers.map(pack[packing]);
	const describe = (body: Buffer, mediaType: string) => ({ mediaType, digest: sha256(body), size: body.length });
	const manifest = Buffer.from(
		JSON.stringify({
			schemaVersion: 2,
			config: describe(image.config, 'application/vnd.oci.image.config.v1+json'),
			layers: layers.map((body) => describe(body, `application/vnd.oci.image.layer.v1.tar${suffix}`)),
		}),
	);
	return {
		members: [image.config, manifest, ...layers].map(blobMember),
		descriptor: describe(manifest, 'application/vnd.oci.image.manifest.v1+json'),
	};
}

/** A blob's entry in an OCI layout. */
export function blobMember(body: Uint8Array): Member {
	return { name: `blobs/sha256/${sha256(body).slice(7)}`, body };
}

/** The entries of an OCI layout around those descriptors. */
export function ociMembers(descriptors: readonly object[], members: readonly Member[]): readonly Member[] {
	return [
		{ name: 'oci-layout', body: JSON.stringify({ imageLayoutVersion: '1.0.0' }) },
		{ name: 'index.json', body: JSON.stringify({ schemaVersion: 2, manifests: descriptors }) },
		...members,
	];
}

/** An archive of the entries, in order. */
export function archiveOf(members: readonly Member[]): Buffer {
	const blocks = members.flatMap(({ name, body = '', symlink, hardlink }) => {
		const content = typeof body === 'string' ? Buffer.from(body) : Buffer.from(body);
		const header = Buffer.alloc(512);
		header.write(name, 0);
		header.write('0000644\0', 100);
		header.write('0000000\0', 108);
		header.write('0000000\0', 116);
		header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
		header.write('00000000000\0', 136);
		header.write('        ', 148);
		header.write(symlink === undefined ? (hardlink === undefined ? '0' : '1') : '2', 156);
		header.write(symlink ?? hardlink ?? '', 157);
		header.write('ustar\x0000', 257);
		const sum = header.reduce((total, byte) => total + byte, 0);
		header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
		return [header, content, Buffer.alloc((512 - (content.length % 512)) % 512)];
	});
	return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** `sha256:` and hex. */
export function sha256(bytes: Uint8Array): string {
	return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
