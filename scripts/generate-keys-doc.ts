import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { KeyContext } from '../src/ui/keymap.ts';
import { contextTitles, groupsFor } from '../src/ui/views/help.ts';

const path = fileURLToPath(new URL('../docs/keys.md', import.meta.url));

const places: readonly KeyContext[] = [
	'overview',
	'containers',
	'images',
	'layers',
	'collect',
	'detail',
	'inspect',
	'logs',
	'help',
	'filter',
	'confirm',
];

/** The text of docs/keys.md, made from the keymap. */
export function keysDocument(): string {
	const sections = places.map((place) => {
		const rows = groupsFor(place).flatMap(({ entries }) =>
			entries.map(
				({ keys, title, danger }) => `| ${keys.replaceAll('|', '\\|')} | ${title}${danger ? ' (asks first)' : ''} |`,
			),
		);
		return [`## ${contextTitles[place]}`, '', '| Keys | |', '|---|---|', ...rows].join('\n');
	});
	const head = [
		'# Keys of the dashboard',
		'',
		'Made from `src/ui/keymap.ts` by `scripts/generate-keys-doc.ts`; change it there. In the dashboard `?` shows the keys of',
		'the place where you are. A key that can do nothing now says why. What stops or removes something asks first, and',
		'the answer that Enter takes is No.',
	].join('\n');
	return `${[head, ...sections].join('\n\n')}\n`;
}

/** True where docs/keys.md says what the keymap says. */
export function isKeysDocumentFresh(): boolean {
	return readFileSync(path, 'utf8') === keysDocument();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(path, keysDocument());
