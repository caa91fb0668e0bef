import type { OutputStream } from './context.ts';
import { parseInstant, parseWholeNumber } from './option-values.ts';
import { printableOutput } from './printable.ts';
import type { VerbCall } from './verb.ts';

/** `tonnage logs`: what the container wrote, each stream to its own. Byte for byte, but on a terminal without what would control it. */
export async function showLogs({ context, operands, options }: VerbCall): Promise<undefined> {
	const { host } = context;
	const tail = options.text('tail');
	const since = options.text('since');
	const { containers } = await context.engine();
	const signal = AbortSignal.any([host.interrupted, host.outputGone]);
	const lines = containers.logs(operands[0] ?? '', {
		follow: options.flag('follow'),
		tailLines: tail === undefined || tail === 'all' ? undefined : Math.max(0, parseWholeNumber(tail, '--tail')),
		sinceAt: since === undefined ? undefined : parseInstant(since, '--since', host.now()),
		signal,
	});
	const withTime = options.flag('timestamps');
	for await (const { stream, timestamp, text, partial } of lines) {
		const line = `${withTime ? `${timestamp} ` : ''}${text}${partial ? '' : '\n'}`;
		await writeAll(stream === 'stdout' ? host.stdout : host.stderr, line);
		if (signal.aborted) break;
	}
	return undefined;
}

/** Waits where the reader is slower than the log. */
async function writeAll(stream: OutputStream, line: string): Promise<void> {
	if (stream.write(stream.isTTY ? printableOutput(line) : line)) return;
	await new Promise<void>((resolve) => {
		const done = () => {
			stream.off('drain', done);
			stream.off('close', done);
			stream.off('error', done);
			resolve();
		};
		stream.on('drain', done);
		stream.on('close', done);
		stream.on('error', done);
	});
}
