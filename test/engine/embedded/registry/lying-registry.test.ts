import { mkdtempSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { unlinkTree } from '../../../../src/engine/embedded/layers/unlink-tree.ts';
import type { EngineErrorCode } from '../../../../src/engine/errors.ts';
import { makeCertificates } from '../../../support/docker-registry.ts';
import { makeImage, sha256 } from '../../../support/image-archives.ts';
import { type Lie, type LyingRegistry, type ServedImage, startLyingRegistry } from '../../../support/lying-registry.ts';
import { expectNothingLeft, failureOf, type RegistryWorld, registryWorld } from '../../../support/registry-world.ts';

const good = makeImage([{ 'bin/sh': '#!\n' }, { 'srv/app': 'app\n'.repeat(50_000) }]);

let registry: LyingRegistry;
let served: ServedImage;
let world: RegistryWorld;

beforeEach(async () => {
	registry = await startLyingRegistry();
	served = registry.serve(good, 'app', '1');
	world = registryWorld();
});

afterEach(async () => {
	await registry.stop();
	world.remove();
});

const isLayer = (path: string) => served.layers.some(({ digest }) => path.endsWith(digest));
const isManifest = (path: string) => path.includes('/manifests/');
const isConfig = (path: string) => path.endsWith(good.id);
const bytesOf = (path: string) => served.layers.find(({ digest }) => path.endsWith(digest))?.bytes ?? Buffer.alloc(0);
const sizeOf = (path: string) => bytesOf(path).length;

const ociManifest = 'application/vnd.oci.image.manifest.v1+json';
const documentOf = (): { readonly config: object } => JSON.parse(served.manifestBytes.toString());

const gzipStart = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]);

/** The right layer but for one byte near its end. */
function twisted(path: string): Buffer {
	const bytes = Buffer.from(bytesOf(path));
	bytes.writeUInt8(bytes.readUInt8(bytes.length - 12) ^ 1, bytes.length - 12);
	return bytes;
}

function lieAbout(fits: (path: string) => boolean, tell: (response: ServerResponse, path: string) => void): Lie {
	return ({ path }, response) => {
		if (!fits(path)) return false;
		tell(response, path);
		return true;
	};
}

/** Writes without end, until the other side hangs up. */
function pour(response: ServerResponse): void {
	const chunk = Buffer.alloc(64 * 1024, 'x');
	const more = () => {
		while (!response.destroyed && response.write(chunk));
	};
	response.on('drain', more);
	more();
}

async function trickle(response: ServerResponse, bytes: Buffer): Promise<void> {
	for (let at = 0; !response.destroyed; at++) {
		response.write(bytes.subarray(at % bytes.length, (at % bytes.length) + 1));
		await sleep(40);
	}
}

