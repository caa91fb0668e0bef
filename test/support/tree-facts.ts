import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { listXattrs } from '../../src/engine/embedded/system/syscalls.ts';

/**
 * Everything that matters of a tree, one line for each path, sorted: type, mode, owner, time, size and content of
 * files, target of links, device numbers, extended attributes, and which names are one file.
 * `overlay`'s own attributes and a directory's size are left out: they are the filesystem's affair.
 */
export function treeFacts(root: string): readonly string[] {
	const firstNames = new Map<bigint, string>();
	const lines: string[] = [];
	// A name is bytes; as Latin-1 each byte is one character.
	const visit = (relative: string) => {
		const path = Buffer.concat([Buffer.from(root), Buffer.from(`/${relative}`, 'latin1')]);
		const stats = lstatSync(path, { bigint: true });
		const facts = [`/${relative}`, stats.mode.toString(8), `${stats.uid}:${stats.gid}`, String(stats.mtimeNs)];
		if (stats.isSymbolicLink()) facts.push(readlinkSync(path, 'latin1'));
		if (stats.isFile()) facts.push(createHash('sha256').update(readFileSync(path)).digest('hex'));
		if (stats.isBlockDevice() || stats.isCharacterDevice()) facts.push(`device ${stats.rdev}`);
		if (!stats.isDirectory() && stats.nlink > 1n) {
			facts.push(`same as ${firstNames.get(stats.ino) ?? relative}`);
			if (!firstNames.has(stats.ino)) firstNames.set(stats.ino, relative);
		}
		for (const [name, value] of listXattrs(path)) {
			if (!name.startsWith('trusted.overlay.')) facts.push(`${name}=${value.toString('hex')}`);
		}
		lines.push(facts.join(' '));
		if (!stats.isDirectory()) return;
		for (const name of readdirSync(path, 'latin1').sort()) visit(relative === '' ? name : `${relative}/${name}`);
	};
	visit('');
	return lines;
}
