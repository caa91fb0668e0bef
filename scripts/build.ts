import { readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { bundlePlugins } from './bundle-plugins.ts';
import { quickBuiltins } from './quick-builtins.ts';
import { thirdPartyNotices } from './third-party.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const output = join(root, 'dist');

if (process.argv.includes('--if-needed') && (await isFresh())) process.exit(0);
await removeBundles();
const { metafile } = await build({
	metafile: true,
	absWorkingDir: root,
	entryPoints: { cli: 'src/main.ts', 'engine-thread': 'src/engine/embedded/thread/engine-thread.ts' },
	outdir: output,
	bundle: true,
	// What only the screen needs, or only one verb, goes to files of its own that are read when they are asked for.
	splitting: true,
	format: 'esm',
	platform: 'node',
	target: 'node24',
	minifySyntax: true,
	minifyWhitespace: true,
	legalComments: 'none',
	jsx: 'automatic',
	define: { 'process.env.NODE_ENV': '"production"' },
	external: ['koffi'],
	plugins: [quickBuiltins, ...bundlePlugins],
	// CommonJS packages in an ES module still ask for a `require`.
	banner: {
		js: "import{createRequire as requireFrom}from'node:module';const require=requireFrom(import.meta.url);",
	},
	logLevel: 'warning',
});
await writeFile(join(output, 'THIRD-PARTY.txt'), thirdPartyNotices(root, Object.keys(metafile.inputs)));

/** True where no source is newer than what was built from it. */
async function isFresh(): Promise<boolean> {
	const built = await stat(join(output, 'cli.js')).catch(() => undefined);
	if (built === undefined) return false;
	const sources = [
		...(await filesBelow(join(root, 'src'))),
		...(await filesBelow(join(root, 'scripts'))),
		join(root, 'package-lock.json'),
	];
	const changes = await Promise.all(sources.map(async (path) => (await stat(path)).mtimeMs));
	return changes.every((changedAt) => changedAt <= built.mtimeMs);
}

async function filesBelow(directory: string): Promise<readonly string[]> {
	const entries = await readdir(directory, { recursive: true, withFileTypes: true });
	return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** Chunks have their content in their names, so old ones would pile up, and so would what Node has compiled of them. */
async function removeBundles(): Promise<void> {
	const names = await readdir(output).catch(() => []);
	await Promise.all(names.filter((name) => name.endsWith('.js')).map((name) => rm(join(output, name))));
	// It may be another user's, and then it stays.
	await rm(join(output, 'compile-cache'), { recursive: true, force: true }).catch(() => {});
}
