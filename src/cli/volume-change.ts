import { labelsFrom } from './container-request.ts';
import { forEachOperand } from './each-operand.ts';
import { printable } from './printable.ts';
import type { VerbCall } from './verb.ts';

/** `tonnage volume create`. */
export async function createVolume({ context, operands, options }: VerbCall): Promise<undefined> {
	const labels = labelsFrom(options.texts('label'));
	const { volumes } = await context.engine();
	context.host.stdout.write(`${await volumes.create({ name: operands[0], labels })}\n`);
	return undefined;
}

/** `tonnage volume rm`. */
export async function removeVolumes({ context, operands, options }: VerbCall): Promise<number> {
	const { volumes } = await context.engine();
	return forEachOperand(context, operands, {
		mayBeMissing: options.flag('force'),
		act: async (name) => {
			await volumes.remove(name);
			context.host.stdout.write(`${printable(name)}\n`);
		},
	});
}
