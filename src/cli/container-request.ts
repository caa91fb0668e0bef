import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { EngineError } from '../engine/errors.ts';
import type { NetworkMode } from '../engine/model.ts';
import type { ContainerRequest, MountRequest } from '../engine/port-containers.ts';
import { confinementFrom } from './container-confinement.ts';
import type { CliHost } from './context.ts';
import { UsageError } from './failure.ts';
import { splitPair } from './filters.ts';
import { parseByteSize, parseCpus, parseWholeNumber } from './option-values.ts';
import type { OptionValues } from './verb.ts';

/** What `create` and `run` were asked for, checked as far as it can be without an engine. @throws UsageError */
export function containerRequestFrom(
	operands: readonly string[],
	options: OptionValues,
	host: Pick<CliHost, 'environment' | 'workingDirectory'>,
): ContainerRequest {
	const [image = '', ...command] = operands;
	const memory = options.text('memory');
	const cpus = options.text('cpus');
	const pids = options.text('pids-limit');
	const entrypoint = options.text('entrypoint');
	const pidsLimit = pids === undefined ? undefined : parseWholeNumber(pids, '--pids-limit');
	return {
		image,
		name: options.text('name'),
		command: command.length > 0 ? command : undefined,
		entrypoint: entrypoint === undefined ? undefined : entrypoint === '' ? [] : [entrypoint],
		environment: environmentFrom(options, host),
		workingDirectory: options.text('workdir'),
		user: options.text('user'),
		hostname: options.text('hostname'),
		mounts: options.texts('volume').map((text) => mountFrom(text, host.workingDirectory)),
		network: networkFrom(options.text('network')),
		limits: {
			memoryBytes: memory === undefined ? undefined : parseByteSize(memory, '--memory') || undefined,
			cpus: cpus === undefined ? undefined : parseCpus(cpus),
			// Docker's 0 and -1 mean: no limit.
			pidsLimit: pidsLimit === undefined || pidsLimit <= 0 ? undefined : pidsLimit,
		},
		...confinementFrom(options),
		labels: labelsFrom(options.texts('label')),
		tty: options.flag('tty'),
		stdinOpen: options.flag('interactive'),
		autoRemove: options.flag('rm'),
		stopSignal: options.text('stop-signal'),
	};
}

/** `-e` and `--env-file`: a name without a value takes it from this process, and is left out where that has none. */
export function environmentFrom(
	options: OptionValues,
	host: Pick<CliHost, 'environment' | 'workingDirectory'>,
): readonly string[] {
	const fromFiles = options.texts('env-file').flatMap((file) => linesOf(resolve(host.workingDirectory, file)));
	return [...fromFiles, ...options.texts('env')].flatMap((text) => {
		const { key, value } = splitPair(text);
		if (key === '') throw new UsageError(`"${text}" has no name before the "=".`, 'A variable looks like KEY=value.');
		if (value !== undefined) return [text];
		const own = host.environment[key];
		return own === undefined ? [] : [`${key}=${own}`];
	});
}

/** `source:target[:mode]`, `name:target[:mode]` or `target`. @throws UsageError */
export function mountFrom(text: string, workingDirectory: string): MountRequest {
	const parts = text.split(':');
	const [first = '', second, mode] = parts;
	const wrong = (why: string) =>
		new UsageError(`-v "${text}": ${why}.`, 'It looks like /host/path:/path, name:/path or /path, and :ro may follow.');
	if (parts.length > 3) throw wrong('it has too many parts');
	const target = second ?? first;
	if (!target.startsWith('/')) throw wrong(`"${target}" is not an absolute path in the container`);
	if (/^\/+$/.test(target)) throw wrong('the container’s root cannot be a mount');
	const modes = mode?.split(',') ?? [];
	const unknown = modes.find((word) => word !== 'ro' && word !== 'rw');
	if (unknown !== undefined) throw wrong(`the mode "${unknown}" is neither ro nor rw`);
	const readOnly = modes.includes('ro');
	if (second === undefined) return { type: 'volume', source: '', target, readOnly };
	if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(first)) return { type: 'volume', source: first, target, readOnly };
	if (!/^[./~]/.test(first)) throw wrong(`"${first}" is neither a path nor a volume’s name`);
	return { type: 'bind', source: resolve(workingDirectory, first), target, readOnly };
}

function networkFrom(text: string | undefined): NetworkMode {
	if (text === undefined || text === 'none') return 'none';
	if (text === 'host') return 'host';
	throw new UsageError(`There is no network "${text}".`, 'A network is "none" or "host".');
}

/** `--label`: `key=value`, or a key alone. @throws UsageError */
export function labelsFrom(texts: readonly string[]): Readonly<Record<string, string>> {
	return Object.fromEntries(
		texts.map((text) => {
			const { key, value } = splitPair(text);
			if (key === '') throw new UsageError(`The label "${text}" has no name.`);
			return [key, value ?? ''];
		}),
	);
}

function linesOf(path: string): readonly string[] {
	try {
		return readFileSync(path, 'utf8')
			.split(/\r?\n/)
			.map((line) => line.trimStart())
			.filter((line) => line !== '' && !line.startsWith('#'));
	} catch (error) {
		const code = error instanceof Error && 'code' in error ? String(error.code) : '';
		if (code === 'ENOENT') throw new EngineError('not-found', { what: 'file', id: path }, { cause: error });
		throw new EngineError('io-failed', { operation: 'read', path, code }, { cause: error });
	}
}
