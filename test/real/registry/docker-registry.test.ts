import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { unlinkTree } from '../../../src/engine/embedded/layers/unlink-tree.ts';
import type { ReferenceText } from '../../../src/engine/model.ts';
import { debianLayer } from '../../support/debian-layers.ts';
import { startDockerDaemon } from '../../support/docker-daemon.ts';
import { type DockerRegistry, makeCertificates, sailor, startDockerRegistry } from '../../support/docker-registry.ts';
import { archiveOf, dockerMembers, makeImage } from '../../support/image-archives.ts';
import { failureOf, type RegistryWorld, registryWorld } from '../../support/registry-world.ts';

/** Debian's own files below two small layers; what every witness has to agree on. */
const reference = (host: string) => `${host}/fleet/app:1`;

let directory: string;
let registry: DockerRegistry;
let world: RegistryWorld;
/** As another program took it in. */
let source: { readonly id: string; readonly diffIds: readonly string[] };

const at = (name: string) => join(directory, name);
const skopeo = (...words: string[]) =>
	execFileSync('skopeo', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
const inspect = (host: string, ...more: string[]) => ({
	manifest: JSON.parse(skopeo('inspect', '--raw', '--tls-verify=false', ...more, `docker://${reference(host)}`)),
	config: JSON.parse(skopeo('inspect', '--config', '--tls-verify=false', ...more, `docker://${reference(host)}`)),
	digest: JSON.parse(skopeo('inspect', '--tls-verify=false', ...more, `docker://${reference(host)}`)).Digest,
});
const requests = (pattern: RegExp) =>
	registry
		.log()
		.split('\n')
		.filter((line) => pattern.test(line));

beforeAll(async () => {
	directory = mkdtempSync(join(tmpdir(), 'tonnage-real-registry-'));
	registry = await startDockerRegistry(at('registry'));
	const maker = registryWorld();
	try {
		const path = await debianLayer(['base-files', 'busybox-static', 'perl-base']);
		const name = 'fleet/app:1' as ReferenceText;
		await maker.images.import(
			{ type: 'path', path },
			{ reference: `docker.io/${name}` as ReferenceText, message: '', changes: ['CMD sh'] },
		);
		const archive: Uint8Array[] = [];
		for await (const chunk of maker.images.save(['fleet/app:1'], {})) archive.push(Buffer.from(chunk));
		writeFileSync(at('app.tar'), Buffer.concat(archive));
		const detail = await maker.images.inspect('fleet/app:1');
		source = { id: detail.id, diffIds: detail.layers.map(({ diffId }) => diffId) };
	} finally {
		maker.remove();
	}
}, 60_000);

afterAll(async () => {
	await registry?.stop();
	if (directory !== undefined) unlinkTree(directory);
});

beforeEach(() => {
	world = registryWorld();
});

afterEach(() => world.remove());

async function loadAs(name: string): Promise<void> {
	await world.images.load({ type: 'path', path: at('app.tar') }, {});
	await world.images.tag('fleet/app:1', name as ReferenceText);
}

describe('what skopeo pushed', () => {
	beforeAll(() => {
		skopeo(
			'copy',
			'--quiet',
			'--dest-tls-verify=false',
			`docker-archive:${at('app.tar')}`,
			`docker://${reference(registry.host)}`,
		);
	});

	test('is pulled with the same ID, diffIDs and digest, and goes back without a byte of a layer', async () => {
		const theirs = inspect(registry.host);
		const pulled = await world.registry.pull(reference(registry.host), world.pullOptions);
		expect(pulled).toMatchObject({ id: theirs.manifest.config.digest, digest: theirs.digest });
		const detail = await world.images.inspect(pulled.reference);
		expect(detail.layers.map(({ diffId }) => diffId)).toEqual(theirs.config.rootfs.diff_ids);
		expect(detail.layers.map(({ diffId }) => diffId)).toEqual(source.diffIds);

		const before = requests(/"(PUT|PATCH|POST) /).length;
		const pushed = await world.registry.push(reference(registry.host), world.access);
		expect(pushed).toMatchObject({ digest: theirs.digest, sentLayers: 0 });
		// The manifest alone.
		expect(requests(/"(PUT|PATCH|POST) /).length - before).toBe(1);
	});

	test('goes to another repository of that registry without travelling, under its old digest', async () => {
		const theirs = inspect(registry.host);
		await world.registry.pull(reference(registry.host), world.pullOptions);
		const copy = `${registry.host}/copies/app:1`;
		await world.images.tag(reference(registry.host), copy as ReferenceText);
		const pushed = await world.registry.push(copy, { ...world.access, onStep: world.pullOptions.onStep ?? (() => {}) });
		expect(pushed).toMatchObject({ digest: theirs.digest, sentLayers: 0 });
		expect(world.steps).toContainEqual(expect.stringContaining('Mounted from fleet/app'));
		expect(await world.registry.pull(copy, world.pullOptions)).toMatchObject({ digest: theirs.digest });
	});

	test('goes elsewhere with another digest, which is told beforehand, and with the same ID', async () => {
		const other = await startDockerRegistry(at('other'));
		try {
			await world.registry.pull(reference(registry.host), world.pullOptions);
			await world.images.tag(reference(registry.host), reference(other.host) as ReferenceText);
			world.steps.length = 0;
			const onStep = world.pullOptions.onStep ?? (() => {});
			const pushed = await world.registry.push(reference(other.host), { ...world.access, onStep });
			const said = world.steps.findIndex((text) => text.startsWith('The manifest’s digest will change'));
			expect(said).toBeGreaterThan(-1);
			expect(said).toBeLessThan(world.steps.findIndex((text) => text.endsWith(': Pushed')));
			const ours = inspect(other.host);
			expect([ours.manifest.config.digest, ours.digest]).toEqual([source.id, pushed.digest]);
		} finally {
			await other.stop();
		}
	});
});

describe('what we push', () => {
	test('skopeo and docker read with the same ID and diffIDs; a second push sends nothing; equal stores send equal bytes', async () => {
		const name = `${registry.host}/ours/app:1`;
		await loadAs(name);
		const pushed = await world.registry.push(name, world.access);
		expect(pushed.sentLayers).toBe(source.diffIds.length);
		const raw = JSON.parse(skopeo('inspect', '--raw', '--tls-verify=false', `docker://${name}`));
		const config = JSON.parse(skopeo('inspect', '--config', '--tls-verify=false', `docker://${name}`));
		expect([raw.config.digest, config.rootfs.diff_ids]).toEqual([source.id, source.diffIds]);
		skopeo('copy', '--quiet', '--src-tls-verify=false', `docker://${name}`, `dir:${at('copied')}`);

		const before = requests(/"(PUT|PATCH|POST) /).length;
		expect(await world.registry.push(name, world.access)).toMatchObject({ digest: pushed.digest, sentLayers: 0 });
		expect(requests(/"(PUT|PATCH|POST) /).length - before).toBe(1);

		const again = registryWorld();
		try {
			await again.images.load({ type: 'path', path: at('app.tar') }, {});
			const fresh = `${registry.host}/again/app:1`;
			await again.images.tag('fleet/app:1', fresh as ReferenceText);
			expect((await again.registry.push(fresh, again.access)).digest).toBe(pushed.digest);
		} finally {
			again.remove();
		}

		const docker = await startDockerDaemon(at('d'));
		try {
			const options = { env: docker.env, encoding: 'utf8' } as const;
			execFileSync('docker', ['pull', '--quiet', name], options);
			const format = ['--format', '{{.Id}} {{json .RootFS.Layers}}'];
			const [id, layers = ''] = execFileSync('docker', ['image', 'inspect', ...format, name], options)
				.trim()
				.split(' ');
			expect([id, JSON.parse(layers)]).toEqual([source.id, source.diffIds]);
		} finally {
			await docker.stop();
		}
	});

	test('keeps Docker’s media types for an image that came with them', async () => {
		const image = makeImage([{ 'bin/sh': '#!\n' }, { 'srv/app': 'app\n' }]);
		writeFileSync(at('small.tar'), archiveOf(dockerMembers([{ image, tags: ['small:1'] }])));
		await world.images.load({ type: 'path', path: at('small.tar') }, {});
		const name = `${registry.host}/small:1`;
		await world.images.tag('small:1', name as ReferenceText);
		await world.registry.push(name, world.access);
		const raw = JSON.parse(skopeo('inspect', '--raw', '--tls-verify=false', `docker://${name}`));
		expect([
			raw.mediaType,
			raw.config.mediaType,
			...raw.layers.map((layer: { mediaType: string }) => layer.mediaType),
		]).toEqual([
			'application/vnd.docker.distribution.manifest.v2+json',
			'application/vnd.docker.container.image.v1+json',
			...image.layers.map(() => 'application/vnd.docker.image.rootfs.diff.tar.gzip'),
		]);
	});

	test('needs a name that the image has', async () => {
		const error = await failureOf(world.registry.push(`${registry.host}/nothing:1`, world.access));
		expect([error.code, error.hint]).toEqual(['not-found', expect.stringContaining('tonnage tag')]);
	});
});

describe('a registry with passwords and TLS', () => {
	let guarded: DockerRegistry;
	let certificates: string;
	beforeAll(async () => {
		certificates = makeCertificates(at('certificates'));
		writeFileSync(at('htpasswd'), `${sailor.line}\n`);
		guarded = await startDockerRegistry(at('guarded'), { certificates, passwords: at('htpasswd') });
	});
	afterAll(() => guarded?.stop());

	const { user, password } = sailor;
	const trusting = () => ({ ...world.access, caFile: join(certificates, 'ca.crt') });

	test('takes a push and gives a pull to who is logged in, by an authority of its own', async () => {
		const name = `${guarded.host}/fleet/app:1`;
		await loadAs(name);
		const stranger = await failureOf(world.registry.push(name, trusting()));
		expect(stranger.code).toBe('unauthorized');
		await world.registry.login(guarded.host, { user, password }, trusting());
		const pushed = await world.registry.push(name, trusting());
		expect(inspect(guarded.host, `--creds=${user}:${password}`).manifest.config.digest).toBe(source.id);
		await world.images.remove(name, { force: true });
		expect(await world.registry.pull(name, { ...world.pullOptions, ...trusting() })).toMatchObject({
			id: source.id,
			digest: pushed.digest,
		});
		await world.registry.logout(guarded.host, world.access);
		expect((await failureOf(world.registry.manifest(name, trusting()))).code).toBe('unauthorized');
	});

	test('is not spoken to with a certificate that nobody knows, unless that was given up', async () => {
		const login = () => world.registry.login(guarded.host, { user, password }, world.access);
		expect((await failureOf(login())).hint).toContain('--ca-file');
		await world.registry.login(guarded.host, { user, password }, { ...world.access, tlsVerify: false });
	});

	test('refuses a wrong password, and nothing of it is told', async () => {
		const wrong = { user, password: 'not-the-s3cret' };
		const error = await failureOf(world.registry.login(guarded.host, wrong, trusting()));
		expect(error.code).toBe('unauthorized');
		expect(`${error.message} ${error.hint}`).not.toContain('s3cret');
	});
});
