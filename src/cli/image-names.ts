import { canonicalReference, familiarReference } from '../engine/reference.ts';
import { forEachOperand } from './each-operand.ts';
import { printable } from './printable.ts';
import type { VerbCall } from './verb.ts';

/** `tonnage tag`. */
export async function tagImage({ context, operands }: VerbCall): Promise<undefined> {
	const [source = '', target = ''] = operands;
	const reference = canonicalReference(target);
	await (await context.engine()).images.tag(source, reference);
	return undefined;
}

/** `tonnage rmi`: names go first, an image with its last name. */
export async function removeImages({ context, operands, options }: VerbCall): Promise<number> {
	const { images } = await context.engine();
	const { stdout, stderr } = context.host;
	const force = options.flag('force');
	const act = async (name: string) => {
		const removal = await images.remove(name, { force });
		for (const reference of removal.untagged) {
			stdout.write(`Untagged: ${printable(familiarReference(reference))}\n`);
		}
		for (const { kind, id } of removal.deleted) {
			if (kind === 'image' || kind === 'layer') stdout.write(`Deleted: ${id}\n`);
		}
		if (removal.hiddenFor.length > 0) {
			const holders = removal.hiddenFor.map((holder) => printable(holder)).join(', ');
			stderr.write(`The image stays, without a name, until it is no longer needed by ${holders}.\n`);
		}
	};
	return forEachOperand(context, operands, { act, mayBeMissing: force });
}
