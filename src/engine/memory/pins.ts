import { EngineError } from '../errors.ts';
import type { ImageId } from '../model.ts';
import type { Pins } from '../port-collector.ts';
import { familiarReference } from '../reference.ts';
import { resolveImage } from './resolve.ts';
import type { MemoryImage, MemoryTag, MemoryWorld } from './world.ts';

/** The pins of a world behind the port. */
export function createPins(world: MemoryWorld): Pins {
	return {
		list: async () =>
			[...world.pins]
				.map(([imageId, pinnedAt]) => ({ imageId, pinnedAt }))
				.sort((a, b) => a.pinnedAt - b.pinnedAt || (a.imageId < b.imageId ? -1 : 1)),
		pin: async (name) => setPin(world, name, true),
		unpin: async (name) => setPin(world, name, false),
	};
}

/** @throws EngineError in-use where the image is pinned: it may not lose its last name by hand either */
export function refusePinned(world: MemoryWorld, image: MemoryImage, tag: MemoryTag | undefined): void {
	if (!world.pins.has(image.id)) return;
	const id = tag === undefined ? image.id.slice(7, 19) : familiarReference(tag.reference);
	const hint = `Unpin it first: tonnage image unpin ${id}`;
	throw new EngineError('in-use', { what: 'image', id, by: ['a pin'] }, { hint });
}

function setPin(world: MemoryWorld, name: string, pinned: boolean): ImageId {
	const { id } = resolveImage(world, name).image;
	if (world.pins.has(id) === pinned) return id;
	if (pinned) world.pins.set(id, world.now);
	else world.pins.delete(id);
	world.updateImage(id, { hidden: false });
	for (const tag of [...world.tags.values()].filter(({ imageId }) => imageId === id)) {
		world.tags.set(tag.reference, { ...tag, generation: world.nextGeneration() });
	}
	world.recordEvent(pinned ? 'pin' : 'unpin', { kind: 'image', id });
	return id;
}
