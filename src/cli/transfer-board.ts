import type { LayerProgress, TransferStep } from '../engine/registry-port.ts';
import type { OutputStream } from './context.ts';
import { humanSize } from './human-size.ts';
import { printable } from './printable.ts';

const redrawMs = 100;
const barCells = 24;
const widestLine = 80;

/** Tells how several layers travel at once. `end` it before anything else is written. */
export interface TransferBoard {
	readonly onProgress: (progress: LayerProgress) => void;
	readonly onStep: (step: TransferStep) => void;
	readonly end: () => void;
}

/**
 * On a terminal a bar for each layer that travels, below the lines of those that are done; elsewhere the lines only.
 * Writes nothing where it shall be quiet, but what is about the whole.
 */
export function transferBoard(
	stderr: OutputStream,
	options: { readonly now: () => number; readonly quiet: boolean },
): TransferBoard {
	const moving = new Map<string, { readonly progress: LayerProgress; readonly startedAt: number }>();
	const hasBars = stderr.isTTY === true && !options.quiet;
	let drawnLines = 0;
	let drawnAt = 0;
	const clear = () => {
		if (drawnLines > 0) stderr.write(`\u001b[${drawnLines}A\r\u001b[J`);
		drawnLines = 0;
	};
	const draw = () => {
		clear();
		const width = Math.min(stderr.columns ?? widestLine, widestLine) - 1;
		const at = options.now();
		const lines = [...moving.values()].map(({ progress, startedAt }) =>
			barLine(progress, at - startedAt).slice(0, width),
		);
		stderr.write(lines.map((line) => `${line}\n`).join(''));
		drawnLines = lines.length;
		drawnAt = at;
	};
	return {
		onProgress: (progress) => {
			if (!hasBars) return;
			const at = options.now();
			const startedAt = moving.get(progress.item)?.startedAt ?? at;
			moving.set(progress.item, { progress, startedAt });
			if (at - drawnAt >= redrawMs) draw();
		},
		onStep: ({ item, text }) => {
			if (options.quiet && item !== undefined) return;
			clear();
			if (item !== undefined) moving.delete(item);
			stderr.write(`${item === undefined ? '' : `${printable(item)}: `}${printable(text)}\n`);
			if (hasBars && moving.size > 0) draw();
		},
		end: clear,
	};
}

/** `3f2a9c…: [=====>    ] 12.3MB/40MB  8.1MB/s  4s left` */
function barLine({ item, doneBytes, totalBytes }: LayerProgress, tookMs: number): string {
	const filled = totalBytes === 0 ? barCells : Math.round((doneBytes / totalBytes) * barCells);
	const bar = `${'='.repeat(Math.max(0, filled - 1))}${filled > 0 ? '>' : ''}`.padEnd(barCells);
	const rate = tookMs < 500 ? 0 : (doneBytes / tookMs) * 1000;
	const left = rate === 0 ? '' : `  ${humanSize(rate)}/s  ${Math.ceil((totalBytes - doneBytes) / rate)}s left`;
	return `${printable(item)}: [${bar}] ${humanSize(doneBytes)}/${humanSize(totalBytes)}${left}`;
}
