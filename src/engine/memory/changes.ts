import { EngineError } from '../errors.ts';
import type { RunConfig } from '../model.ts';

/**
 * A config after Dockerfile instructions such as `CMD ["sh"]` or `ENV A=b`: one assignment for each instruction.
 * @throws EngineError invalid-argument
 */
export function applyChanges(run: RunConfig, changes: readonly string[]): RunConfig {
	return changes.reduce(applyChange, run);
}

function applyChange(run: RunConfig, change: string): RunConfig {
	const [, instruction = '', rest = ''] = /^\s*([A-Za-z]+)\s+(.+?)\s*$/.exec(change) ?? [];
	switch (instruction.toUpperCase()) {
		case 'CMD':
			return { ...run, command: commandOf(rest) };
		case 'ENTRYPOINT':
			return { ...run, entrypoint: commandOf(rest) };
		case 'ENV':
			return { ...run, environment: [...withoutVariable(run.environment, rest), rest] };
		case 'WORKDIR':
			return { ...run, workingDirectory: rest };
		case 'USER':
			return { ...run, user: rest };
		case 'LABEL':
			return { ...run, labels: { ...run.labels, ...labelOf(rest) } };
		case 'EXPOSE':
			return { ...run, exposedPorts: [...run.exposedPorts, rest] };
		case 'VOLUME':
			return { ...run, volumes: [...run.volumes, rest] };
		default:
			throw new EngineError('invalid-argument', {
				argument: '--change',
				why: `"${change}" is not an instruction it knows`,
			});
	}
}

function commandOf(text: string): readonly string[] {
	if (!text.startsWith('[')) return ['/bin/sh', '-c', text];
	try {
		return (JSON.parse(text) as readonly unknown[]).map(String);
	} catch (error) {
		throw new EngineError(
			'invalid-argument',
			{ argument: '--change', why: `${text} is not a JSON list` },
			{ cause: error },
		);
	}
}

function withoutVariable(environment: readonly string[], assignment: string): readonly string[] {
	const prefix = `${assignment.split('=', 1)[0]}=`;
	return environment.filter((entry) => !entry.startsWith(prefix));
}

function labelOf(text: string): Readonly<Record<string, string>> {
	const equals = text.indexOf('=');
	return equals === -1 ? { [text]: '' } : { [text.slice(0, equals)]: text.slice(equals + 1).replace(/^"(.*)"$/, '$1') };
}
