import { execFile } from 'node:child_process';
import type { Store } from '../store.ts';
import { runtimeRoot } from './container-paths.ts';

/** What a run of the runtime gave. */
export interface RuntimeResult {
	readonly succeeded: boolean;
	/** Its own words, from both streams. */
	readonly output: string;
}

/** Runs one verb of the OCI runtime to its end. Spec: runtime-spec runtime.md#operations (v1.0.2) */
export function callRuntime(store: Store, runtime: string, verb: readonly string[]): Promise<RuntimeResult> {
	return new Promise((resolve) => {
		execFile(runtime, ['--root', runtimeRoot(store.paths), ...verb], { encoding: 'utf8' }, (error, stdout, stderr) => {
			const output = `${stdout}${stderr}`.trim();
			resolve({ succeeded: error === null, output: output === '' && error !== null ? error.message : output });
		});
	});
}
