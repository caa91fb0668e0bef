import { EngineError } from '../../errors.ts';
import { type BytePath, printablePath } from '../system/byte-path.ts';
import { LayerDisk } from './layer-disk.ts';
import type { SkeletonWriter } from './skeleton.ts';
import type { TarEntry } from './tar-format.ts';
import type { TarSink } from './tar-reader.ts';
import {
	childPath,
	type DirectoryNode,
	type Inode,
	LayerMap,
	type LayerNode,
	type LeafNode,
	type Place,
} from './unpack-paths.ts';

const whiteoutPrefix = '.wh.';
const opaqueMarker = '.wh..wh..opq';
/** Attributes of directories wait in memory for the end; honest layers need a few kilobytes. */
const heldXattrBytes = 2 ** 26;

/** What a directory gets that the layer never describes: the same on every machine and day. */
const unnamedDirectory = {
	mode: 0o755,
	uid: 0,
	gid: 0,
	mtime: { seconds: 0, nanoseconds: 0 },
	xattrs: new Map<string, Buffer>(),
};

/**
 * Applies a layer's entries as they come: decides what each one means and refuses what no honest layer says. Every
 * path is resolved in the map, so that the kernel never meets a symlink on the way. Directories get their attributes
 * at the end.
 * Spec: image-spec layer.md#applying-changesets (v1.1.1)
 */
export class LayerWriter implements TarSink {
	readonly #disk: LayerDisk;
	readonly #skeleton: SkeletonWriter;
	readonly #where: string;
	readonly #map: LayerMap;
	#entry: TarEntry | undefined;
	#filePath: BytePath = '';
	#heldXattrBytes = 0;
	/** What all whiteouts are names of. */
	#whiteoutInode: Inode = { sizeBytes: 0, nameCount: 0 };
	sizeBytes = 0;
	inodeCount = 1;
	entryCount = 0;

	/** `directory` holds an empty `fs`, and nobody else may write in it. */
	constructor(options: { readonly directory: string; readonly skeleton: SkeletonWriter; readonly where: string }) {
		this.#disk = new LayerDisk(options.directory);
		this.#skeleton = options.skeleton;
		this.#where = options.where;
		const makeDirectory = (node: DirectoryNode) => {
			this.#disk.makeDirectory(node.path);
			this.inodeCount++;
		};
		const replaceWhiteout = (parent: DirectoryNode, name: BytePath) => this.#openDirectory(parent, name);
		this.#map = new LayerMap({ makeDirectory, replaceWhiteout }, options.where);
	}

	/** Name of the entry that was begun last. */
	get currentName(): BytePath {
		return this.#entry?.name ?? '';
	}

	structure(bytes: Uint8Array): void {
		this.#skeleton.raw(bytes);
	}

	entry(entry: TarEntry): void {
		this.#entry = entry;
		this.entryCount++;
		const place = this.#map.place(entry.name);
		if (place.name.startsWith(whiteoutPrefix)) this.#hide(place, entry);
		else if (place.name === '') this.#describeRoot(entry);
		else if (entry.type === 'directory') this.#addDirectory(place, entry);
		else if (entry.type === 'hardlink') this.#addHardlink(place, entry);
		else this.#addLeaf(place, entry);
	}

	payload(bytes: Uint8Array): void {
		// What belongs to no file, such as the content of a whiteout marker, is kept as it is.
		if (!this.#disk.write(bytes)) this.#skeleton.raw(bytes);
	}

	endEntry(): void {
		if (this.#disk.endFile() && this.#entry !== undefined) this.#disk.describe(this.#filePath, 'file', this.#entry);
	}

	/** After the last entry. */
	finish(): void {
		this.#disk.finish();
		this.#finishDirectory(this.#map.root);
	}

	/** Lets go of what is open; harmless when nothing is. */
	close(): void {
		this.#disk.endFile();
	}

	#describeRoot(entry: TarEntry): void {
		if (entry.type !== 'directory') throw this.#unsafe('replaces the root directory');
		this.#holdAttributes(this.#map.root, entry);
	}

	#addDirectory({ parent, name }: Place, entry: TarEntry): void {
		const present = parent.children.get(name);
		let node: DirectoryNode;
		if (present?.kind === 'directory') node = present;
		else if (present?.kind === 'whiteout') node = this.#openDirectory(parent, name);
		else {
			this.#makeRoom(parent, name);
			node = this.#map.addDirectory(parent, name);
		}
		this.#holdAttributes(node, entry);
	}

