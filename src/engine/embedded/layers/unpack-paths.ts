import { EngineError } from '../../errors.ts';
import { type BytePath, printablePath } from '../system/byte-path.ts';
import type { NodeAttributes } from './node-attributes.ts';

/** A directory of the layer. The whole tree of them is the only thing that paths are resolved in. */
export interface DirectoryNode {
	readonly kind: 'directory';
	/** Real path below the layer's root, free of symlinks; empty for the root. */
	readonly path: BytePath;
	readonly parent: DirectoryNode | undefined;
	/** Directories above it, the root included. */
	readonly depth: number;
	readonly children: Map<BytePath, LayerNode>;
	/** undefined where the layer names the directory only on the way to something else. */
	attributes: NodeAttributes | undefined;
}

/** An inode with at least one name. */
export interface Inode {
	readonly sizeBytes: number;
	nameCount: number;
}

/** Anything that is no directory. */
export interface LeafNode {
	readonly kind: 'file' | 'symlink' | 'device' | 'whiteout';
	readonly inode: Inode;
	/** Of a symlink. */
	readonly target: BytePath;
	/** Number of the payload that the skeleton looks for under this name; undefined where there is none. */
	readonly payload: number | undefined;
}

/** What the map knows under a name. */
export type LayerNode = DirectoryNode | LeafNode;

/** Where an entry goes: a real directory and a name in it, or the root itself. */
export interface Place {
	readonly parent: DirectoryNode;
	/** Empty for the root. */
	readonly name: BytePath;
}

/** The layer's tree asks for directories to be made when a path needs them. */
export interface DirectoryMaker {
	/** Makes the directory on disk; it is in the map already. */
	makeDirectory(node: DirectoryNode): void;
	/** `name` was whited out and now is a directory: it hides the lower one, and what was there must go. */
	replaceWhiteout(parent: DirectoryNode, name: BytePath): DirectoryNode;
}

/** The kernel walks every path from its start, so that depth makes each entry dearer. Honest layers stay below 100. */
const deepestDirectory = 500;
/** As the kernel's own bound on one path. */
const symlinksInOnePath = 40;
/** In a whole layer, so that long chains of symlinks cost no more than the layer's size. */
const symlinksInLayer = 1_000_000;

/**
 * The layer's names as they are on disk. Every path of a tar is resolved here and never by the kernel, as if the
 * layer's root were the root of a filesystem: a symlink can lead anywhere inside, and nowhere else.
 */
export class LayerMap {
	readonly root: DirectoryNode = {
		kind: 'directory',
		path: '',
		parent: undefined,
		depth: 0,
		children: new Map(),
		attributes: undefined,
	};
	readonly #maker: DirectoryMaker;
	readonly #where: string;
	#symlinksFollowed = 0;

	constructor(maker: DirectoryMaker, where: string) {
		this.#maker = maker;
		this.#where = where;
	}

	/**
	 * The place a name stands for. Directories on the way that are missing are made. The last component is not
	 * followed. A leading slash is ignored, as everybody does; a name that climbs above the root is refused.
	 * @throws EngineError unsafe, corrupt
	 */
	place(name: BytePath): Place {
		const components = this.#normalised(name);
		const last = components.pop() ?? '';
		return { parent: this.#directory(components, name), name: last };
	}

	/** The leaf that a hardlink names; undefined where this layer has no such thing. @throws EngineError unsafe, corrupt */
	leaf(name: BytePath): { readonly node: LeafNode; readonly path: BytePath } | undefined {
		const components = this.#normalised(name);
		const last = components.pop() ?? '';
		const parent = this.#existingDirectory(components, name);
		const node = parent?.children.get(last);
		if (parent === undefined || node === undefined || node.kind === 'directory') return undefined;
		return { node, path: childPath(parent, last) };
	}

	/** Adds a directory to the map and the disk. @throws EngineError limit-exceeded where it is too deep */
	addDirectory(parent: DirectoryNode, name: BytePath): DirectoryNode {
		if (parent.depth >= deepestDirectory) {
			const limit = `${deepestDirectory} directories`;
			throw new EngineError('limit-exceeded', { what: `the depth of ${this.#where}`, limit });
		}
		const node: DirectoryNode = {
			kind: 'directory',
			path: childPath(parent, name),
			parent,
			depth: parent.depth + 1,
			children: new Map(),
			attributes: undefined,
		};
		this.#maker.makeDirectory(node);
		parent.children.set(name, node);
		return node;
	}

	#directory(components: readonly BytePath[], name: BytePath): DirectoryNode {
		return this.#walk(components, name, (parent, child) => this.addDirectory(parent, child)) as DirectoryNode;
	}

	#existingDirectory(components: readonly BytePath[], name: BytePath): DirectoryNode | undefined {
		return this.#walk(components, name, () => undefined);
	}

	/** `missing` says what stands for a directory that is not there; undefined ends the walk. */
	#walk(
		components: readonly BytePath[],
		name: BytePath,
		missing: (parent: DirectoryNode, name: BytePath) => DirectoryNode | undefined,
	): DirectoryNode | undefined {
		const ahead = components.toReversed();
		let current = this.root;
		let followed = 0;
		for (let component = ahead.pop(); component !== undefined; component = ahead.pop()) {
			if (component === '' || component === '.') continue;
			if (component === '..') {
				current = current.parent ?? current;
				continue;
			}
			if (component.startsWith('.wh.')) throw this.#unsafe(name, 'lies below a whiteout marker');
			const child = current.children.get(component);
			if (child === undefined) {
				const made = missing(current, component);
				if (made === undefined) return undefined;
				current = made;
			} else if (child.kind === 'directory') {
				current = child;
			} else if (child.kind === 'symlink') {
				if (++followed > symlinksInOnePath || ++this.#symlinksFollowed > symlinksInLayer) {
					throw this.#unsafe(name, 'leads through too many symbolic links');
				}
				if (child.target.startsWith('/')) current = this.root;
				ahead.push(...child.target.split('/').reverse());
			} else if (child.kind === 'whiteout') {
				current = this.#maker.replaceWhiteout(current, component);
			} else {
				throw this.#unsafe(name, 'lies below something that is not a directory');
			}
		}
		return current;
	}

	#normalised(name: BytePath): BytePath[] {
		const components: BytePath[] = [];
		for (const component of name.split('/')) {
			if (component === '' || component === '.') continue;
			if (component !== '..') components.push(component);
			else if (components.pop() === undefined) throw this.#unsafe(name, 'climbs out of the layer');
		}
		return components;
	}

	#unsafe(name: BytePath, why: string): EngineError {
		return new EngineError('unsafe', { what: this.#where, entry: printablePath(name), why });
	}
}

/** Path below the layer's root of a name in a directory. */
export function childPath(parent: DirectoryNode, name: BytePath): BytePath {
	return parent.path === '' ? name : `${parent.path}/${name}`;
}
