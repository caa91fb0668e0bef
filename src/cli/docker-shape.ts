import type { RunConfig } from '../engine/model.ts';
import { dictionary } from './template-values.ts';

/** Docker's `Config` group, as far as images and containers share it. */
export function dockerConfig(run: RunConfig): object {
	return {
		User: run.user,
		ExposedPorts: run.exposedPorts.length > 0 ? keySet(run.exposedPorts) : null,
		Env: run.environment,
		Cmd: run.command.length > 0 ? run.command : null,
		Volumes: run.volumes.length > 0 ? keySet(run.volumes) : null,
		WorkingDir: run.workingDirectory,
		Entrypoint: run.entrypoint.length > 0 ? run.entrypoint : null,
		Labels: dictionary(Object.entries(run.labels)),
		...(run.stopSignal === undefined ? {} : { StopSignal: run.stopSignal }),
	};
}

/** Go's way of writing a set. */
function keySet(keys: readonly string[]): object {
	return dictionary(keys.map((key) => [key, {}]));
}
