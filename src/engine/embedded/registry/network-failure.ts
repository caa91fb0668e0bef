import { EngineError } from '../../errors.ts';
import { printable } from '../../oci/printable.ts';
import { IdleConnection } from './http-exchange.ts';

/** What may go better the next time. */
const passing = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EAI_AGAIN', 'HPE_INVALID_EOF_STATE', 'ECONNABORTED']);
/** What OpenSSL says where the other side speaks plain HTTP. */
const notTls = new Set([
	'EPROTO',
	'ERR_SSL_WRONG_VERSION_NUMBER',
	'ERR_SSL_PACKET_LENGTH_TOO_LONG',
	'ERR_SSL_HTTP_REQUEST',
]);

const words: Readonly<Record<string, string>> = {
	ECONNREFUSED: 'nothing listens there',
	ENOTFOUND: 'its name is not known',
	EAI_AGAIN: 'its name cannot be looked up now',
	EHOSTUNREACH: 'there is no way to it',
	ENETUNREACH: 'there is no way to it',
	ECONNRESET: 'it cuts the connection',
	EPIPE: 'it cuts the connection',
	ETIMEDOUT: 'it does not answer',
	CERT_HAS_EXPIRED: 'its certificate has expired',
	ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
};
const unknownAuthority = new Set([
	'DEPTH_ZERO_SELF_SIGNED_CERT',
	'SELF_SIGNED_CERT_IN_CHAIN',
	'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
	'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
	'UNABLE_TO_GET_ISSUER_CERT',
]);

/** True where trying again is worth it. */
export function isPassing(error: unknown): boolean {
	return error instanceof IdleConnection || passing.has(codeOf(error));
}

/** True where TLS was tried and the other side does not speak it. */
export function speaksNoTls(error: unknown): boolean {
	return notTls.has(codeOf(error));
}

/** What Node says of a connection, as a sentence; EngineErrors and other things stay as they are. */
export function networkFailure(error: unknown, registry: string): unknown {
	if (error instanceof EngineError || !(error instanceof Error)) return error;
	if (error instanceof IdleConnection) {
		return new EngineError('unavailable', { registry, why: 'it sends nothing any more' }, { cause: error });
	}
	const code = codeOf(error);
	if (unknownAuthority.has(code)) {
		return new EngineError(
			'unavailable',
			{ registry, why: 'its certificate is not signed by an authority that this host trusts' },
			{ cause: error, hint: 'Name its authority with --ca-file, or do without with --tls-verify=false.' },
		);
	}
	if (speaksNoTls(error)) {
		return new EngineError(
			'unavailable',
			{ registry, why: 'it speaks no TLS' },
			{ cause: error, hint: 'Where that is meant, use --tls-verify=false; everything then travels in the clear.' },
		);
	}
	if (code === '') return error;
	return new EngineError('unavailable', { registry, why: words[code] ?? printable(code) }, { cause: error });
}

function codeOf(error: unknown): string {
	return error instanceof Error && 'code' in error ? String(error.code) : '';
}
