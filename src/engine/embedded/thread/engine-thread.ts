import { parentPort, workerData } from 'node:worker_threads';
import { type OpenOptions, openEmbeddedEngine } from '../open.ts';
import { serveEngine } from './serve.ts';

if (parentPort === null) throw new Error('this module runs in a worker thread only');
await serveEngine(parentPort, () => openEmbeddedEngine(workerData as Omit<OpenOptions, 'now'>));
