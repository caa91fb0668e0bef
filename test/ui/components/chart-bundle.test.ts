import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { bundlePlugins } from '../../../scripts/bundle-plugins.ts';

test('the bundled chart draws without the blessed package and without a word on stderr', async () => {
	const directory = await mkdtemp(join(tmpdir(), 'tonnage-chart-'));
	try {
		const canvas = fileURLToPath(new URL('../../../src/ui/components/chart-canvas.ts', import.meta.url));
		const series = "[{ title: 'one', values: [1, undefined, 3, 2], color: 'cyan' }]";
		await writeFile(
			join(directory, 'entry.js'),
			`import { drawLineChart } from ${JSON.stringify(canvas)};
			const lines = drawLineChart({ series: ${series}, labels: ['a', 'b', '', 'd'], width: 40, height: 6 });
			process.stdout.write(lines.join('\\n'));`,
		);
		const outfile = join(directory, 'bundle.mjs');
		await build({
			entryPoints: [join(directory, 'entry.js')],
			bundle: true,
			outfile,
			format: 'esm',
			platform: 'node',
			plugins: [...bundlePlugins],
		});
		const { stdout, stderr } = await promisify(execFile)(process.execPath, [outfile]);
		expect(stderr).toBe('');
		expect(stdout.split('\n')).toHaveLength(6);
		expect(stdout).not.toMatch(/undefined|NaN/);
		expect(stdout).toContain('\x1b[36m');
	} finally {
		await rm(directory, { recursive: true, force: true });
	}
});
