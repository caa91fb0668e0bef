import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { chainTo, importsOf, readImports, type SourceImport, withoutComments } from './support/source-imports.ts';

const root = 'src';
const imports = readImports(root);

/** Which files belong together; the first pattern that fits decides. */
const groups = [
	['contract', /^engine\/(model|port|port-containers|port-collector|registry-port|errors)\.ts$/],
	['digest', /^engine\/digest\.ts$/],
	['documents', /^engine\/(reference\.ts$|oci\/)/],
	['embedded', /^engine\/embedded\//],
	['docker', /^engine\/docker\//],
	['memory', /^engine\/memory\//],
	['gc', /^gc\//],
	['ui shell', /^ui\/(terminal\/|effects[^/]*\.ts$|open\.ts$|run-dashboard\.tsx$)/],
	['ui frame', /^ui\/(.*\.tsx$|hooks\/|components\/chart-)/],
	['ui state', /^ui\//],
	['cli', /^cli\//],
	['main', /^main\.ts$/],
] as const;
type Group = (typeof groups)[number][0];

/** What the files of a group may import: groups, and built-ins and packages by name. */
interface Rule {
	readonly groups: readonly Group[];
	/** Groups of which it may know the types, which are gone at run time. */
	readonly typesOf?: readonly Group[];
	readonly builtins: readonly string[] | 'all';
	readonly packages: readonly string[];
}

/** The table in ARCHITECTURE.md, "Who may import whom". */
const table: { readonly [Name in Group]: Rule } = {
	contract: { groups: ['contract'], builtins: [], packages: [] },
	digest: { groups: ['contract'], builtins: ['node:crypto', 'node:stream'], packages: [] },
	documents: { groups: ['contract', 'digest', 'documents'], builtins: [], packages: [] },
	embedded: { groups: ['contract', 'digest', 'documents', 'embedded'], builtins: 'all', packages: ['koffi'] },
	docker: { groups: ['contract', 'digest', 'documents', 'docker'], builtins: 'all', packages: ['undici'] },
	memory: { groups: ['contract', 'digest', 'documents', 'memory'], builtins: [], packages: [] },
	gc: { groups: ['contract', 'digest', 'gc'], builtins: [], packages: [] },
	'ui state': {
		groups: ['contract', 'digest', 'documents', 'gc', 'ui state'],
		typesOf: ['ui frame'],
		builtins: [],
		packages: ['string-width'],
	},
	'ui frame': {
		groups: ['contract', 'digest', 'documents', 'gc', 'ui state', 'ui frame'],
		builtins: [],
		packages: ['blessed-contrib', 'ink', 'react', 'string-width'],
	},
	'ui shell': {
		groups: ['contract', 'digest', 'documents', 'gc', 'ui state', 'ui frame', 'ui shell'],
		builtins: 'all',
		packages: ['ink', 'react', 'string-width'],
	},
	cli: {
		groups: ['contract', 'digest', 'documents', 'gc', 'cli'],
		builtins: 'all',
		packages: ['cli-table3', 'commander', 'pretty-bytes'],
	},
	main: { groups: groups.map(([name]) => name), builtins: 'all', packages: [] },
};

/** Groups that know no clock, no chance and no process: time and ids come in as arguments. */
const pureGroups: readonly Group[] = ['contract', 'digest', 'documents', 'memory', 'gc', 'ui state'];

/** Longer than 300 lines on purpose: the nouns are one page that one reads from top to bottom. */
const longFiles: Readonly<Record<string, number>> = { 'engine/model.ts': 360 };

const atStart = ['start'] as const;
const atRunTime = ['start', 'later'] as const;

function groupOf(file: string): Group | undefined {
	return groups.find(([, pattern]) => pattern.test(file))?.[0];
}

function isAllowed(rule: Rule, { kind, target, when }: SourceImport): boolean {
	if (kind === 'builtin') return rule.builtins === 'all' || rule.builtins.includes(target);
	if (kind === 'package') return rule.packages.includes(target);
	const group = groupOf(target);
	if (group === undefined) return false;
	return rule.groups.includes(group) || (when === 'type' && rule.typesOf?.includes(group) === true);
}

/** Every file of those groups from which a forbidden thing is reached, with the way there. */
function chainsFrom(
	chosen: readonly Group[],
	search: { readonly fits: (target: SourceImport) => boolean; readonly over: readonly SourceImport['when'][] },
): readonly string[] {
	return [...imports.keys()]
		.filter((file) => chosen.some((group) => group === groupOf(file)))
		.flatMap((file) => chainTo(imports, file, search)?.join(' → ') ?? []);
}

const isIn = (...chosen: readonly Group[]) => {
	const names = new Set<Group | undefined>(chosen);
	return ({ kind, target }: SourceImport) => kind === 'file' && names.has(groupOf(target));
};
const isScreenLibrary = ({ target }: SourceImport) => ['ink', 'react', 'blessed-contrib'].includes(target);

describe('who may import whom', () => {
	test('there is something to look at, and every file has its place in the table', () => {
		expect(imports.size).toBeGreaterThan(100);
		expect([...imports.keys()].filter((file) => groupOf(file) === undefined)).toEqual([]);
	});

	test('every import stands in the table', () => {
		const offences = [...imports].flatMap(([file, lines]) => {
			const group = groupOf(file);
			return group === undefined
				? []
				: lines
						.filter((line) => !isAllowed(table[group], line))
						.map(({ target }) => `${file} → ${target} (${group} may not)`);
		});
		expect(offences).toEqual([]);
	});

	test('every import leads to a file that is there', () => {
		const files = new Set(imports.keys());
		const lost = [...imports].flatMap(([file, lines]) =>
			lines
				.filter(({ kind, target }) => kind === 'file' && !files.has(target) && !target.endsWith('.json'))
				.map(({ target }) => `${file} → ${target}`),
		);
		expect(lost).toEqual([]);
	});

	test('no chain leads from the collector, the state or the command line to an engine', () => {
		const search = { fits: isIn('embedded', 'docker', 'memory'), over: [...atRunTime, 'type'] as const };
		expect(chainsFrom(['contract', 'documents', 'gc', 'ui state', 'ui frame', 'ui shell', 'cli'], search)).toEqual([]);
	});

	test('no chain leads from state, views or verbs to the libraries that draw', () => {
		expect(
			chainsFrom(['gc', 'ui state', 'cli', 'embedded', 'memory'], { fits: isScreenLibrary, over: atRunTime }),
		).toEqual([]);
	});

	test('a verb starts without the screen and without an engine: both are loaded when they are needed', () => {
		const heavy = isIn('ui shell', 'ui frame', 'ui state', 'embedded', 'docker', 'memory');
		expect(
			chainsFrom(['main', 'cli'], { fits: (target) => heavy(target) || isScreenLibrary(target), over: atStart }),
		).toEqual([]);
	});

	test('nothing that is installed imports the memory engine', () => {
		const search = { fits: isIn('memory'), over: [...atRunTime, 'type'] as const };
		expect(
			chainsFrom(
				groups.map(([name]) => name).filter((name) => name !== 'memory'),
				search,
			),
		).toEqual([]);
	});

	test('nothing imports itself over others', () => {
		const circles = [...imports.keys()].flatMap(
			(file) =>
				chainTo(imports, file, { fits: ({ target }) => target === file, over: [...atRunTime, 'type'] })?.join(' → ') ??
				[],
		);
		expect(circles).toEqual([]);
	});
});

describe('what files look like', () => {
	const read = (file: string) => readFileSync(join(root, file), 'utf8');

	test('nobody keeps a drawer for odds and ends', () => {
		const drawers = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) =>
			/^(utils?|helpers?|common|misc|shared|types|index)(\.|$)/.test(basename(path)),
		);
		expect(drawers).toEqual([]);
	});

	test('files and folders are named in kebab-case', () => {
		const odd = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
			(path) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.d)?(\.tsx?)?$/.test(basename(path)),
		);
		expect(odd).toEqual([]);
	});

	test('no file is longer than 300 lines', () => {
		const long = [...imports.keys()]
			.map((file) => ({ file, lines: read(file).split('\n').length - 1 }))
			.filter(({ file, lines }) => lines > (longFiles[file] ?? 300))
			.map(({ file, lines }) => `${file}: ${lines}`);
		expect(long).toEqual([]);
	});

	test('pure files ask no clock, throw no dice and know no process', () => {
		const forbidden = /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bprocess\s*[.[]|\bperformance\.now\b|\bfetch\(/;
		const impure = [...imports.keys()]
			.filter((file) => pureGroups.some((group) => group === groupOf(file)))
			.flatMap((file) => {
				const found = forbidden.exec(withoutComments(read(file)));
				return found === null ? [] : `${file}: ${found[0]}`;
			});
		expect(impure).toEqual([]);
	});

	test('nothing is exported without a name', () => {
		const unnamed = [...imports.keys()].filter((file) => /^export default\b/m.test(withoutComments(read(file))));
		expect(unnamed).toEqual([]);
	});

	test('everything that is exported says above what it is for', () => {
		const silent = [...imports.keys()].flatMap((file) => {
			const lines = read(file).split('\n');
			return lines.flatMap((line, index) => {
				const named = /^export (?:async )?(?:function\*?|class|const|let) (\w+)/.exec(line);
				return named !== null && !lines[index - 1]?.trimEnd().endsWith('*/') ? `${file}: ${named[1]}` : [];
			});
		});
		expect(silent).toEqual([]);
	});
});

describe('this test sees what it looks for', () => {
	test.each([
		[`import { a } from './b.ts';`, 'engine/b.ts', 'file', 'start'],
		[`import type { A } from '../gc/b.ts';`, 'gc/b.ts', 'file', 'type'],
		[`import {\n\ttype A,\n\ttype B,\n} from './b.ts';`, 'engine/b.ts', 'file', 'type'],
		[`import { type A, b } from './b.ts';`, 'engine/b.ts', 'file', 'start'],
		[`export { a } from './b.ts';`, 'engine/b.ts', 'file', 'start'],
		[`import 'ink';`, 'ink', 'package', 'start'],
		[`import x from '@scope/name/deep.js';`, '@scope/name', 'package', 'start'],
		[`import { readFile } from 'fs';`, 'fs', 'builtin', 'start'],
		[`const late = await import('./b.ts');`, 'engine/b.ts', 'file', 'later'],
		[`const tool = require('koffi');`, 'koffi', 'package', 'later'],
	])('%j', (source, target, kind, when) => {
		expect(importsOf('engine/a.ts', source)).toEqual([{ target, kind, when }]);
	});

	test('but not in comments', () => {
		expect(importsOf('a.ts', `// import { a } from './b.ts';\n/* import('./c.ts') */\n/** @see './d.ts' */`)).toEqual(
			[],
		);
	});
});
