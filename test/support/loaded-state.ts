import { createMemoryEngine } from '../../src/engine/memory/open.ts';
import { sampleWorld } from '../../src/engine/memory/sample.ts';
import type { MemoryWorld } from '../../src/engine/memory/world.ts';
import { reduce } from '../../src/ui/reduce.ts';
import { type AppState, initialState, type World } from '../../src/ui/state.ts';

/** The dashboard's state after it has loaded a world, the sample one unless given, without a screen. */
export async function loadedState(
	options: { readonly world?: MemoryWorld; readonly columns?: number; readonly rows?: number } = {},
): Promise<AppState> {
	const { world = sampleWorld(), columns = 120, rows = 40 } = options;
	const engine = createMemoryEngine(world);
	const start = initialState({ identity: engine.identity, columns, rows, now: world.now });
	return reduce(start, { type: 'world-loaded', world: await loadWorld(engine), now: world.now });
}

/** What one loading of all lists brings. */
export async function loadWorld(engine: ReturnType<typeof createMemoryEngine>): Promise<World> {
	return {
		images: await engine.images.list(),
		containers: await engine.containers.list(),
		volumes: await engine.volumes.list(),
		inventory: await engine.store.takeInventory(),
	};
}
