import { isIP } from 'node:net';

const hubRegistry = 'docker.io';
const hubApiHost = 'registry-1.docker.io';
/** The key that Docker keeps a login for Docker Hub under. Source: docker/cli cli/registry IndexServer */
const hubLoginKey = 'https://index.docker.io/v1/';

/** The host that answers for a registry: Docker Hub's name is not that of its API. */
export function apiHostOf(registry: string): string {
	return registry === hubRegistry ? hubApiHost : registry;
}

/** The key of a registry in Docker's `config.json` and for credential helpers. */
export function loginKeyOf(registry: string): string {
	return registry === hubRegistry ? hubLoginKey : registry;
}

/** True for this machine itself, where plain HTTP shows nothing to anybody. Takes a host with or without a port. */
export function isLoopback(host: string): boolean {
	const name = hostName(host);
	return name === 'localhost' || name === '::1' || (isIP(name) === 4 && name.startsWith('127.'));
}

function hostName(host: string): string {
	const bracketed = /^\[([^\]]*)\]/.exec(host);
	return (bracketed?.[1] ?? host.replace(/:\d+$/, '')).toLowerCase();
}

/** True where both URLs are the same scheme, host and port: only then may credentials go along. */
export function sameOrigin(left: URL, right: URL): boolean {
	return left.protocol === right.protocol && left.host === right.host;
}
