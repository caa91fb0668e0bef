import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unlinkTree } from '../../src/engine/embedded/layers/unlink-tree.ts';

const layers = new Map<string, Promise<string>>();
let cache: string | undefined;

// A test's worker is killed, not ended; outside of tests nobody calls hooks.
if (process.env.VITEST === undefined) process.once('exit', dropCache);
else (await import('vitest')).afterAll(dropCache);

/**
 * The tar of a root filesystem with the given Debian packages unpacked into it, not configured: real files with
 * their owners, modes, times and links. Made once for each test file; gone when that ends. Needs apt's lists.
 */
export function debianLayer(packages: readonly string[]): Promise<string> {
	const name = packages.toSorted().join('_');
	const made = layers.get(name) ?? Promise.resolve(makeLayer(name, packages));
	layers.set(name, made);
	return made;
}

function makeLayer(name: string, packages: readonly string[]): string {
	const directory = join(cacheDirectory(), name);
	const root = join(directory, 'root');
	mkdirSync(root, { recursive: true });
	run(directory, 'apt-get', ['-o', 'APT::Sandbox::User=root', '-q', 'download', ...packages]);
	for (const file of readdirSync(directory).filter((entry) => entry.endsWith('.deb'))) {
		run(directory, 'dpkg-deb', ['--extract', file, root]);
	}
	const tar = join(directory, 'layer.tar');
	run(directory, 'tar', ['--create', '--sort=name', '--numeric-owner', '--xattrs', '--file', tar, '-C', root, '.']);
	unlinkTree(root);
	return tar;
}

function cacheDirectory(): string {
	if (cache !== undefined) return cache;
	const made = mkdtempSync(join(tmpdir(), 'tonnage-debian-'));
	cache = made;
	return made;
}

function dropCache(): void {
	if (cache !== undefined) unlinkTree(cache);
}

function run(directory: string, command: string, parameters: readonly string[]): void {
	execFileSync(command, parameters, { cwd: directory, stdio: ['ignore', 'ignore', 'pipe'] });
}
