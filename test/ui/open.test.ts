import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { createMemoryEngine } from '../../src/engine/memory/open.ts';
import { sampleNow, sampleWorld } from '../../src/engine/memory/sample.ts';
import { openDashboard, printFrame } from '../../src/ui/open.ts';
import type { DashboardOptions } from '../../src/ui/run-dashboard.tsx';

const engine = createMemoryEngine(sampleWorld());

test.each([
	['standard input', { isTTY: false }, { isTTY: true }, {}],
	['standard output', { isTTY: true }, { isTTY: false }, {}],
	['TERM=dumb', { isTTY: true }, { isTTY: true }, { TERM: 'dumb' }],
])(
	'where %s is no terminal the dashboard refuses and says what to use instead',
	async (stream, input, output, environment) => {
		const streams = {
			stdin: Object.assign(new PassThrough(), input),
			stdout: Object.assign(new PassThrough(), output),
			stderr: new PassThrough(),
		} as unknown as DashboardOptions['streams'];
		const opening = openDashboard({ engine, streams, environment });
		await expect(opening).rejects.toMatchObject({ code: 'no-terminal', data: { stream } });
		await expect(opening).rejects.toThrow(`The dashboard needs a terminal, but ${stream} is not one.`);
	},
);

test.each([
	[120, 40],
	[80, 24],
	[60, 20],
])('one frame is printed as plain text of %ix%i', async (columns, rows) => {
	const text = await printFrame({ engine, columns, rows, now: () => sampleNow });
	const lines = text.replace(/\n$/, '').split('\n');
	expect(lines).toHaveLength(rows);
	for (const line of lines) expect([...line].length).toBeLessThanOrEqual(columns);
	expect(text).not.toContain('\u001b');
	expect(lines[0]).toContain('tonnage');
	expect(text).toContain('pilot-1');
	expect(lines.at(-1)).toContain('q quit');
});