const lies: readonly [string, EngineErrorCode, string, () => Lie][] = [
	[
		'another layer of the right size',
		'digest-mismatch',
		'Layer 1 of',
		() => lieAbout(isLayer, (response, path) => response.end(twisted(path))),
	],
	[
		'a layer that ends too early, every time',
		'size-mismatch',
		'should have',
		() =>
			lieAbout(isLayer, (response) => void response.writeHead(200, { 'transfer-encoding': 'chunked' }).end(gzipStart)),
	],
	[
		'a layer that announces another length',
		'size-mismatch',
		'should have',
		() => lieAbout(isLayer, (response) => response.end(Buffer.concat([gzipStart, Buffer.alloc(5000)]))),
	],
	[
		'a layer without end',
		'size-mismatch',
		'should have',
		() =>
			lieAbout(isLayer, (response, path) => {
				response.write(bytesOf(path));
				pour(response);
			}),
	],
	[
		'a layer in drops',
		'unavailable',
		'it sends next to nothing',
		() => lieAbout(isLayer, (response, path) => void trickle(response, bytesOf(path))),
	],
	[
		'a layer that stalls',
		'unavailable',
		'it sends nothing any more',
		() => lieAbout(isLayer, (response) => response.write(gzipStart)),
	],
	[
		'a layer that is cut at once, every time',
		'unavailable',
		'it cuts the connection',
		() =>
			lieAbout(isLayer, (response, path) => {
				response.writeHead(200, { 'content-length': sizeOf(path) });
				response.write(gzipStart);
				setTimeout(() => response.destroy(), 20);
			}),
	],
	[
		'no layer',
		'bad-answer',
		'its own manifest names',
		() => lieAbout(isLayer, (response) => response.writeHead(404).end()),
	],
	[
		'500 for ever',
		'unavailable',
		'it fails with status 500',
		() => lieAbout(isLayer, (response) => response.writeHead(500).end('\u001b[2J')),
	],
	[
		'429 for a day',
		'rate-limited',
		'takes no more requests',
		() => lieAbout(isLayer, (response) => response.writeHead(429, { 'retry-after': '86400' }).end()),
	],
	[
		'429 again and again',
		'rate-limited',
		'takes no more requests',
		() => lieAbout(isManifest, (response) => response.writeHead(429, { 'retry-after': '0' }).end()),
	],
	[
		'a redirect to itself',
		'bad-answer',
		'redirects more than 5 times',
		() => lieAbout(isLayer, (response, path) => response.writeHead(307, { location: path }).end()),
	],
	[
		'a redirect to nowhere',
		'bad-answer',
		'does not say where',
		() => lieAbout(isLayer, (response) => response.writeHead(307).end()),
	],
	[
		'a redirect to a file',
		'bad-answer',
		'to something else',
		() => lieAbout(isLayer, (response) => response.writeHead(307, { location: 'file:///etc/passwd' }).end()),
	],
	[
		'a redirect with a password',
		'bad-answer',
		'with a password in it',
		() => lieAbout(isLayer, (response) => response.writeHead(307, { location: 'http://a:b@127.0.0.1/' }).end()),
	],
	['a manifest without end', 'limit-exceeded', 'larger than', () => lieAbout(isManifest, pour)],
	[
		'a manifest in drops',
		'timeout',
		'did not finish',
		() => lieAbout(isManifest, (response) => void trickle(response, Buffer.from('{}'))),
	],
	[
		'a manifest that is none',
		'corrupt',
		'not valid JSON',
		() =>
			lieAbout(isManifest, (response) =>
				response.writeHead(200, { 'content-type': 'application/vnd.oci.image.manifest.v1+json' }).end('<html>'),
			),
	],
	[
		'a manifest with another digest than it says',
		'digest-mismatch',
		'manifest',
		() =>
			lieAbout(isManifest, (response) =>
				response.writeHead(200, { 'docker-content-digest': sha256(Buffer.from('x')) }).end(served.manifestBytes),
			),
	],
	[
		'a page in place of a manifest',
		'unsupported-media-type',
		'text/html',
		() => lieAbout(isManifest, (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('{}')),
	],
	[
		'another config of the right size',
		'digest-mismatch',
		'config',
		() => lieAbout(isConfig, (response) => response.end(Buffer.alloc(good.config.length, 1))),
	],
	['a config without end', 'limit-exceeded', 'larger than', () => lieAbout(isConfig, pour)],
	['a short config', 'size-mismatch', 'config', () => lieAbout(isConfig, (response) => response.end('{}'))],
	[
		'no config',
		'bad-answer',
		'its own manifest names',
		() => lieAbout(isConfig, (response) => response.writeHead(404).end()),
	],
	[
		'a range from elsewhere',
		'bad-answer',
		'from another place',
		() => lieAbout(isLayer, (response) => response.writeHead(206, { 'content-range': 'bytes 7-9/10' }).end('abc')),
	],
	[
		'words that move the cursor',
		'denied',
		'go away',
		() =>
			lieAbout(isManifest, (response) =>
				response
					.writeHead(403)
					.end(JSON.stringify({ errors: [{ code: 'DENIED', message: 'go\u001b[2J\n\u202e away' }] })),
			),
	],
	[
		'a strange status',
		'registry-refused',
		'status 418: short and stout',
		() =>
			lieAbout(isManifest, (response) =>
				response.writeHead(418).end('{"errors":[{"code":"TEAPOT","message":"short and stout"}]}'),
			),
	],
	[
		'a challenge of a kind nobody knows',
		'bad-answer',
		'a login of a kind',
		() =>
			lieAbout(
				() => true,
				(response) => response.writeHead(401, { 'www-authenticate': 'Negotiate abc' }).end(),
			),
	],
	[
		'a token server that is none',
		'bad-answer',
		'token server',
		() =>
			lieAbout(
				() => true,
				(response) => response.writeHead(401, { 'www-authenticate': 'Bearer realm="not a url"' }).end(),
			),
	],
	[
		'a token server far away without TLS',
		'bad-answer',
		'without TLS',
		() =>
			lieAbout(
				() => true,
				(response) => response.writeHead(401, { 'www-authenticate': 'Bearer realm="http://tokens.example/"' }).end(),
			),
	],
	[
		'a token that is a header of its own',
		'bad-answer',
		'gives no token',
		() =>
			({ path }, response) => {
				if (path.startsWith('/token')) response.end(JSON.stringify({ token: 'a\r\nx: y' }));
				else response.writeHead(401, { 'www-authenticate': `Bearer realm="${registry.origin}/token"` }).end();
				return true;
			},
	],
];

describe('a registry that gives', () => {
	test.each(lies)('%s: one clear sentence, and nothing is left', async (_, code, words, lie) => {
		registry.lie = lie();
		const error = await failureOf(world.registry.pull(`${registry.host}/app:1`, world.pullOptions));
		expect(`${error.code}: ${error.message}`).toContain(`${code}: `);
		expect(error.message).toContain(words.replaceAll('go away', 'go'));
		expectNothingLeft(world);
	});

	test('a manifest that needs more room than there is, is refused before a byte of a layer travels', async () => {
		const huge = {
			schemaVersion: 2,
			config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: good.id, size: good.config.length },
			layers: served.layers.map(({ digest }) => ({
				mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
				digest,
				size: 2 ** 52,
			})),
		};
		registry.serveManifest('app', 'huge', huge, 'application/vnd.oci.image.manifest.v1+json');
		const error = await failureOf(world.registry.pull(`${registry.host}/app:huge`, world.pullOptions));
		expect(error.code).toBe('out-of-space');
		expect(registry.seen.filter(({ path }) => isLayer(path))).toEqual([]);
		expectNothingLeft(world);
	});

	test('layers that lie elsewhere, is not followed there', async () => {
		const elsewhere = await startLyingRegistry();
		try {
			const layers = served.layers.map(({ digest, bytes }) => ({
				mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
				digest,
				size: bytes.length,
				urls: [`${elsewhere.origin}/${digest}`],
			}));
			registry.serveManifest('app', 'foreign', { ...documentOf(), layers }, ociManifest);
			registry.lie = lieAbout(isLayer, (response) => response.writeHead(404).end());
			const error = await failureOf(world.registry.pull(`${registry.host}/app:foreign`, world.pullOptions));
			expect(error.code).toBe('bad-answer');
			expect(elsewhere.seen).toEqual([]);
			expectNothingLeft(world);
		} finally {
			await elsewhere.stop();
		}
	});

	test.each<[string, EngineErrorCode, () => object]>([
		['that is an index as well', 'corrupt', () => ({ manifests: [] })],
		['that calls itself an index', 'corrupt', () => ({ mediaType: 'application/vnd.oci.image.index.v1+json' })],
		['of the first schema', 'unsupported', () => ({ schemaVersion: 1 })],
		[
			'with a path for a digest',
			'corrupt',
			() => ({ config: { ...documentOf().config, digest: 'sha256:../../etc/passwd' } }),
		],
		['with a negative size', 'corrupt', () => ({ config: { ...documentOf().config, size: -1 } })],
		['with fewer layers than its config', 'corrupt', () => ({ layers: [] })],
		[
			'of an artifact',
			'unsupported-media-type',
			() => ({ config: { ...documentOf().config, mediaType: 'application/x' } }),
		],
	])('a manifest %s is refused, and nothing is left', async (_, code, change) => {
		registry.serveManifest('app', 'odd', { ...documentOf(), ...change() }, ociManifest);
		const error = await failureOf(world.registry.pull(`${registry.host}/app:odd`, world.pullOptions));
		expect(`${error.code}: ${error.message}`).toContain(`${code}: `);
		expect(registry.seen.filter(({ path }) => isLayer(path))).toEqual([]);
		expectNothingLeft(world);
	});

	test('what a digest does not say is refused under that digest', async () => {
		registry.lie = lieAbout(isManifest, (response) =>
			response
				.writeHead(200, { 'content-type': 'application/vnd.oci.image.manifest.v1+json' })
				.end('{"schemaVersion":2}'),
		);
		const error = await failureOf(
			world.registry.pull(`${registry.host}/app@${served.manifestDigest}`, world.pullOptions),
		);
		expect(error.code).toBe('digest-mismatch');
		expectNothingLeft(world);
	});
});

