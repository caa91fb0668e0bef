import { EngineError } from '../../errors.ts';
import { printable } from '../../oci/printable.ts';
import { canonicalReference, parseReference } from '../../reference.ts';
import type { Registry } from '../../registry-port.ts';
import type { Store } from '../store.ts';
import { forgetLogin, keepLogin } from './docker-logins.ts';
import { defaultLimits } from './limits.ts';
import { pullImage } from './pull.ts';
import { pushImage } from './push.ts';
import { readRemoteDocument } from './remote-image.ts';
import { openSession, type RegistrySettings } from './session.ts';

/** The port's registries over one store. Tests may give limits of their own and a stand-in for Docker Hub. */
export function createRegistry(store: Store, given: Partial<RegistrySettings> = {}): Registry {
	const settings: RegistrySettings = { limits: defaultLimits, now: store.now, ...given };
	return {
		pull: (name, options) => pullImage(store, settings, { name, options }),
		push: (name, options) => pushImage(store, settings, { name, options }),
		manifest: async (name, access) => {
			const reference = parseReference(canonicalReference(name));
			const session = await openSession(reference.registry, access, settings);
			try {
				const { bytes, digest, mediaType } = await readRemoteDocument(session.client, reference, access.signal);
				return { digest, mediaType, text: new TextDecoder().decode(bytes) };
			} finally {
				session.close();
			}
		},
		login: async (server, login, access) => {
			const registry = registryOf(server);
			const session = await openSession(registry, access, settings, { type: 'password', ...login });
			try {
				const answer = await session.client.request({
					method: 'GET',
					at: '',
					what: 'log in',
					scopes: [],
					signal: access.signal,
				});
				answer.discard();
			} finally {
				session.close();
			}
			return keepLogin(access.loginsFile, registry, login, access.signal);
		},
		logout: async (server, access) => forgetLogin(access.loginsFile, registryOf(server), access.signal),
	};
}

/** What a person types after `login`: a host, a URL as old files have it, or nothing for Docker Hub. @throws EngineError invalid-reference */
function registryOf(server: string): string {
	if (server === '') return 'docker.io';
	const host = server.replace(/^https?:\/\//, '').replace(/\/(?:v[12]\/?)?$/, '');
	if (host === 'localhost' || /[.:]/.test(host)) return parseReference(`${host}/x`).registry;
	throw new EngineError('invalid-reference', { text: printable(server), why: 'it is not a registry’s host name' });
}
