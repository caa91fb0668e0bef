import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, normalize } from 'node:path';

/** One import line of one source file. */
export interface SourceImport {
	/** Path below src/, or a package's or built-in's own name. */
	readonly target: string;
	readonly kind: 'file' | 'builtin' | 'package';
	/** `type` is gone at run time, `later` is loaded only when it is asked for. */
	readonly when: 'start' | 'later' | 'type';
}

/** The real import lines of a source tree, by file; paths are relative to it, with forward slashes. */
export function readImports(root: string): ReadonlyMap<string, readonly SourceImport[]> {
	const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
		.filter((path) => /\.(ts|tsx)$/.test(path) && !path.endsWith('.d.ts'))
		.sort();
	return new Map(files.map((file) => [file, importsOf(file, readFileSync(join(root, file), 'utf8'))]));
}

/** The import lines in one file's text. */
export function importsOf(file: string, source: string): readonly SourceImport[] {
	const code = withoutComments(source);
	const found: SourceImport[] = [];
	for (const [, clause = '', target = ''] of code.matchAll(
		/^(?:import|export)\s([^;'"]*?\bfrom\s*)?['"]([^'"]+)['"]/gm,
	)) {
		const isType = /^(?:type\s)/.test(clause) || /^\{(?:\s*type\s[^,}]+,?)+\s*\}\s*from/.test(clause);
		found.push({ ...resolved(file, target), when: isType ? 'type' : 'start' });
	}
	for (const [, target = ''] of code.matchAll(/\b(?:import|require)\(\s*['"]([^'"]+)['"]\s*\)/g)) {
		found.push({ ...resolved(file, target), when: 'later' });
	}
	return found;
}

/** Code without its comments; strings stay. */
export function withoutComments(source: string): string {
	return source.replace(/\/\*[\s\S]*?\*\/|(^|[^:'"`\\])\/\/.*$/gm, '$1');
}

/** The shortest way from a file over imports of those times to a target that fits; undefined where there is none. */
export function chainTo(
	imports: ReadonlyMap<string, readonly SourceImport[]>,
	from: string,
	search: { readonly fits: (target: SourceImport) => boolean; readonly over: readonly SourceImport['when'][] },
): readonly string[] | undefined {
	const chains = [[from]];
	const seen = new Set([from]);
	for (let chain = chains.shift(); chain !== undefined; chain = chains.shift()) {
		for (const step of imports.get(chain.at(-1) ?? '') ?? []) {
			if (!search.over.includes(step.when)) continue;
			if (search.fits(step)) return [...chain, step.target];
			if (step.kind !== 'file' || seen.has(step.target)) continue;
			seen.add(step.target);
			chains.push([...chain, step.target]);
		}
	}
	return undefined;
}

function resolved(file: string, target: string): Pick<SourceImport, 'target' | 'kind'> {
	if (target.startsWith('.')) return { target: normalize(join(dirname(file), target)), kind: 'file' };
	if (target.startsWith('node:') || builtinModules.includes(target)) return { target, kind: 'builtin' };
	const [scope = '', name = ''] = target.split('/');
	return { target: scope.startsWith('@') ? `${scope}/${name}` : scope, kind: 'package' };
}