describe('with TLS', () => {
	let certificates: string;
	beforeAll(() => {
		certificates = makeCertificates(mkdtempSync(join(tmpdir(), 'tonnage-tls-')));
	});
	afterAll(() => unlinkTree(certificates));

	test('a redirect to plain HTTP is refused, and nothing is asked there', async () => {
		const secure = await startLyingRegistry(certificates);
		try {
			served = secure.serve(good, 'app', '1');
			secure.lie = lieAbout(isLayer, (response, path) =>
				response.writeHead(307, { location: `${registry.origin}${path}` }).end(),
			);
			const options = { ...world.pullOptions, caFile: join(certificates, 'ca.crt') };
			const error = await failureOf(world.registry.pull(`${secure.host}/app:1`, options));
			expect(`${error.code}: ${error.message}`).toMatch(/^bad-answer: .*from https to something else/);
			expect(registry.seen).toEqual([]);
			expectNothingLeft(world);
		} finally {
			await secure.stop();
		}
	});

	test('a certificate that nobody vouches for is refused, also on this machine', async () => {
		const secure = await startLyingRegistry(certificates);
		try {
			const error = await failureOf(world.registry.pull(`${secure.host}/app:1`, world.pullOptions));
			expect(`${error.code}: ${error.message}`).toMatch(/^unavailable: .*not signed by an authority/);
			expect(secure.seen).toEqual([]);
		} finally {
			await secure.stop();
		}
	});

	test('a directory of certificates says whom to trust, and whom to say we are', async () => {
		const secure = await startLyingRegistry(certificates);
		try {
			secure.serve(good, 'app', '1');
			const options = { ...world.pullOptions, certificatesDirectory: certificates };
			expect(await world.registry.pull(`${secure.host}/app:1`, options)).toMatchObject({ id: good.id });
			expect(new Set(secure.seen.map(({ shown }) => shown))).toEqual(new Set(['sailor']));
			const missing = await failureOf(
				world.registry.pull(`${secure.host}/app:1`, { ...world.pullOptions, caFile: '/no/such/ca.crt' }),
			);
			expect(missing.code).toBe('invalid-argument');
		} finally {
			await secure.stop();
		}
	});
});

test('plain HTTP is spoken only with this machine, unless that was given up', async () => {
	// The kernel takes this for 127.0.0.1; for a person it is a name like any other.
	const far = `127.1:${registry.host.split(':')[1]}/app:1`;
	const error = await failureOf(world.registry.pull(far, world.pullOptions));
	expect(`${error.code}: ${error.message}`).toMatch(/^unavailable: .*it speaks no TLS/);
	expect(error.hint).toContain('--tls-verify=false');
	expect(registry.seen).toEqual([]);
	expectNothingLeft(world);
	expect(await world.registry.pull(far, { ...world.pullOptions, tlsVerify: false })).toMatchObject({ id: good.id });
});
