/**
 * Text out of an untrusted document, fit for an error message: no control characters, nothing that turns the
 * direction of writing, at most 100 characters.
 */
export function printable(value: unknown): string {
	const text = String(value);
	const shown = text.length > longest ? `${text.slice(0, longest)}…` : text;
	return shown.replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, '\ufffd');
}

const longest = 100;
