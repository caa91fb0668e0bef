import { Command, Option } from 'commander';
import { OptionValues, type Verb, type VerbGroup, type VerbOption } from './verb.ts';

/** Called with what was typed when a verb was chosen. */
export type VerbDispatch = (verb: Verb, operands: readonly string[], options: OptionValues) => Promise<void>;

/** What a program is built for. */
export interface ProgramOptions {
	readonly dispatch: VerbDispatch;
	readonly writeHelp: (text: string) => void;
	/** The one noun or shortcut that will be parsed: the others are left out, which is quicker. */
	readonly only?: string | undefined;
}

const helpWidth = 100;

/**
 * The whole grammar as a parser. It writes nothing but help, to `writeHelp`; it throws `CommanderError` instead of
 * ending the process.
 */
export function buildProgram(groups: readonly VerbGroup[], options: ProgramOptions): Command {
	const program = configured(new Command('tonnage'))
		.summary('See what your containers weigh')
		.description('See what your containers weigh. Without a command the dashboard opens.')
		.usage('[OPTIONS] [COMMAND]')
		.helpOption('--help', 'Show this help')
		.helpCommand('help [COMMAND]', 'Show the help of a command')
		.enablePositionalOptions()
		.exitOverride()
		.configureOutput({
			writeOut: options.writeHelp,
			writeErr: () => {},
			outputError: () => {},
			getOutHelpWidth: () => helpWidth,
			getErrHelpWidth: () => helpWidth,
		})
		.option('--root <dir>', 'Directory of the store (TONNAGE_ROOT; /var/lib/tonnage for root)')
		.option('--engine <name>', 'Which engine: embedded')
		.option('--print [size]', 'Print one frame of the dashboard, e.g. 120x40, and leave')
		.option('--version', 'Show the version');
	program.addHelpText('after', programEpilogue);
	for (const group of groups) addGroup(program, group, options);
	return program;
}

const programEpilogue = `
Examples:
  tonnage                                  open the dashboard
  tonnage load -i app.tar                  take in an image
  tonnage run -d --name web app            run a container from it
  tonnage system df                        see where the bytes are
  tonnage system prune --dry-run           see what could go, and why

Exit codes: 0 done, 1 failed, 2 not understood, 3 partly done; run and exec give the container's own,
125 where the container is not to blame, 126 or 127 where its command cannot be executed.`;

function addGroup(program: Command, group: VerbGroup, { dispatch, only }: ProgramOptions): void {
	const isWanted = (name: string | undefined) => name !== undefined && (only === undefined || only === name);
	const noun = isWanted(group.noun) ? addNoun(program, group) : undefined;
	for (const verb of group.verbs) {
		const { name, aliases = [], shortcut } = verb;
		if (noun !== undefined) addVerb(noun, verb, { name, aliases, dispatch });
		if (shortcut === undefined || !isWanted(shortcut)) continue;
		addVerb(program, verb, { name: shortcut, aliases: [], dispatch }).helpGroup('Commands:');
	}
}

function addNoun(program: Command, { noun = '', summary }: VerbGroup): Command {
	const command = configured(program.command(noun)).helpGroup('Nouns:').summary(summary).description(summary);
	return command.usage('COMMAND').helpCommand(false).enablePositionalOptions();
}

function addVerb(
	parent: Command,
	verb: Verb,
	place: { readonly name: string; readonly aliases: readonly string[]; readonly dispatch: VerbDispatch },
): Command {
	const command = configured(parent.command(place.name))
		.aliases([...place.aliases])
		.summary(verb.summary)
		.description(verb.details === undefined ? `${verb.summary}.` : `${verb.summary}.\n\n${verb.details}`)
		.usage(usageOf(verb))
		.helpOption('--help', 'Show this help');
	for (const { name, description, optional, variadic } of verb.operands) {
		const text = `${name}${variadic ? '...' : ''}`;
		command.argument(optional ? `[${text}]` : `<${text}>`, description);
	}
	const declared = verb.options.map((option) => ({ option, parsed: optionFrom(option) }));
	for (const { parsed } of declared) command.addOption(parsed);
	if (verb.passThrough) command.passThroughOptions();
	command.addHelpText('after', `\nExamples:\n${verb.examples.map((example) => `  ${example}`).join('\n')}`);
	return command.action(async () => {
		const values: Record<string, unknown> = command.opts();
		const byName = declared.map(({ parsed }): [string, unknown] => {
			const value = values[parsed.attributeName()];
			return [parsed.name(), parsed.negate ? value === false : value];
		});
		await place.dispatch(verb, command.args, new OptionValues(new Map(byName)));
	});
}

function optionFrom({ flags, description, repeatable }: VerbOption): Option {
	const option = new Option(flags, description);
	return repeatable
		? option.argParser((value: string, previous: readonly string[] | undefined) => [...(previous ?? []), value])
		: option;
}

function usageOf(verb: Verb): string {
	const operands = verb.operands.map(({ name, optional, variadic }) => {
		const text = `${name}${variadic ? '...' : ''}`;
		return optional ? `[${text}]` : text;
	});
	return [...(verb.options.length > 0 ? ['[OPTIONS]'] : []), ...operands].join(' ');
}

/** Docker's look of help: operands in capitals, every command by name and summary only. */
function configured(command: Command): Command {
	return command.configureHelp({
		showGlobalOptions: false,
		subcommandTerm: (subcommand) => subcommand.name(),
		subcommandDescription: (subcommand) => subcommand.summary() || subcommand.description(),
		argumentTerm: (argument) => argument.name(),
		commandUsage: (subject) => {
			const names: string[] = [];
			for (let at: Command | null = subject; at !== null; at = at.parent) names.unshift(at.name());
			return `${names.join(' ')} ${subject.usage()}`.trim();
		},
	});
}
