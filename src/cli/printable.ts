/** C0 but tab and newline, DEL, C1, the bidirectional overrides and the line separators: what can lie to a terminal or move its cursor. */
const unsafeCharacters = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u2028\u2029]/g;
const anyNewlineOrTab = /[\n\t]/g;
/** One SGR sequence: colours and weights, nothing else. Spec: ECMA-48 8.3.117 */
const colourSequence = /(\u001b\[[0-9;:]*m)/;
/** Whole control sequences, so that nothing of them is left as text. Spec: ECMA-48 5.4 */
const controlSequences =
	/\u001b\[[0-?]*[ -/]*[@-~]|\u001b[\]PX^_][^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?|\u001b[ -/]*[0-~]/g;

/** Text from outside on one line: a space for newlines and tabs, nothing for other control characters. */
export function printable(text: string, options: { readonly keepNewlines?: boolean } = {}): string {
	const cleaned = text.replace(controlSequences, '').replace(unsafeCharacters, '');
	return options.keepNewlines ? cleaned : cleaned.replace(anyNewlineOrTab, ' ');
}

/** A container's own output for a terminal: colours, tabs and newlines stay; what moves the cursor, sets titles or asks the terminal goes. */
export function printableOutput(text: string): string {
	return text
		.split(colourSequence)
		.map((part, index) => (index % 2 === 1 ? part : printable(part, { keepNewlines: true })))
		.join('');
}
