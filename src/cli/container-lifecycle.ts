import { forEachOperand } from './each-operand.ts';
import { UsageError } from './failure.ts';
import { checkTerminal, foregroundOf, withStreams } from './foreground.ts';
import { parseWholeNumber } from './option-values.ts';
import { printable } from './printable.ts';
import type { OptionValues, VerbCall } from './verb.ts';

const defaultGraceSeconds = 10;

/** `tonnage start`; with `-a` the exit code is the container's. */
export async function startContainers(call: VerbCall): Promise<number> {
	const { context, operands, options } = call;
	if (options.flag('attach') || options.flag('interactive')) return startAttached(call);
	const { containers } = await context.engine();
	return forEachOperand(context, operands, {
		act: async (name) => {
			await containers.start(name);
			context.host.stdout.write(`${printable(name)}\n`);
		},
	});
}

/** `tonnage stop` and `tonnage restart`. */
export async function stopContainers(
	{ context, operands, options }: VerbCall,
	operation: 'stop' | 'restart',
): Promise<number> {
	const graceMs = graceFrom(options);
	const { containers } = await context.engine();
	return forEachOperand(context, operands, {
		act: async (name) => {
			await containers[operation](name, { graceMs });
			context.host.stdout.write(`${printable(name)}\n`);
		},
	});
}

/** `tonnage kill`. */
export async function killContainers({ context, operands, options }: VerbCall): Promise<number> {
	const { containers } = await context.engine();
	return forEachOperand(context, operands, {
		act: async (name) => {
			await containers.kill(name, { signal: options.text('signal') ?? 'SIGKILL' });
			context.host.stdout.write(`${printable(name)}\n`);
		},
	});
}

/** `tonnage pause` and `tonnage unpause`. */
export async function pauseContainers(
	{ context, operands }: VerbCall,
	operation: 'pause' | 'unpause',
): Promise<number> {
	const { containers } = await context.engine();
	return forEachOperand(context, operands, {
		act: async (name) => {
			await containers[operation](name);
			context.host.stdout.write(`${printable(name)}\n`);
		},
	});
}

/** `tonnage wait`: one exit code a line. */
export async function waitForContainers({ context, operands }: VerbCall): Promise<number> {
	const { containers } = await context.engine();
	return forEachOperand(context, operands, {
		act: async (name) => {
			const exitCode = await containers.wait(name, { signal: context.host.interrupted });
			context.host.stdout.write(`${exitCode}\n`);
		},
	});
}

/** `tonnage rm`. */
export async function removeContainers({ context, operands, options }: VerbCall): Promise<number> {
	const { containers } = await context.engine();
	const force = options.flag('force');
	return forEachOperand(context, operands, {
		mayBeMissing: force,
		act: async (name) => {
			await containers.remove(name, { force, volumes: options.flag('volumes') });
			context.host.stdout.write(`${printable(name)}\n`);
		},
	});
}

async function startAttached({ context, operands, options }: VerbCall): Promise<number> {
	const [name = '', ...others] = operands;
	if (others.length > 0) throw new UsageError('-a and -i work with one container only.');
	const { containers } = await context.engine();
	const { tty } = await containers.inspect(name);
	const wish = { stdin: options.flag('interactive'), tty, detachKeys: options.text('detach-keys') };
	checkTerminal(context, wish);
	const foreground = await foregroundOf(context);
	return withStreams(context, wish, (streams) => foreground.run(name, streams));
}

function graceFrom(options: OptionValues): number {
	const text = options.text('time');
	const seconds = text === undefined ? defaultGraceSeconds : parseWholeNumber(text, '--time');
	// Docker's -1 means: as long as it takes. Timers hold no more than 2^31 ms.
	return seconds < 0 ? 2 ** 31 - 1 : seconds * 1000;
}
