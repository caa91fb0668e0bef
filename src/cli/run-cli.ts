import { CommanderError } from 'commander';
import { isEngineError } from '../engine/errors.ts';
import type { Engine } from '../engine/port.ts';
import { containerVerbs } from './container.ts';
import type { CliContext, CliHost, EngineSettings } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { exitCodeOf, writeFailure } from './failure.ts';
import { gcVerbs } from './gc.ts';
import { generalVerbs } from './general.ts';
import { imageVerbs } from './image.ts';
import { manifestVerbs } from './manifest.ts';
import { buildProgram } from './program.ts';
import { frameSizeFrom, type GlobalOptions, settingsFrom } from './settings.ts';
import { suggestWords } from './suggestion.ts';
import { systemVerbs } from './system.ts';
import { unknownCommand, usageErrorFrom } from './usage.ts';
import type { Verb, VerbGroup } from './verb.ts';
import { volumeVerbs } from './volume.ts';

/** Every noun with its verbs, in the order of help. */
export const verbGroups: readonly VerbGroup[] = [
	imageVerbs,
	containerVerbs,
	volumeVerbs,
	manifestVerbs,
	systemVerbs,
	gcVerbs,
	generalVerbs,
];

/**
 * Does what the words say and tells how it went: data on `host.stdout`, everything else on `host.stderr`.
 * Never throws; resolves with the exit code. `words` are what follows the program's name.
 */
export async function runCli(words: readonly string[], host: CliHost): Promise<number> {
	let chosen: Verb | undefined;
	try {
		let exitCode: number = exitCodes.done;
		const program = buildProgram(verbGroups, {
			only: onlyCommand(words),
			writeHelp: (text) => host.stdout.write(text),
			dispatch: async (verb, operands, options) => {
				chosen = verb;
				const settings = settingsFrom(program.opts<GlobalOptions>(), host);
				exitCode = await withContext(host, settings, async (context) => {
					return (await verb.run({ context, operands, options })) ?? exitCodes.done;
				});
			},
		});
		const { operands, unknown } = program.parseOptions([...words]);
		const globals = program.opts<GlobalOptions & { version?: true }>();
		const [first] = operands;
		if (globals.version) host.stdout.write(`tonnage ${host.version}\n`);
		else if (first === undefined && unknown.length === 0) exitCode = await showDashboard(globals, host);
		else {
			chosen = verbNamed(operands, unknown);
			checkCommand(
				first,
				program.commands.map((command) => command.name()),
			);
			await program.parseAsync([...words], { from: 'user' });
		}
		return exitCode;
	} catch (error) {
		return failureCode(error, { host, verb: chosen, words });
	}
}

/** The command, where it is plain to see before parsing; anything unusual gets the whole grammar. */
function onlyCommand([first]: readonly string[]): string | undefined {
	const isKnown = verbGroups.some(
		({ noun, verbs }) => noun === first || verbs.some(({ shortcut }) => shortcut === first),
	);
	return first !== undefined && isKnown ? first : undefined;
}

async function showDashboard(globals: GlobalOptions, host: CliHost): Promise<number> {
	const settings = settingsFrom(globals, host);
	if (globals.print === undefined) return host.openDashboard(settings);
	const frame = await host.printFrame(settings, frameSizeFrom(globals.print, host.stdout));
	host.stdout.write(frame.endsWith('\n') ? frame : `${frame}\n`);
	return exitCodes.done;
}

async function withContext(
	host: CliHost,
	settings: EngineSettings,
	work: (context: CliContext) => Promise<number>,
): Promise<number> {
	let opened: Promise<Engine> | undefined;
	const engine = (): Promise<Engine> => {
		opened ??= host.openEngine(settings);
		return opened;
	};
	try {
		return await work({ host, settings, engine });
	} finally {
		const toClose = await opened?.catch(() => undefined);
		await toClose?.close();
	}
}

/** The parser itself says "too many arguments" here, where the word is simply not known. */
function checkCommand(word: string | undefined, known: readonly string[]): void {
	if (word === undefined || word === 'help' || known.includes(word)) return;
	throw unknownCommand('tonnage', word, suggestWords(word, known));
}

/** The verb that a usage error would be about, found before the parser runs its action. */
function verbNamed(operands: readonly string[], rest: readonly string[]): Verb | undefined {
	const [first] = operands;
	if (first === undefined) return undefined;
	for (const { noun, verbs } of verbGroups) {
		const found = verbs.find((verb) =>
			noun !== undefined && first === noun
				? [verb.name, ...(verb.aliases ?? [])].includes(rest[0] ?? '')
				: verb.shortcut === first,
		);
		if (found !== undefined) return found;
	}
	return undefined;
}

function failureCode(
	error: unknown,
	{ host, verb, words }: { readonly host: CliHost; readonly verb: Verb | undefined; readonly words: readonly string[] },
): number {
	if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.done;
	if (host.outputGone.aborted && !isEngineError(error)) return exitCodes.done;
	if (host.interrupted.aborted && !isEngineError(error)) return exitCodes.interrupted;
	const told = error instanceof CommanderError ? usageErrorFrom(error, commandPath(verb, words)) : error;
	writeFailure(host.stderr, told);
	if (!verb?.runsContainer) return exitCodeOf(told);
	return isEngineError(told, 'command-failed') ? told.data.exitCode : exitCodes.notTheContainer;
}

/** The command as far as it was understood, for messages. */
function commandPath(verb: Verb | undefined, words: readonly string[]): string {
	const nouns = verbGroups.map(({ noun }) => noun);
	const noun = words.find((word) => nouns.includes(word));
	if (verb === undefined) return noun === undefined || noun !== firstCommand(words) ? 'tonnage' : `tonnage ${noun}`;
	const group = verbGroups.find(({ verbs }) => verbs.includes(verb));
	const isShortcut = noun === undefined || noun !== group?.noun;
	return isShortcut && verb.shortcut !== undefined ? `tonnage ${verb.shortcut}` : `tonnage ${group?.noun} ${verb.name}`;
}

/** The first word that is neither an option of the program nor an option's value. */
function firstCommand(words: readonly string[]): string | undefined {
	const at = words.findIndex(
		(word, index) => !word.startsWith('-') && !['--root', '--engine'].includes(words[index - 1] ?? ''),
	);
	return words[at];
}
