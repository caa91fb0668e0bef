/**
 * A file name or path as bytes, one character for each byte (latin1). Linux names are bytes, not text: this form
 * keeps those that are not UTF-8, compares and sorts as the kernel's bytes do, and serves as a key of a Map.
 */
export type BytePath = string;

/** What a system call takes: the bytes themselves, for names that are not UTF-8. */
export function pathBytes(path: BytePath): Buffer {
	return Buffer.from(path, 'latin1');
}

/** From text as a caller of ours wrote it. */
export function bytePath(text: string): BytePath {
	return isAscii(text) ? text : Buffer.from(text, 'utf8').toString('latin1');
}

/** As text for people and for records that hold UTF-8; bytes that are not UTF-8 become U+FFFD. */
export function pathText(path: BytePath): string {
	return isAscii(path) ? path : Buffer.from(path, 'latin1').toString('utf8');
}

/** `pathText` for messages: control characters shown as `?`, cut to what fits a line. */
export function printablePath(path: BytePath): string {
	const text = pathText(path).replace(/\p{Cc}/gu, '?');
	return text.length > 200 ? `${text.slice(0, 197)}…` : text;
}

function isAscii(text: string): boolean {
	return /^[\x00-\x7f]*$/.test(text);
}
