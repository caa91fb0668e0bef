import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The notices of every package that a bundle carries, as their licences ask. `inputs` are the bundle's source paths. */
export function thirdPartyNotices(root: string, inputs: readonly string[]): string {
	const packages = new Set(
		inputs
			.flatMap((path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? [])
			.map((path) => join(root, path)),
	);
	const notices = [...packages].map((directory) => {
		const { name, version, license }: { name: string; version: string; license?: string } = JSON.parse(
			readFileSync(join(directory, 'package.json'), 'utf8'),
		);
		const file = readdirSync(directory).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
		const text =
			file === undefined ? `Licence: ${license ?? 'not stated'}` : readFileSync(join(directory, file), 'utf8').trim();
		return `${name} ${version}\n\n${text}\n`;
	});
	return `The files beside this one contain code of these packages.\n\n${notices.sort().join(`\n${'-'.repeat(72)}\n\n`)}`;
}
