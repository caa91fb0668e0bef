import type { LimitChange } from '../engine/port-containers.ts';
import { forEachOperand } from './each-operand.ts';
import { UsageError } from './failure.ts';
import { parseByteSize, parseCpus, parseWholeNumber } from './option-values.ts';
import { printable } from './printable.ts';
import type { OptionValues, VerbCall, VerbOption } from './verb.ts';

/** Of `update`. */
export const updateOptions: readonly VerbOption[] = [
	{ flags: '--cpus <number>', description: 'At most so many CPUs’ worth of time, e.g. 1.5; 0 for no limit' },
	{ flags: '-m, --memory <size>', description: 'At most so much memory, e.g. 512m; 0 for no limit' },
	{ flags: '--pids-limit <count>', description: 'At most so many processes; -1 for no limit' },
];

/** `tonnage update`: what is not given stays as it is. */
export async function updateContainers({ context, operands, options }: VerbCall): Promise<number> {
	const change = changeFrom(options);
	if (Object.keys(change).length === 0) {
		throw new UsageError('"tonnage update" needs a limit to set.', 'See "tonnage update --help".');
	}
	const { containers } = await context.engine();
	return forEachOperand(context, operands, {
		act: async (name) => {
			await containers.update(name, change);
			context.host.stdout.write(`${printable(name)}\n`);
		},
	});
}

/** `tonnage rename`. */
export async function renameContainer({ context, operands }: VerbCall): Promise<undefined> {
	const [name = '', newName = ''] = operands;
	const { containers } = await context.engine();
	await containers.rename(name, newName);
	return undefined;
}

function changeFrom(options: OptionValues): LimitChange {
	const memory = options.text('memory');
	const cpus = options.text('cpus');
	const pids = options.text('pids-limit');
	const pidsLimit = pids === undefined ? 0 : parseWholeNumber(pids, '--pids-limit');
	return {
		...(memory === undefined ? {} : { memoryBytes: parseByteSize(memory, '--memory') || undefined }),
		...(cpus === undefined ? {} : { cpus: Number(cpus) === 0 ? undefined : parseCpus(cpus) }),
		...(pids === undefined ? {} : { pidsLimit: pidsLimit <= 0 ? undefined : pidsLimit }),
	};
}
