import { readFileSync } from 'node:fs';

let known: string | undefined;

/** The kernel's id of this boot: a pid that was written down under another one means nothing any more. */
export function readBootId(): string {
	known ??= readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
	return known;
}
