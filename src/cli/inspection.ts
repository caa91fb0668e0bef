import type { CliContext } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { writeFailure } from './failure.ts';
import { unescapeFormat } from './listing.ts';
import { printable } from './printable.ts';
import { parseTemplate } from './template.ts';
import type { VerbOption } from './verb.ts';

/** The option of every verb that shows everything about something. */
export const inspectFormatOption: VerbOption = {
	flags: '-f, --format <format>',
	description: '"json", or a template such as "{{.Id}}"',
};

/**
 * Prints what was found as a JSON array, or each by a template. What is not found is told, and makes the exit code
 * 1, or 3 where something else was found.
 * @throws UsageError for a bad template
 */
export async function printInspection(
	{ host }: CliContext,
	names: readonly string[],
	{ format, inspect }: { readonly format: string | undefined; readonly inspect: (name: string) => Promise<object> },
): Promise<number> {
	const template = format === undefined || format === 'json' ? undefined : parseTemplate(unescapeFormat(format));
	const found: object[] = [];
	const failures: unknown[] = [];
	for (const name of names) {
		try {
			found.push(await inspect(name));
		} catch (error) {
			failures.push(error);
		}
	}
	if (template !== undefined) {
		for (const each of found) host.stdout.write(`${printable(template(each), { keepNewlines: true })}\n`);
	} else {
		const text = format === 'json' ? JSON.stringify(found) : JSON.stringify(found, undefined, 4);
		host.stdout.write(`${escapeControls(text)}\n`);
	}
	for (const error of failures) writeFailure(host.stderr, error);
	if (failures.length === 0) return exitCodes.done;
	return found.length > 0 ? exitCodes.partlyDone : exitCodes.failed;
}

/** JSON.stringify leaves DEL, C1 and the direction overrides as they are; a terminal would obey them. */
function escapeControls(json: string): string {
	return json.replace(
		/[\u007f-\u009f\u202a-\u202e\u2066-\u2069\u2028\u2029]/g,
		(character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
	);
}
