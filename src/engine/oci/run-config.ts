import type { RunConfig } from '../model.ts';
import { asList, asObject, asText, asTextMap, corrupt, type DocumentSource, type JsonObject } from './json.ts';

const mostItems = 10_000;

/**
 * The part of an image's config that a container starts with; `value` is the document's `config` object.
 * Old documents hold null, or a bare string where a list belongs; both are understood.
 * Spec: image-spec config.md#properties (v1.1.1)
 * @throws EngineError corrupt, limit-exceeded
 */
export function runFromConfig(value: unknown, source: DocumentSource): RunConfig {
	const config =
		value === undefined || value === null ? {} : asObject(value, { ...source, what: `"config" in ${source.what}` });
	return {
		environment: texts(config, 'Env', source),
		entrypoint: texts(config, 'Entrypoint', source),
		command: texts(config, 'Cmd', source),
		workingDirectory: asText(config.WorkingDir, source, 'WorkingDir') ?? '',
		user: asText(config.User, source, 'User') ?? '',
		volumes: keys(config, 'Volumes', source),
		exposedPorts: keys(config, 'ExposedPorts', source),
		stopSignal: asText(config.StopSignal, source, 'StopSignal') || undefined,
		labels: asTextMap(config.Labels, source, 'Labels'),
	};
}

/**
 * The other way: the document's `config` object. What a `RunConfig` does not know (health checks, shells) is taken
 * over from `base`, the `config` object it came from.
 */
export function configFromRun(run: RunConfig, base: JsonObject = {}): JsonObject {
	const { Env, Entrypoint, Cmd, WorkingDir, User, Volumes, ExposedPorts, StopSignal, Labels, ...others } = base;
	return {
		...others,
		...(run.user === '' ? {} : { User: run.user }),
		...(run.exposedPorts.length === 0 ? {} : { ExposedPorts: emptyObjects(run.exposedPorts) }),
		...(run.environment.length === 0 ? {} : { Env: run.environment }),
		...(run.entrypoint.length === 0 ? {} : { Entrypoint: run.entrypoint }),
		...(run.command.length === 0 ? {} : { Cmd: run.command }),
		...(run.volumes.length === 0 ? {} : { Volumes: emptyObjects(run.volumes) }),
		...(run.workingDirectory === '' ? {} : { WorkingDir: run.workingDirectory }),
		...(Object.keys(run.labels).length === 0 ? {} : { Labels: run.labels }),
		...(run.stopSignal === undefined ? {} : { StopSignal: run.stopSignal }),
	};
}

/** What an image without any config starts with: nothing. */
export const emptyRun: RunConfig = {
	environment: [],
	entrypoint: [],
	command: [],
	workingDirectory: '',
	user: '',
	volumes: [],
	exposedPorts: [],
	stopSignal: undefined,
	labels: {},
};

function texts(config: JsonObject, name: string, source: DocumentSource): readonly string[] {
	const value = config[name];
	if (typeof value === 'string') return [value];
	return asList(value, source, { name, most: mostItems }).map((item) => {
		if (typeof item !== 'string') throw corrupt(source, `"${name}" holds something that is not text`);
		return item;
	});
}

function keys(config: JsonObject, name: string, source: DocumentSource): readonly string[] {
	const value = config[name];
	if (value === undefined || value === null) return [];
	return Object.keys(asObject(value, { ...source, what: `"${name}" in ${source.what}` })).sort();
}

function emptyObjects(names: readonly string[]): Readonly<Record<string, object>> {
	return Object.fromEntries(names.map((name) => [name, {}]));
}
