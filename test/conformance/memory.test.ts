import { createMemoryEngine } from '../../src/engine/memory/open.ts';
import { WorldBuilder } from '../../src/engine/memory/world-builder.ts';
import { describeEngine } from './engine-suite.ts';

describeEngine('memory', async () => {
	const builder = new WorldBuilder(Date.UTC(2026, 10, 20));
	const sized = (layers: readonly string[]) => layers.map((name) => `${name} 10kB`);
	return {
		engine: createMemoryEngine(builder.build()),
		makeImage: async (reference, layers) => builder.storeImage(reference, sized(layers)),
		makeBox: async () => {
			builder.image('box:1', sized(['busybox']), { run: { command: ['sh'] } });
			return 'box:1';
		},
		cleanup: async () => {},
	};
});
