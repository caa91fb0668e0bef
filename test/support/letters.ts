import type { Generation, Inventory, Resource, ResourceKey, RootReason } from '../../src/engine/model.ts';
import type { Policy } from '../../src/gc/policy.ts';

/** When letter inventories are taken and planned. */
export const lettersNow = Date.UTC(2026, 10, 20);

/** A node with every field that a test does not care about. */
export function node(id: string, given: Partial<Resource> = {}): Resource {
	return {
		key: key(id),
		label: id,
		detail: '',
		sizeBytes: given.diskBytes ?? 1,
		diskBytes: 1,
		measuredAt: undefined,
		createdAt: lettersNow - 1000,
		storedAt: lettersNow - 1000,
		lastUsedAt: undefined,
		labels: {},
		root: undefined,
		references: [],
		keptWith: undefined,
		hidden: false,
		generation: '1' as Generation,
		...given,
	};
}

/** Letters are all of one kind: marking knows no kinds. */
export function key(id: string): ResourceKey {
	return { kind: 'layer', id };
}

/** Nodes as an inventory. */
export function inventoryOf(resources: readonly Resource[]): Inventory {
	return { takenAt: lettersNow, revision: 1, resources, metadataBytes: 0, filesystem: undefined };
}

/**
 * A graph in a few words: `T(tag)~A > A; A:10 > B C` is a tag T that is kept with A and refers to it, and A with
 * ten bytes, which refers to B and C. Each node must be listed, unless its absence is the point.
 */
export function letters(text: string): Inventory {
	return inventoryOf(
		text
			.split(';')
			.map((line) => line.trim())
			.filter((line) => line !== '')
			.map((line) => {
				const [, id = '', root, bytes, keptWith, targets = ''] =
					/^(\w+)(?:\(([\w-]+)\))?(?::(\d+))?(?:~(\w+))?(?:\s*>\s*(.*))?$/.exec(line) ?? [];
				if (id === '') throw new Error(`"${line}" is not a node`);
				return node(id, {
					root: root as RootReason | undefined,
					diskBytes: Number(bytes ?? 1),
					keptWith: keptWith === undefined ? undefined : key(keptWith),
					references: targets.split(/\s+/).filter(Boolean).map(key),
				});
			}),
	);
}

/** A policy that demotes those roots and nothing else. */
export function demoting(...roots: Policy['demotions'][number]['roots']): Policy {
	return {
		name: 'test',
		demotions: roots.map((root) => ({ roots: [root], rule: `demoted ${root}`, createdBefore: undefined, labels: [] })),
		graceMs: 0,
	};
}
