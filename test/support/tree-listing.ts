import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { run } from './commands.ts';

export interface ListingOptions {
	/** Attributes that one side cannot have. */
	readonly ignoreXattrs?: RegExp;
	/** The times of directories, which making something in them changes. */
	readonly ignoreDirectoryTimes?: boolean;
	/** Paths to leave out, below the root without a leading slash. */
	readonly ignorePaths?: RegExp;
}

/**
 * Everything that can be seen of a tree, one line for each name but the root: type and mode, owner, modification time
 * in nanoseconds, link count, device, link target, extended attributes, digest of the content. Hard-linked names show
 * the first of them. Extended attributes are read by getfattr(1), not by the engine.
 */
export function listTree(root: string, options: ListingOptions = {}): readonly string[] {
	const attributes = readAttributes(root, options);
	const firstNames = new Map<string, string>();
	const lines: string[] = [];
	const visit = (relative: string) => {
		for (const name of readdirSync(bytes(`${root}/${relative}`), 'latin1').sort()) {
			const path = relative === '' ? name : `${relative}/${name}`;
			if (options.ignorePaths?.test(path) === true) continue;
			lines.push(`${escaped(path)} ${describe(root, path, firstNames, options)}${attributes.get(path) ?? ''}`);
			if (lstatSync(bytes(`${root}/${path}`)).isDirectory()) visit(path);
		}
	};
	visit('');
	return lines;
}

function describe(root: string, path: string, firstNames: Map<string, string>, options: ListingOptions): string {
	const file = bytes(`${root}/${path}`);
	const stats = lstatSync(file, { bigint: true });
	const facts = [`${stats.mode.toString(8)} ${stats.uid}:${stats.gid}`];
	if (!stats.isDirectory() || options.ignoreDirectoryTimes !== true) facts.push(String(stats.mtimeNs));
	if (stats.isDirectory()) return facts.join(' ');
	if (stats.isSymbolicLink()) facts.push(`-> ${escaped(readlinkSync(file, 'latin1'))}`);
	if (stats.isCharacterDevice() || stats.isBlockDevice()) facts.push(`device ${stats.rdev}`);
	// Whiteouts share one inode or do not, as whoever made them likes.
	const isWhiteout = stats.isCharacterDevice() && stats.rdev === 0n;
	if (isWhiteout) return 'whiteout';
	if (stats.nlink > 1n) {
		const inode = `${stats.dev}:${stats.ino}`;
		if (!firstNames.has(inode)) firstNames.set(inode, path);
		facts.push(`${stats.nlink} links, first ${escaped(firstNames.get(inode) ?? '')}`);
	}
	if (stats.isFile()) facts.push(`${stats.size} ${createHash('sha256').update(readFileSync(file)).digest('hex')}`);
	return facts.join(' ');
}

function readAttributes(root: string, options: ListingOptions): ReadonlyMap<string, string> {
	const found = new Map<string, string>();
	const dump = run(
		'getfattr',
		['--recursive', '--physical', '--no-dereference', '--dump', '--match=-', '--encoding=hex', '.'],
		{
			cwd: root,
		},
	);
	for (const section of dump.split('\n\n')) {
		const [first, ...lines] = section.trim().split('\n');
		const kept = lines.filter((line) => options.ignoreXattrs?.test(line) !== true).sort();
		if (first === undefined || kept.length === 0) continue;
		const path = first.replace('# file: ', '').replace(/^\.\//, '');
		found.set(unescaped(path), ` {${kept.join(' ')}}`);
	}
	return found;
}

/** getfattr writes odd bytes as `\ooo`. */
function unescaped(text: string): string {
	return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

function escaped(name: string): string {
	return name.replace(/[^ -~]/g, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

function bytes(path: string): Buffer {
	return Buffer.from(path, 'latin1');
}
