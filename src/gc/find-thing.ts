import { EngineError } from '../engine/errors.ts';
import type { Inventory, Resource, ResourceKind } from '../engine/model.ts';

/** What a person typed to mean one stored thing. */
export interface ThingName {
	/** As typed: a name, an id or the start of one. */
	readonly text: string;
	/** The same as a canonical reference, where it can be one. */
	readonly reference: string | undefined;
	/** Only things of this kind. */
	readonly kind: ResourceKind | undefined;
}

/** Where one text means several kinds of things, the first of these is meant. An image's config has the image's digest. */
const kindOrder: readonly ResourceKind[] = [
	'container',
	'image',
	'volume',
	'layer',
	'blob',
	'tag',
	'lease',
	'ingest',
	'orphan',
	'trash',
];

/** Kinds that people know by the start of an id. */
const kindsWithDigits: readonly ResourceKind[] = ['container', 'image', 'layer', 'blob'];

/**
 * Finds the stored thing that a person means: by its whole id or name first, then by a unique start of an id. A
 * reference means the image that has it, unless names were asked for.
 * @throws EngineError not-found, ambiguous
 */
export function findThing(inventory: Inventory, name: ThingName): Resource {
	const { text, kind } = name;
	const resources =
		kind === undefined ? inventory.resources : inventory.resources.filter(({ key }) => key.kind === kind);
	const exact = first(resources.filter((resource) => isNamed(resource, name)));
	const found = exact ?? imageOf(inventory, name) ?? byStart(resources, text);
	if (found === undefined) throw new EngineError('not-found', { what: kind ?? 'thing', id: text });
	return found;
}

function isNamed({ key, label }: Resource, { text, reference, kind }: ThingName): boolean {
	if (key.kind === 'tag') return kind === 'tag' && (key.id === reference || key.id === text);
	if (key.id === text) return true;
	if (kindsWithDigits.includes(key.kind) && key.id === `sha256:${text}`) return true;
	// Only of these is the label a name; of an image it is one of its references, of a layer a command.
	return (key.kind === 'container' || key.kind === 'volume') && label === text;
}

function imageOf(inventory: Inventory, { reference, kind }: ThingName): Resource | undefined {
	if (reference === undefined || (kind !== undefined && kind !== 'image')) return undefined;
	const tag = inventory.resources.find(({ key }) => key.kind === 'tag' && key.id === reference);
	const image = tag?.references.find((key) => key.kind === 'image');
	return inventory.resources.find(({ key }) => key.kind === 'image' && key.id === image?.id);
}

function byStart(resources: readonly Resource[], text: string): Resource | undefined {
	const digits = text.replace(/^sha256:/, '');
	if (!/^[0-9a-f]{1,64}$/.test(digits)) return undefined;
	const fitting = resources.filter(
		({ key }) => kindsWithDigits.includes(key.kind) && key.id.replace(/^sha256:/, '').startsWith(digits),
	);
	const best = first(fitting);
	// The config of an image is not another thing for the person who typed its digest.
	const rivals = fitting.filter(({ key }) => key.kind !== 'blob' || best?.key.kind === 'blob');
	if (rivals.length > 1) {
		const matches = rivals.map(({ key }) => `${key.kind} ${key.id.replace(/^sha256:/, '').slice(0, 12)}`);
		throw new EngineError('ambiguous', { what: 'thing', id: text, matches });
	}
	return best;
}

function first(resources: readonly Resource[]): Resource | undefined {
	const rank = ({ key }: Resource) => kindOrder.indexOf(key.kind);
	return resources.toSorted((a, b) => rank(a) - rank(b))[0];
}
