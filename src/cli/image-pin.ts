import { EngineError } from '../engine/errors.ts';
import type { ImageSummary, Instant } from '../engine/model.ts';
import type { Pins } from '../engine/port-collector.ts';
import { familiarReference } from '../engine/reference.ts';
import type { CliContext } from './context.ts';
import { forEachOperand } from './each-operand.ts';
import { timeAgo } from './human-duration.ts';
import { printable } from './printable.ts';
import { shownId } from './shorten.ts';
import { renderTable } from './table.ts';
import type { VerbCall } from './verb.ts';

/** `tonnage image pin`; without operands the list of what is pinned. */
export async function pinImages({ context, operands }: VerbCall): Promise<number | undefined> {
	const pins = await pinsOf(context);
	if (operands.length === 0) return listPins(context, pins);
	return forEachOperand(context, operands, {
		act: async (name) => {
			context.host.stdout.write(`Pinned: ${await pins.pin(name)}\n`);
		},
	});
}

/** `tonnage image unpin`. */
export async function unpinImages({ context, operands }: VerbCall): Promise<number> {
	const pins = await pinsOf(context);
	return forEachOperand(context, operands, {
		act: async (name) => {
			context.host.stdout.write(`Unpinned: ${await pins.unpin(name)}\n`);
		},
	});
}

async function pinsOf(context: CliContext): Promise<Pins> {
	const engine = await context.engine();
	if (engine.pins !== undefined) return engine.pins;
	throw new EngineError('unsupported', { operation: 'pinning images', why: `${engine.identity.kind} has no pins` });
}

async function listPins(context: CliContext, pins: Pins): Promise<undefined> {
	const { images } = await context.engine();
	const byId = new Map((await images.list()).map((image): [string, ImageSummary] => [image.id, image]));
	const rows = (await pins.list()).map(({ imageId, pinnedAt }) =>
		pinRow(byId.get(imageId), { imageId, pinnedAt, now: context.host.now() }),
	);
	context.host.stdout.write(renderTable([['IMAGE ID', 'NAMES', 'PINNED'], ...rows]));
	return undefined;
}

function pinRow(
	image: ImageSummary | undefined,
	{ imageId, pinnedAt, now }: { readonly imageId: string; readonly pinnedAt: Instant; readonly now: Instant },
): readonly string[] {
	const names = (image?.references ?? []).map((reference) => familiarReference(reference)).join(', ');
	return [shownId(imageId, false), printable(names === '' ? '<none>' : names), timeAgo(pinnedAt, now)];
}
