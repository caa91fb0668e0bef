import { EngineError } from '../../errors.ts';
import type { RegistryAccess } from '../../registry-port.ts';
import { Authorizer } from './authorizer.ts';
import { type Credentials, findCredentials } from './docker-logins.ts';
import { apiHostOf, isLoopback } from './endpoint.ts';
import { openConnections } from './http-exchange.ts';
import type { RegistryLimits } from './limits.ts';
import { networkFailure, speaksNoTls } from './network-failure.ts';
import { RegistryClient } from './registry-client.ts';
import { readTrust } from './trust.ts';

/** What does not depend on who asks for what. */
export interface RegistrySettings {
	readonly limits: RegistryLimits;
	/** Stands in for the host of Docker Hub's API. */
	readonly hubHost?: string | undefined;
	readonly now: () => number;
}

/** A registry that answers. `close` it. */
export interface RegistrySession {
	readonly client: RegistryClient;
	readonly close: () => void;
}

/**
 * Finds out how a registry is spoken to: TLS first; plain HTTP only where the registry has no TLS, and only on this
 * machine itself or where checking certificates was given up.
 * @throws EngineError unavailable, bad-answer, invalid-argument
 */
export async function openSession(
	registry: string,
	access: RegistryAccess,
	settings: RegistrySettings,
	login?: Credentials,
): Promise<RegistrySession> {
	const { limits, now } = settings;
	const host = settings.hubHost !== undefined && registry === 'docker.io' ? settings.hubHost : apiHostOf(registry);
	const connections = openConnections(readTrust(host, access), limits.idleMs);
	const clientOn = (base: URL) =>
		new RegistryClient({
			registry,
			base,
			connections,
			limits,
			now,
			authorizer: new Authorizer({
				registry,
				base,
				connections,
				limits,
				now,
				signal: access.signal,
				credentials: async () => login ?? (await findCredentials(access.loginsFile, registry, access.signal)),
			}),
		});
	try {
		const secure = clientOn(new URL(`https://${host}`));
		let client = secure;
		try {
			await greet(secure, access.signal);
		} catch (error) {
			const mayBePlain = isLoopback(host) || !access.tlsVerify;
			if (!mayBePlain || !(error instanceof EngineError) || !speaksNoTls(error.cause)) throw error;
			client = clientOn(new URL(`http://${host}`));
			await greet(client, access.signal);
		}
		return { client, close: connections.close };
	} catch (error) {
		connections.close();
		throw networkFailure(error, registry);
	}
}

/** The registry's own question for who asks comes with this answer. Spec: distribution-spec spec.md#determining-support (v1.1.1) */
async function greet(client: RegistryClient, signal: AbortSignal | undefined): Promise<void> {
	const { registry, authorizer } = client.world;
	// 403 and 404: some registries answer so to who is not known; what matters is asked later.
	const answer = await client.request({
		method: 'GET',
		at: '',
		what: 'talk',
		scopes: [],
		expected: [401, 403, 404],
		signal,
	});
	answer.discard();
	if (answer.status === 401 && !authorizer.learn(answer, [])) {
		throw new EngineError('bad-answer', { registry, why: 'it wants a login of a kind that is not known' });
	}
}
