import { WorldBuilder } from '../../src/engine/memory/world-builder.ts';

/** When all built worlds are looked at. */
export const worldNow = Date.UTC(2026, 10, 20, 12);

/** A world in one line: `world().image('web:1', ['base 10MB', 'app 2MB']).container('web', { image: 'web:1' }).build()`. */
export function world(): WorldBuilder {
	return new WorldBuilder(worldNow);
}
