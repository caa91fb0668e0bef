import { execFileSync, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Debian's docker-registry on loopback, with nothing shared with any other. */
export interface DockerRegistry {
	/** `127.0.0.1:port`. */
	readonly host: string;
	/** Everything that it was asked, one line each. */
	log(): string;
	/** Ends it and waits; its directory stays. */
	stop(): Promise<void>;
}

/** What is asked of a registry besides running. */
export interface RegistryWishes {
	/** Directory with `registry.crt` and `registry.key`. */
	readonly certificates?: string;
	/** A file of htpasswd lines with bcrypt. */
	readonly passwords?: string;
}

/** Somebody called sailor with the password "s3cret-ahoy"; bcrypt, 2^5 rounds. */
export const sailor = {
	user: 'sailor',
	password: 's3cret-ahoy',
	line: 'sailor:$2b$05$LTb25GQw2mWDIh5dUG2MueMu8Xb/.zucaB/N0GRsunfMoujFlEntC',
};

const startLimitMs = 30_000;

/** Starts a registry that keeps its blobs below `directory`, and waits until it answers. */
export async function startDockerRegistry(directory: string, wishes: RegistryWishes = {}): Promise<DockerRegistry> {
	mkdirSync(directory, { recursive: true });
	const port = await freePort();
	const host = `127.0.0.1:${port}`;
	const { certificates, passwords } = wishes;
	const config = {
		version: '0.1',
		log: { accesslog: { disabled: false } },
		storage: { filesystem: { rootdirectory: join(directory, 'data') }, delete: { enabled: true } },
		http: {
			addr: host,
			...(certificates === undefined
				? {}
				: { tls: { certificate: join(certificates, 'registry.crt'), key: join(certificates, 'registry.key') } }),
		},
		...(passwords === undefined ? {} : { auth: { htpasswd: { realm: 'harbour', path: passwords } } }),
	};
	const configFile = join(directory, 'config.yml');
	// JSON is YAML.
	writeFileSync(configFile, JSON.stringify(config));
	const logFile = join(directory, 'registry.log');
	const log = openSync(logFile, 'w');
	const child = spawn('docker-registry', ['serve', configFile], { stdio: ['ignore', log, log] });
	closeSync(log);
	const ended = new Promise<void>((resolve) => {
		child.once('exit', () => resolve());
		child.once('error', () => resolve());
	});
	const stop = async () => {
		if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
		await ended;
	};
	for (const deadline = Date.now() + startLimitMs; ; await sleep(50)) {
		if (await answers(port)) return { host, log: () => readFileSync(logFile, 'utf8'), stop };
		const isGone = child.pid === undefined || child.exitCode !== null;
		if (!isGone && Date.now() < deadline) continue;
		await stop();
		throw new Error(`docker-registry did not start; its last words:\n${readFileSync(logFile, 'utf8').slice(-2000)}`);
	}
}

/**
 * A certificate for 127.0.0.1 and the authority that signed it: `ca.crt`, `registry.crt`, `registry.key`; and one for
 * who asks, of the same authority: `client.cert`, `client.key`.
 */
export function makeCertificates(directory: string): string {
	mkdirSync(directory, { recursive: true });
	const at = (name: string) => join(directory, name);
	const openssl = (...words: string[]) => execFileSync('openssl', words, { stdio: 'pipe' });
	const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
	openssl('req', '-x509', ...key, '-keyout', at('ca.key'), '-out', at('ca.crt'), '-subj', '/CN=test authority');
	const sign = (name: string, subject: string, extension: string) => {
		const stem = name.slice(0, name.indexOf('.'));
		openssl('req', ...key.slice(0, 5), '-keyout', at(`${stem}.key`), '-out', at('request'), '-subj', `/CN=${subject}`);
		writeFileSync(at('extension'), `${extension}\n`);
		openssl(
			...['x509', '-req', '-in', at('request'), '-CA', at('ca.crt'), '-CAkey', at('ca.key'), '-CAcreateserial'],
			...['-out', at(name), '-days', '2', '-extfile', at('extension')],
		);
	};
	sign('registry.crt', '127.0.0.1', 'subjectAltName=IP:127.0.0.1,DNS:localhost');
	sign('client.cert', 'sailor', 'extendedKeyUsage=clientAuth');
	return directory;
}

async function answers(port: number): Promise<boolean> {
	return new Promise((resolve) => {
		// A registry with TLS answers plain HTTP with 400: that will do.
		const request = http.get({ host: '127.0.0.1', port, path: '/v2/' }, (response) => {
			response.resume();
			resolve(true);
		});
		request.on('error', () => resolve(false));
	});
}

/** A port that nobody listened on a moment ago. */
export async function freePort(): Promise<number> {
	return new Promise((resolve, reject) => {
		const server = createServer();
		server.once('error', reject);
		server.listen(0, '127.0.0.1', () => {
			const address = server.address();
			server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
		});
	});
}
