import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { ContainerPaths } from './container-paths.ts';
import type { ContainerSettings } from './container-record.ts';

const ownHosts = `127.0.0.1\tlocalhost
::1\tlocalhost ip6-localhost ip6-loopback
fe00::\tip6-localnet
ff00::\tip6-mcastprefix
ff02::1\tip6-allnodes
ff02::2\tip6-allrouters
`;

/** The container's own /etc/hosts, /etc/hostname and /etc/resolv.conf; what it changed in them stays. */
export function writeNetworkFiles(paths: ContainerPaths, settings: ContainerSettings): void {
	const hosts = settings.network === 'host' ? (readHost('/etc/hosts') ?? ownHosts) : ownHosts;
	writeOnce(paths.hosts, hosts);
	writeOnce(paths.hostname, `${settings.hostname}\n`);
	writeOnce(paths.resolvConf, readHost('/etc/resolv.conf') ?? '');
}

/** Where they are mounted, host path by path in the container. */
export function networkFileMounts(
	paths: ContainerPaths,
): readonly { readonly source: string; readonly target: string }[] {
	return [
		{ source: paths.hosts, target: '/etc/hosts' },
		{ source: paths.hostname, target: '/etc/hostname' },
		{ source: paths.resolvConf, target: '/etc/resolv.conf' },
	];
}

function writeOnce(path: string, text: string): void {
	if (existsSync(path)) return;
	writeFileSync(`${path}.new`, text);
	// Whatever the caller's umask says, users in the container may read.
	chmodSync(`${path}.new`, 0o644);
	renameSync(`${path}.new`, path);
}

function readHost(path: string): string | undefined {
	try {
		return readFileSync(path, 'utf8');
	} catch {
		return undefined;
	}
}