	#addLeaf({ parent, name }: Place, entry: TarEntry): void {
		this.#makeRoom(parent, name);
		const path = childPath(parent, name);
		const inode = { sizeBytes: entry.type === 'symlink' ? entry.linkName.length : entry.sizeBytes, nameCount: 1 };
		const leaf = { inode, target: entry.linkName, payload: undefined };
		if (entry.type === 'file') {
			this.#disk.beginFile(path, entry.sizeBytes);
			this.#filePath = path;
			const payload = entry.sizeBytes === 0 ? undefined : this.#skeleton.payload(path, entry.sizeBytes);
			this.#add(parent, name, { ...leaf, kind: 'file', payload });
		} else if (entry.type === 'symlink') {
			if (entry.linkName === '') throw this.#unsafe('is a symbolic link to nothing');
			this.#disk.makeSymlink(path, entry.linkName);
			this.#add(parent, name, { ...leaf, kind: 'symlink' });
			this.#disk.describe(path, 'symlink', entry);
		} else {
			this.#addDevice({ parent, name }, entry, leaf);
		}
	}

	#addDevice({ parent, name }: Place, entry: TarEntry, leaf: Omit<LeafNode, 'kind'>): void {
		const { type } = entry;
		if (type !== 'character-device' && type !== 'block-device' && type !== 'fifo') return;
		const [major, minor] = type === 'fifo' ? [0, 0] : [entry.deviceMajor, entry.deviceMinor];
		if (type === 'character-device' && major === 0 && minor === 0) {
			// Overlayfs knows whiteouts by exactly this device.
			this.#linkWhiteout(parent, name);
			return;
		}
		if (major < 0 || major > 0xfff || minor < 0 || minor > 0xfffff) {
			throw this.#unsafe('is a device with impossible numbers');
		}
		const path = childPath(parent, name);
		this.#disk.makeDevice(path, { type, major, minor });
		this.#add(parent, name, { ...leaf, kind: 'device' });
		this.#disk.describe(path, 'device', entry);
	}

	#addHardlink({ parent, name }: Place, entry: TarEntry): void {
		const target = this.#map.leaf(entry.linkName);
		const shown = printablePath(entry.linkName);
		if (target === undefined || target.node.kind === 'whiteout') {
			throw this.#unsafe(`is a hard link to "${shown}", which is no file of this layer`);
		}
		const path = childPath(parent, name);
		if (path === target.path) throw this.#unsafe('is a hard link to itself');
		this.#makeRoom(parent, name);
		if (this.#map.leaf(entry.linkName)?.node !== target.node) {
			throw this.#unsafe(`takes the place of "${shown}", which it is a hard link to`);
		}
		this.#disk.makeHardlink(path, target.path);
		target.node.inode.nameCount++;
		parent.children.set(name, { ...target.node, payload: undefined });
		if (target.node.kind !== 'symlink') this.#describeAgain(path, target.node.kind, entry);
	}

	/** As Docker does, the last name's header counts. Where it says the same, a capability is not lost to chown. */
	#describeAgain(path: BytePath, kind: LeafNode['kind'], entry: TarEntry): void {
		const { uid, gid, mode } = this.#disk.stats(path);
		const same = uid === entry.uid && gid === entry.gid && (mode & 0o7777) === entry.mode;
		if (!same || entry.xattrs.size > 0) this.#disk.describe(path, kind, entry);
	}

	/** Spec: image-spec layer.md#whiteouts (v1.1.1) */
	#hide({ parent, name }: Place, entry: TarEntry): void {
		if (entry.type !== 'file' && entry.type !== 'hardlink') throw this.#unsafe('is a whiteout marker but no file');
		if (name === opaqueMarker) {
			this.#disk.makeOpaque(parent.path);
			return;
		}
		const hidden = name.slice(whiteoutPrefix.length);
		if (hidden === '' || hidden === '.' || hidden === '..' || hidden.startsWith(whiteoutPrefix)) {
			throw this.#unsafe('is a whiteout of something that cannot be a name');
		}
		// A whiteout hides what is below this layer only: what the layer itself has under that name stands.
		const present = parent.children.get(hidden);
		if (present?.kind === 'directory') this.#disk.makeOpaque(present.path);
		else if (present === undefined) this.#linkWhiteout(parent, hidden);
	}

	#linkWhiteout(parent: DirectoryNode, name: BytePath): void {
		if (this.#disk.makeWhiteout(childPath(parent, name))) this.#whiteoutInode = { sizeBytes: 0, nameCount: 0 };
		const inode = this.#whiteoutInode;
		if (inode.nameCount++ === 0) this.inodeCount++;
		parent.children.set(name, { kind: 'whiteout', inode, target: '', payload: undefined });
	}

	/** A whiteout and a directory of the same name are a directory that hides the one below. */
	#openDirectory(parent: DirectoryNode, name: BytePath): DirectoryNode {
		this.#makeRoom(parent, name);
		const node = this.#map.addDirectory(parent, name);
		this.#disk.makeOpaque(node.path);
		return node;
	}

	#add(parent: DirectoryNode, name: BytePath, leaf: LeafNode): void {
		parent.children.set(name, leaf);
		this.sizeBytes += leaf.inode.sizeBytes;
		this.inodeCount++;
	}

	/** The later entry of a name wins. */
	#makeRoom(parent: DirectoryNode, name: BytePath): void {
		const present = parent.children.get(name);
		if (present !== undefined) this.#discard(parent, name, present);
	}

	#discard(parent: DirectoryNode, name: BytePath, node: LayerNode): void {
		const path = childPath(parent, name);
		if (node.kind === 'directory') {
			for (const [child, inner] of node.children) this.#discard(node, child, inner);
			this.#disk.removeDirectory(path);
			this.inodeCount--;
		} else {
			this.#discardLeaf(path, node);
		}
		parent.children.delete(name);
	}

	#discardLeaf(path: BytePath, { inode, payload }: LeafNode): void {
		inode.nameCount--;
		if (payload === undefined) this.#disk.removeFile(path);
		else this.#disk.displace(path, payload, inode.nameCount > 0);
		if (inode.nameCount > 0) return;
		this.sizeBytes -= inode.sizeBytes;
		this.inodeCount--;
	}

	#holdAttributes(node: DirectoryNode, entry: TarEntry): void {
		const { mode, uid, gid, mtime, xattrs } = entry;
		for (const value of xattrs.values()) this.#heldXattrBytes += value.length;
		if (this.#heldXattrBytes > heldXattrBytes) {
			const limit = `${heldXattrBytes.toLocaleString('en')} bytes`;
			throw new EngineError('limit-exceeded', { what: `the attributes of directories in ${this.#where}`, limit });
		}
		node.attributes = { mode, uid, gid, mtime, xattrs };
	}

	#finishDirectory(node: DirectoryNode): void {
		for (const child of node.children.values()) if (child.kind === 'directory') this.#finishDirectory(child);
		this.#disk.describe(node.path, 'directory', node.attributes ?? unnamedDirectory);
	}

	#unsafe(why: string): EngineError {
		return new EngineError('unsafe', { what: this.#where, entry: printablePath(this.currentName), why });
	}
}
