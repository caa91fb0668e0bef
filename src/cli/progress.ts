import type { TransferProgress } from '../engine/port.ts';
import type { OutputStream } from './context.ts';
import { humanSize } from './human-size.ts';
import { printable } from './printable.ts';

const redrawMs = 100;

/** One line that tells how a transfer goes: only on a terminal, redrawn in place, gone at the end. */
export interface ProgressLine {
	readonly show: (progress: TransferProgress) => void;
	readonly end: () => void;
}

/** `verb` is what happens, for a person: `Loading`. Writes nothing where `stderr` is no terminal. */
export function progressLine(stderr: OutputStream, verb: string, now: () => number): ProgressLine {
	if (!stderr.isTTY) return { show: () => {}, end: () => {} };
	let drawnAt = 0;
	return {
		show: ({ item, doneBytes, totalBytes }) => {
			const at = now();
			if (at - drawnAt < redrawMs) return;
			drawnAt = at;
			const total = totalBytes === undefined ? '' : ` of ${humanSize(totalBytes)}`;
			const text = `${verb} ${printable(item)}  ${humanSize(doneBytes)}${total}`;
			stderr.write(`\r\u001b[K${text.slice(0, (stderr.columns ?? 80) - 1)}`);
		},
		end: () => {
			if (drawnAt > 0) stderr.write('\r\u001b[K');
		},
	};
}
