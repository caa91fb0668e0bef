import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

const chartBlessedPath = fileURLToPath(new URL('../src/ui/components/chart-blessed.ts', import.meta.url));
const chartCanvasPath = fileURLToPath(new URL('../src/ui/components/chart-canvas.ts', import.meta.url));

/** Ink asks for React's developer tools only when DEV is set; the bundler would hoist the import to every start. */
const leaveOutDevtools: Plugin = {
	name: 'leave-out-devtools',
	setup(bundler) {
		bundler.onResolve({ filter: /^react-devtools-core$/ }, ({ path }) => ({ path, namespace: 'empty' }));
		bundler.onLoad({ filter: /.*/, namespace: 'empty' }, () => ({ contents: 'export default undefined;' }));
	},
};

/** The chart widgets see a small replacement instead of the whole `blessed` package, which they never paint with. */
const replaceBlessed: Plugin = {
	name: 'replace-blessed',
	setup(bundler) {
		bundler.onResolve({ filter: /^blessed$/ }, () => ({ path: chartBlessedPath }));
	},
};

/** `new Buffer()` prints a deprecation warning, and a warning on the terminal spoils the screen. */
const modernizeBuffer: Plugin = {
	name: 'modernize-buffer',
	setup(bundler) {
		bundler.onLoad({ filter: /drawille[^/]*\/index\.js$/ }, async ({ path }) => ({
			contents: (await readFile(path, 'utf8')).replaceAll('new Buffer(', 'Buffer.alloc('),
			loader: 'js',
		}));
	},
};

/** What esbuild needs to bundle the dashboard. */
export const bundlePlugins: readonly Plugin[] = [leaveOutDevtools, replaceBlessed, modernizeBuffer];

/** The part of Vite's plugin interface that is needed here. */
interface LoadPlugin {
	readonly name: string;
	load(id: string): Promise<string | undefined>;
}

/**
 * Lets tests import the chart canvas as the bundle has it: the test runner leaves CommonJS packages to Node, where no
 * alias reaches them, so this one module is bundled on the way in.
 */
export function bundleChartsForTests(): LoadPlugin {
	return {
		name: 'bundle-charts',
		async load(id) {
			if (id.split('?')[0] !== chartCanvasPath) return undefined;
			const { outputFiles } = await build({
				entryPoints: [chartCanvasPath],
				bundle: true,
				write: false,
				format: 'esm',
				platform: 'node',
				plugins: [...bundlePlugins],
			});
			return outputFiles[0]?.text;
		},
	};
}
