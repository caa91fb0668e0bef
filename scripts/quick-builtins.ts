import { createRequire, isBuiltin } from 'node:module';
import type { Plugin } from 'esbuild';

const requireBuiltin = createRequire(import.meta.url);

/** Classes, emitters and what is loaded anyway: these must be handed out as they are. */
const handedOut: ReadonlySet<string> = new Set(['assert', 'events', 'path', 'process', 'stream', 'tty']);

/**
 * Node's own modules, as a start-up can afford them. An `import` of one makes Node evaluate every getter that it
 * has, which loads half of the others (`fs` alone: the streams; `process`: all three standard streams); asking for
 * the module does not. And most are asked for only at the first use of one of their names.
 */
export const quickBuiltins: Plugin = {
	name: 'quick-builtins',
	setup(bundler) {
		bundler.onResolve({ filter: /^(node:)?[a-z_]+(\/[a-z_]+)*$/ }, ({ path, kind }) =>
			kind === 'import-statement' && isBuiltin(path)
				? { path: path.replace(/^node:/, ''), namespace: 'builtin' }
				: undefined,
		);
		bundler.onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
			contents: handedOut.has(path) ? `module.exports = process.getBuiltinModule('node:${path}');` : lazySource(path),
			loader: 'js',
		}));
	},
};

function lazySource(path: string): string {
	const names = Object.keys(requireBuiltin(`node:${path}`));
	return `
		let loaded;
		for (const name of ${JSON.stringify(names)}) {
			Object.defineProperty(exports, name, {
				enumerable: true,
				get: () => (loaded ??= process.getBuiltinModule('node:${path}'))[name],
			});
		}`;
}
