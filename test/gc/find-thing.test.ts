import { describe, expect, test } from 'vitest';
import { takeInventory } from '../../src/engine/memory/inventory.ts';
import { canonicalReference } from '../../src/engine/reference.ts';
import { findThing } from '../../src/gc/find-thing.ts';
import { world } from '../support/world.ts';

const builder = world();
const webId = builder.storeImage('web:1', ['base 10MB', 'app 2MB']);
builder.container('web', { image: 'web:1' }).volume('logbook', '1MB').leftover('orphan', 'layers/x', '1MB');
const inventory = takeInventory(builder.build());
const containerId = [...builder.build().containers.keys()][0] ?? '';
const layerId = inventory.resources.find(({ label }) => label === 'app')?.key.id ?? '';

const find = (text: string, kind?: Parameters<typeof findThing>[1]['kind'], reference?: string) =>
	findThing(inventory, { text, kind, reference }).key;

describe('a thing is found', () => {
	test.each([
		['by a container’s name', 'web', 'container', containerId],
		['by the start of a container’s id', containerId.slice(0, 12), 'container', containerId],
		['by a volume’s name', 'logbook', 'volume', 'logbook'],
		['by an image’s id, not as the blob of the same digest', webId, 'image', webId],
		['by the start of an image’s id', webId.slice(7, 19), 'image', webId],
		['by a digest with its algorithm', `sha256:${layerId.slice(7, 17)}`, 'layer', layerId],
		['by an orphan’s path', 'layers/x', 'orphan', 'layers/x'],
	] as const)('%s', (_, text, kind, id) => {
		expect(find(text)).toEqual({ kind, id });
	});

	test('by a reference, which means the image, or the name where names are asked for', () => {
		const reference = canonicalReference('web:1');
		expect(find('web:1', undefined, reference)).toEqual({ kind: 'image', id: webId });
		expect(find('web:1', 'tag', reference)).toEqual({ kind: 'tag', id: reference });
		expect(find(webId, 'blob')).toEqual({ kind: 'blob', id: webId });
	});
});

test.each(['nothing', '', 'fff0', 'base'])('"%s" is nothing', (text) => {
	expect(() => find(text)).toThrow(`No thing is called "${text}".`);
});

test('what fits several things is told with all of them', () => {
	expect(() => find(webId.slice(7, 19), 'volume')).toThrow('No volume');
	const many = world();
	for (let count = 0; count < 20; count++) many.storeImage(`many:${count}`, [`layer ${count + 1}MB`]);
	const crowded = takeInventory(many.build());
	const starts = crowded.resources.filter(({ key }) => key.kind === 'image').map(({ key }) => key.id[7] ?? '');
	const twice = starts.find((digit, index) => starts.indexOf(digit) !== index) ?? '';
	expect(() => findThing(crowded, { text: twice, kind: 'image', reference: undefined })).toThrow(
		new RegExp(`^"${twice}" fits \\d+ things: image `),
	);
});
