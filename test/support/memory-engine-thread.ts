import { parentPort, workerData } from 'node:worker_threads';
import { serveEngine } from '../../src/engine/embedded/thread/serve.ts';
import { EngineError } from '../../src/engine/errors.ts';
import { createMemoryEngine } from '../../src/engine/memory/open.ts';
import { sampleWorld } from '../../src/engine/memory/sample.ts';

if (parentPort === null) throw new Error('this module runs in a worker thread only');
await serveEngine(parentPort, async () => {
	if (workerData === 'refuse') throw new EngineError('store-version', { path: '/store', found: 9, supported: 1 });
	return createMemoryEngine(sampleWorld());
});
