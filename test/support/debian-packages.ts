import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './commands.ts';

/** Downloads Debian packages and gives the tars that dpkg would unpack, as their makers wrote them. Needs apt's lists. */
export function debianPackageTars(directory: string, packages: readonly string[]): ReadonlyMap<string, string> {
	mkdirSync(directory, { recursive: true });
	run('apt-get', ['-o', 'APT::Sandbox::User=root', '-q', 'download', ...packages], { cwd: directory });
	const tars = new Map<string, string>();
	for (const file of readdirSync(directory).filter((name) => name.endsWith('.deb'))) {
		const name = file.slice(0, file.indexOf('_'));
		const tar = join(directory, `${name}.tar`);
		const output = openSync(tar, 'w');
		execFileSync('dpkg-deb', ['--fsys-tarfile', join(directory, file)], { stdio: ['ignore', output, 'pipe'] });
		closeSync(output);
		tars.set(name, tar);
	}
	return tars;
}
