import { isEngineError } from '../engine/errors.ts';
import type { Containers } from '../engine/port-containers.ts';
import { claimIdFile } from './container-id-file.ts';
import { containerRequestFrom, environmentFrom } from './container-request.ts';
import type { CliContext } from './context.ts';
import { UsageError } from './failure.ts';
import { checkTerminal, foregroundOf, withStreams } from './foreground.ts';
import type { OptionValues, VerbCall } from './verb.ts';

/** `tonnage create`. */
export async function createContainer({ context, operands, options }: VerbCall): Promise<undefined> {
	const request = containerRequestFrom(operands, options, context.host);
	sayNetwork(context, options);
	const { containers } = await context.engine();
	const idFile = claimIdFile(context, options);
	const id = await idFile.write(() => containers.create(request));
	context.host.stdout.write(`${id}\n`);
	return undefined;
}

/** `tonnage run`: the exit code is the container's. */
export async function runContainer({ context, operands, options }: VerbCall): Promise<number | undefined> {
	const request = containerRequestFrom(operands, options, context.host);
	const detach = options.flag('detach');
	const wish = { stdin: request.stdinOpen, tty: request.tty, detachKeys: options.text('detach-keys') };
	if (!detach) checkTerminal(context, wish);
	sayNetwork(context, options);
	const { containers } = await context.engine();
	const foreground = detach ? undefined : await foregroundOf(context);
	const idFile = claimIdFile(context, options);
	const id = await idFile.write(() => containers.create(request));
	try {
		if (foreground !== undefined) return await withStreams(context, wish, (streams) => foreground.run(id, streams));
		await containers.start(id);
	} catch (error) {
		if (request.autoRemove) await removeQuietly(containers, id);
		throw error;
	}
	context.host.stdout.write(`${id}\n`);
	return undefined;
}

/** `tonnage exec`: the exit code is the command's. */
export async function execInContainer({ context, operands, options }: VerbCall): Promise<number> {
	const [name = '', ...command] = operands;
	if (command.length === 0) throw new UsageError('"tonnage exec" needs a COMMAND.', 'See "tonnage exec --help".');
	const wish = { stdin: options.flag('interactive'), tty: options.flag('tty') };
	const detach = options.flag('detach');
	if (!detach) checkTerminal(context, wish);
	const request = {
		command,
		environment: environmentFrom(options, context.host),
		workingDirectory: options.text('workdir'),
		user: options.text('user'),
		...wish,
		detach,
	};
	const foreground = await foregroundOf(context);
	return withStreams(context, detach ? { stdin: false, tty: false } : wish, (streams) =>
		foreground.exec(name, request, streams),
	);
}

/** Plain `run` will mean a bridge one day; until then nobody should wonder why there is no network. */
function sayNetwork({ host }: CliContext, options: OptionValues): void {
	if (options.text('network') !== undefined) return;
	host.stderr.write('No --network was given: the container has none but its own loopback, as with --network none.\n');
}

async function removeQuietly(containers: Containers, id: string): Promise<void> {
	try {
		await containers.remove(id, { force: true, volumes: true });
	} catch (error) {
		if (!isEngineError(error)) throw error;
	}
}
