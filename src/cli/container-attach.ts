import { UsageError } from './failure.ts';
import { checkTerminal, foregroundOf, withStreams } from './foreground.ts';
import type { OptionValues, VerbCall } from './verb.ts';

/** `tonnage attach`: the exit code is the container's; 1 where somebody lets go of it, as Docker has it. */
export async function attachToContainer({ context, operands, options }: VerbCall): Promise<number> {
	const [name = ''] = operands;
	const detachKeys = options.text('detach-keys');
	const keepsSignals = !isProxying(options);
	const { containers } = await context.engine();
	const { tty, stdinOpen } = await containers.inspect(name);
	const wish = { stdin: stdinOpen && !options.flag('no-stdin'), tty, detachKeys, keepsSignals, leavingFails: true };
	checkTerminal(context, wish);
	const foreground = await foregroundOf(context);
	return withStreams(context, wish, (streams) => foreground.attach(name, streams));
}

function isProxying(options: OptionValues): boolean {
	const text = options.text('sig-proxy') ?? 'true';
	if (/^(true|1|t)$/i.test(text)) return true;
	if (/^(false|0|f)$/i.test(text)) return false;
	throw new UsageError(`--sig-proxy is true or false, not "${text}".`);
}
