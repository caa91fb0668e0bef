import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { type MadeImage, sha256 } from './image-archives.ts';

/** One request as it came in. */
export interface SeenRequest {
	readonly method: string;
	readonly path: string;
	readonly headers: http.IncomingHttpHeaders;
	readonly body: Buffer;
	/** The name in the certificate that was shown; undefined where none was. */
	readonly shown: string | undefined;
}

/** Answers in the registry's place; true where it has. */
export type Lie = (request: SeenRequest, response: http.ServerResponse) => boolean;

/** A registry in this process that is honest until it is told to lie. */
export interface LyingRegistry {
	readonly host: string;
	readonly origin: string;
	readonly seen: SeenRequest[];
	lie: Lie;
	/** Serves an image under `repository:tag`; gives its digests. */
	serve(image: MadeImage, name: string, tag: string): ServedImage;
	/** Serves any document as a manifest. */
	serveManifest(name: string, tag: string, document: object, mediaType: string): string;
	stop(): Promise<void>;
}

/** What a served image consists of. */
export interface ServedImage {
	readonly manifestDigest: string;
	readonly manifestBytes: Buffer;
	readonly layers: readonly { readonly digest: string; readonly bytes: Buffer }[];
}

const manifestType = 'application/vnd.oci.image.manifest.v1+json';

/** Starts one; with certificates it speaks TLS. */
export async function startLyingRegistry(certificates?: string): Promise<LyingRegistry> {
	const blobs = new Map<string, Buffer>();
	const manifests = new Map<string, { readonly bytes: Buffer; readonly mediaType: string }>();
	const seen: SeenRequest[] = [];
	const answer = (message: http.IncomingMessage, response: http.ServerResponse) => {
		const chunks: Buffer[] = [];
		message.on('data', (chunk: Buffer) => chunks.push(chunk));
		message.on('error', () => {});
		response.on('error', () => {});
		message.on('end', () => {
			const { method = '', url: path = '', headers } = message;
			const { socket } = message;
			const shown =
				socket instanceof TLSSocket && socket.authorized ? socket.getPeerCertificate().subject.CN : undefined;
			const request = { method, path, headers, body: Buffer.concat(chunks), shown: shown?.toString() };
			seen.push(request);
			if (!registry.lie(request, response)) honest(request, response);
		});
	};
	const honest = ({ method, path, headers, body }: SeenRequest, response: http.ServerResponse) => {
		const send = (status: number, bytes: Buffer | string, more: http.OutgoingHttpHeaders = {}) => {
			response.writeHead(status, { 'content-length': Buffer.byteLength(bytes), ...more });
			response.end(method === 'HEAD' ? undefined : bytes);
		};
		const url = new URL(path, 'http://any');
		if (url.pathname === '/v2/') return send(200, '{}');
		const manifest = /^\/v2\/(.+)\/manifests\/(.+)$/.exec(url.pathname);
		if (manifest !== null) {
			const [, name = '', reference = ''] = manifest;
			if (method === 'PUT') {
				manifests.set(`${name}:${reference}`, { bytes: body, mediaType: headers['content-type'] ?? '' });
				return send(201, '', { 'docker-content-digest': sha256(body) });
			}
			const found = manifests.get(`${name}:${reference}`);
			if (found === undefined) {
				return send(404, JSON.stringify({ errors: [{ code: 'MANIFEST_UNKNOWN', message: 'manifest unknown' }] }));
			}
			return send(200, found.bytes, { 'content-type': found.mediaType, 'docker-content-digest': sha256(found.bytes) });
		}
		if (method === 'POST') return send(202, '', { location: '/v2/upload/1?state=x' });
		if (method === 'PUT') {
			blobs.set(url.searchParams.get('digest') ?? '', body);
			return send(201, '');
		}
		const found = blobs.get(/\/blobs\/(.+)$/.exec(url.pathname)?.[1] ?? '');
		if (found === undefined) return send(404, '');
		const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
		if (from === 0) return send(200, found);
		return send(206, found.subarray(from), { 'content-range': `bytes ${from}-${found.length - 1}/${found.length}` });
	};
	const server =
		certificates === undefined
			? http.createServer(answer)
			: https.createServer(
					{
						cert: readFileSync(join(certificates, 'registry.crt')),
						key: readFileSync(join(certificates, 'registry.key')),
						ca: readFileSync(join(certificates, 'ca.crt')),
						requestCert: true,
						rejectUnauthorized: false,
					},
					answer,
				);
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const address = server.address();
	const port = typeof address === 'object' && address !== null ? address.port : 0;
	const registry: LyingRegistry = {
		host: `127.0.0.1:${port}`,
		origin: `${certificates === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
		seen,
		lie: () => false,
		serve: (image, name, tag) => {
			const layers = image.layers.map((tar) => {
				const bytes = gzipSync(tar);
				return { digest: sha256(bytes), bytes };
			});
			for (const { digest, bytes } of layers) blobs.set(digest, bytes);
			blobs.set(image.id, image.config);
			const document = {
				schemaVersion: 2,
				config: {
					mediaType: 'application/vnd.oci.image.config.v1+json',
					digest: image.id,
					size: image.config.length,
				},
				layers: layers.map(({ digest, bytes }) => ({
					mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
					digest,
					size: bytes.length,
				})),
			};
			const manifestDigest = registry.serveManifest(name, tag, document, manifestType);
			return { manifestDigest, manifestBytes: Buffer.from(JSON.stringify(document)), layers };
		},
		serveManifest: (name, tag, document, mediaType) => {
			const bytes = Buffer.from(JSON.stringify(document));
			manifests.set(`${name}:${tag}`, { bytes, mediaType });
			manifests.set(`${name}:${sha256(bytes)}`, { bytes, mediaType });
			return sha256(bytes);
		},
		stop: () =>
			new Promise((resolve) => {
				server.close(() => resolve());
				server.closeAllConnections();
			}),
	};
	return registry;
}
