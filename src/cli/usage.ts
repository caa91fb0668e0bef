import type { CommanderError } from 'commander';
import { UsageError } from './failure.ts';

/** What the parser complains about, as one sentence and a hint. `path` is the command typed so far, e.g. `tonnage image ls`. */
export function usageErrorFrom(error: CommanderError, path: string): UsageError {
	const [sentence = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
	const meant = /Did you mean (?:one of )?(.*)\?/.exec(suggestion ?? '')?.[1];
	const help = `See "${path} --help".`;
	const quoted = sentence.replace(/'([^']*)'/g, '"$1"').replace(/\.$/, '');
	switch (error.code) {
		case 'commander.unknownCommand':
			return unknownCommand(path, /"(.*)"/.exec(quoted)?.[1] ?? '', meant?.split(', ') ?? []);
		case 'commander.unknownOption': {
			const flag = /"(.*)"/s.exec(quoted)?.[1] ?? '';
			if (/^--(root|engine|print)(=|$)/.test(flag)) {
				return new UsageError(
					`"${flag}" must stand before the command.`,
					`Like this: tonnage ${flag} … ${path.replace(/^tonnage ?/, '')}`,
				);
			}
			return new UsageError(
				`"${path}" has no option "${flag}".`,
				meant === undefined ? help : `Did you mean ${meant}?`,
			);
		}
		case 'commander.help':
			return new UsageError(`"${path}" needs a COMMAND.`, help);
		case 'commander.missingArgument':
			return new UsageError(`"${path}" needs ${/"(.*)"/.exec(quoted)?.[1] ?? 'more'}.`, help);
		case 'commander.excessArguments': {
			const expected = /Expected (\d+)/.exec(sentence)?.[1] ?? '0';
			const surplus = /got \d+: (.*)\.$/s.exec(sentence)?.[1]?.split(', ').slice(Number(expected)).join(', ');
			return new UsageError(
				`"${path}" takes ${expected === '0' ? 'no' : `at most ${expected}`} argument${expected === '1' ? '' : 's'}; "${surplus}" is too much.`,
				help,
			);
		}
		case 'commander.optionMissingArgument':
			return new UsageError(`"${path}": the option ${/"(.*)"/.exec(quoted)?.[1] ?? ''} needs a value.`, help);
		default:
			return new UsageError(`"${path}": ${quoted}.`, help);
	}
}

/** For a word that is no command. */
export function unknownCommand(path: string, word: string, suggestions: readonly string[]): UsageError {
	return new UsageError(
		`There is no command "${path} ${word}".`,
		suggestions.length > 0
			? `Did you mean ${suggestions.map((name) => `"${path} ${name}"`).join(' or ')}?`
			: `See "${path} --help".`,
	);
}
