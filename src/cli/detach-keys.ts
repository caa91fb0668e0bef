import { UsageError } from './failure.ts';
import type { VerbOption } from './verb.ts';

/** Docker's. */
export const defaultDetachKeys = 'ctrl-p,ctrl-q';

/** The option of verbs that tie a terminal to a container. */
export const detachKeysOption: VerbOption = {
	flags: '--detach-keys <keys>',
	description: `What lets go of a container with a terminal (${defaultDetachKeys})`,
};

/** Keys as bytes: characters and `ctrl-` ones, with commas between them; none for an empty text. @throws UsageError */
export function parseDetachKeys(text: string): Uint8Array {
	if (text === '') return new Uint8Array();
	return Uint8Array.from(text.split(','), (key) => {
		const control = /^ctrl-([a-z@[\\\]^_])$/.exec(key)?.[1];
		// A control character is its letter without the two upper bits. Spec: ASCII
		if (control !== undefined) return control.toUpperCase().charCodeAt(0) & 0x1f;
		if (key === 'DEL') return 0x7f;
		if (/^[\x20-\x7e]$/.test(key)) return key.charCodeAt(0);
		throw new UsageError(
			`--detach-keys: "${key}" is not a key.`,
			'A key is a character or ctrl- and one of a-z, @, [, \\, ], ^ or _, e.g. ctrl-p,ctrl-q.',
		);
	});
}
