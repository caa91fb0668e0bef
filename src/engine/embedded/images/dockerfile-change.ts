import { EngineError } from '../../errors.ts';
import type { RunConfig } from '../../model.ts';
import { printable } from '../../oci/printable.ts';
import { splitWords } from './dockerfile-words.ts';

/** The config as it grows, and whether CMD was among the changes so far. */
interface Draft {
	readonly run: RunConfig;
	readonly commandSet: boolean;
}

type Instruction = (draft: Draft, rest: string) => Partial<RunConfig> & { readonly commandSet?: boolean };

const instructions: Readonly<Record<string, Instruction>> = {
	CMD: (_, rest) => ({ command: commandFrom(rest), commandSet: true }),
	// A new entry point makes the old image's arguments meaningless, but not those that were asked for here.
	ENTRYPOINT: (draft, rest) => ({
		entrypoint: commandFrom(rest),
		command: draft.commandSet ? draft.run.command : [],
	}),
	ENV: (draft, rest) => ({
		environment: pairsFrom(draft, rest).reduce(setVariable, draft.run.environment),
	}),
	LABEL: (draft, rest) => ({ labels: { ...draft.run.labels, ...Object.fromEntries(pairsFrom(draft, rest)) } }),
	EXPOSE: (draft, rest) => ({ exposedPorts: merged(draft.run.exposedPorts, wordsOf(draft, rest).map(portFrom)) }),
	VOLUME: (draft, rest) => ({ volumes: merged(draft.run.volumes, listFrom(rest) ?? wordsOf(draft, rest)) }),
	USER: (draft, rest) => ({ user: oneWord(draft, rest) }),
	WORKDIR: (draft, rest) => ({ workingDirectory: directoryFrom(draft.run.workingDirectory, oneWord(draft, rest)) }),
	STOPSIGNAL: (draft, rest) => ({ stopSignal: oneWord(draft, rest) }),
};

/**
 * Applies Dockerfile instructions to a config, in order: what `--change` of `import` and `commit` takes.
 * Spec: docs.docker.com/reference/dockerfile
 * @throws EngineError invalid-argument
 */
export function applyChanges(run: RunConfig, changes: readonly string[]): RunConfig {
	return changes.reduce<Draft>(applyChange, { run, commandSet: false }).run;
}

function applyChange(draft: Draft, change: string): Draft {
	const [, word = '', rest = ''] = /^\s*(\S+)\s*([\s\S]*?)\s*$/.exec(change) ?? [];
	const instruction = instructions[word.toUpperCase()];
	if (instruction === undefined) {
		throw refused(change, `"${printable(word)}" is not one of ${Object.keys(instructions).join(', ')}`);
	}
	if (rest === '') throw refused(change, `${word.toUpperCase()} needs a value`);
	const { commandSet = draft.commandSet, ...changed } = instruction(draft, rest);
	return { run: { ...draft.run, ...changed }, commandSet };
}

/** The JSON form as it is; anything else is a line for the shell. */
function commandFrom(rest: string): readonly string[] {
	return listFrom(rest) ?? ['/bin/sh', '-c', rest];
}

function listFrom(rest: string): readonly string[] | undefined {
	if (!rest.startsWith('[')) return undefined;
	try {
		const list: unknown = JSON.parse(rest);
		if (Array.isArray(list) && list.every((item) => typeof item === 'string')) return list;
	} catch {}
	return undefined;
}

/** `A=1 B="x y"`, or the old form `A the rest of the line`. */
function pairsFrom(draft: Draft, rest: string): readonly (readonly [string, string])[] {
	const words = wordsOf(draft, rest);
	if (words[0]?.includes('=')) {
		return words.map((word) => {
			const equals = word.indexOf('=');
			if (equals < 1) throw refused(rest, `"${printable(word)}" is not name=value`);
			return [word.slice(0, equals), word.slice(equals + 1)];
		});
	}
	const [name, ...values] = words;
	if (name === undefined || values.length === 0) throw refused(rest, 'it is not name=value');
	return [[name, values.join(' ')]];
}

function setVariable(environment: readonly string[], [name, value]: readonly [string, string]): readonly string[] {
	const setting = `${name}=${value}`;
	const at = environment.findIndex((item) => item.startsWith(`${name}=`));
	return at === -1 ? [...environment, setting] : environment.with(at, setting);
}

function portFrom(word: string): string {
	const [, first = '', last = first, protocol = 'tcp'] =
		/^(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp|sctp))?$/i.exec(word) ?? [];
	if (first === '' || Number(last) > 65_535 || Number(first) > Number(last)) {
		throw refused(word, 'it is not a port such as 80 or 53/udp');
	}
	return `${first === last ? first : `${first}-${last}`}/${protocol.toLowerCase()}`;
}

/** A relative directory is taken from the one before; the result has no `.` and no `..`. */
function directoryFrom(before: string, wanted: string): string {
	const parts: string[] = [];
	for (const part of (wanted.startsWith('/') ? wanted : `${before}/${wanted}`).split('/')) {
		if (part === '..') parts.pop();
		else if (part !== '' && part !== '.') parts.push(part);
	}
	return `/${parts.join('/')}`;
}

function wordsOf({ run }: Draft, rest: string): readonly string[] {
	return splitWords(rest, (name) => {
		const setting = run.environment.find((item) => item.startsWith(`${name}=`));
		return setting?.slice(name.length + 1);
	});
}

function oneWord(draft: Draft, rest: string): string {
	return wordsOf(draft, rest).join(' ');
}

function merged(before: readonly string[], added: readonly string[]): readonly string[] {
	return [...new Set([...before, ...added])].sort();
}

function refused(change: string, why: string): EngineError<'invalid-argument'> {
	return new EngineError('invalid-argument', { argument: `the change "${printable(change)}"`, why });
}
