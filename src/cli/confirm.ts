import type { CliContext } from './context.ts';

/** Asks on the terminal; only `y` and `yes` mean yes. An end of input means no. Rejects when interrupted. */
export async function confirm({ host }: CliContext, question: string): Promise<boolean> {
	host.stderr.write(`${question} [y/N] `);
	const answer = await readLine(host.stdin, host.interrupted).catch((error: unknown) => {
		host.stderr.write('\n');
		throw error;
	});
	return /^y(es)?$/i.test(answer.trim());
}

function readLine(stdin: NodeJS.ReadableStream, signal: AbortSignal): Promise<string> {
	return new Promise((resolve, reject) => {
		let text = '';
		const settle = (outcome: () => void) => {
			stdin.off('data', take);
			stdin.off('end', finish);
			stdin.off('error', finish);
			signal.removeEventListener('abort', abort);
			stdin.pause();
			outcome();
		};
		const finish = () => settle(() => resolve(text));
		const abort = () => settle(() => reject(signal.reason));
		const take = (chunk: Buffer | string) => {
			text += chunk.toString();
			const end = text.indexOf('\n');
			if (end === -1) return;
			text = text.slice(0, end);
			finish();
		};
		if (signal.aborted) return abort();
		stdin.on('data', take);
		stdin.on('end', finish);
		stdin.on('error', finish);
		signal.addEventListener('abort', abort);
	});
}
