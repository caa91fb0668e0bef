import type { Registry } from '../../registry-port.ts';
import type { Store } from '../store.ts';

/** Registries that are loaded when they are asked for: most commands need none, and TLS takes its time to load. */
export function lazyRegistry(store: Store): Registry {
	const load = async () => (await import('./registry.ts')).createRegistry(store);
	return {
		pull: async (name, options) => (await load()).pull(name, options),
		push: async (name, options) => (await load()).push(name, options),
		manifest: async (name, access) => (await load()).manifest(name, access),
		login: async (registry, login, access) => (await load()).login(registry, login, access),
		logout: async (registry, access) => (await load()).logout(registry, access),
	};
}
