import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getCACertificates } from 'node:tls';
import { EngineError } from '../../errors.ts';
import { printable } from '../../oci/printable.ts';
import type { RegistryAccess } from '../../registry-port.ts';

/** Whom TLS trusts, and who we say we are. */
export interface Trust {
	readonly rejectUnauthorized: boolean;
	readonly ca?: string[];
	readonly cert?: string;
	readonly key?: string;
}

const dockerCertificates = '/etc/docker/certs.d';

/**
 * What TLS needs for one registry host: the system's authorities and those that were named.
 * @throws EngineError invalid-argument where a named file or directory cannot be read
 */
export function readTrust(host: string, access: RegistryAccess): Trust {
	const named = access.certificatesDirectory;
	const found = readCertificates(named ?? join(dockerCertificates, host), named !== undefined);
	const own = access.caFile === undefined ? [] : [readNamed(access.caFile, 'the file of authorities')];
	const authorities = [...own, ...found.authorities];
	return {
		rejectUnauthorized: access.tlsVerify,
		...(authorities.length === 0
			? {}
			: { ca: [...getCACertificates('default'), ...getCACertificates('system'), ...authorities] }),
		...(found.cert === undefined || found.key === undefined ? {} : { cert: found.cert, key: found.key }),
	};
}

/** As Docker has it: `*.crt` are authorities, `NAME.cert` with `NAME.key` is what we show. */
function readCertificates(
	directory: string,
	isNamed: boolean,
): { readonly authorities: readonly string[]; readonly cert?: string; readonly key?: string } {
	let names: readonly string[];
	try {
		names = readdirSync(directory).sort();
	} catch (error) {
		if (!isNamed) return { authorities: [] };
		throw unreadable('the directory of certificates', directory, error);
	}
	const read = (name: string) => readNamed(join(directory, name), 'the certificate');
	const authorities = names.filter((name) => name.endsWith('.crt')).map(read);
	const cert = names.find((name) => name.endsWith('.cert') && names.includes(name.replace(/\.cert$/, '.key')));
	if (cert === undefined) return { authorities };
	return { authorities, cert: read(cert), key: read(cert.replace(/\.cert$/, '.key')) };
}

function readNamed(path: string, what: string): string {
	try {
		return readFileSync(path, 'utf8');
	} catch (error) {
		throw unreadable(what, path, error);
	}
}

function unreadable(what: string, path: string, cause: unknown): EngineError<'invalid-argument'> {
	const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'it is not readable';
	return new EngineError('invalid-argument', { argument: `${what} ${printable(path)}`, why: code }, { cause });
}
