import { canonicalReference } from '../engine/reference.ts';
import { printable } from './printable.ts';
import type { VerbCall } from './verb.ts';

const changeLetters = { added: 'A', changed: 'C', deleted: 'D' } as const;

/** `tonnage diff`. */
export async function showChanges({ context, operands }: VerbCall): Promise<undefined> {
	const { containers } = await context.engine();
	const changes = await containers.changes(operands[0] ?? '');
	const lines = changes.map(({ kind, path }) => `${changeLetters[kind]} ${printable(path)}\n`);
	if (lines.length > 0) context.host.stdout.write(lines.join(''));
	return undefined;
}

/** `tonnage commit`. */
export async function commitContainer({ context, operands, options }: VerbCall): Promise<undefined> {
	const [name = '', target] = operands;
	const reference = target === undefined ? undefined : canonicalReference(target);
	const { containers } = await context.engine();
	const id = await containers.commit(name, {
		reference,
		author: options.text('author') ?? '',
		message: options.text('message') ?? '',
		changes: options.texts('change'),
		pause: !options.flag('no-pause'),
	});
	context.host.stdout.write(`${id}\n`);
	return undefined;
}
