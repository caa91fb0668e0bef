import { Box, Text } from 'ink';
import type { ReactNode } from 'react';
import { expect, test } from 'vitest';
import { Dialog, defaultChoice, moveChoice } from '../../../src/ui/components/dialog.tsx';
import { Gauge } from '../../../src/ui/components/gauge.tsx';
import { GlyphContext } from '../../../src/ui/components/glyph-context.tsx';
import { asciiGlyphs, glyphsFor, unicodeGlyphs } from '../../../src/ui/components/glyphs.ts';
import { HelpList } from '../../../src/ui/components/help-list.tsx';
import { fitKeyHints, KeyBar } from '../../../src/ui/components/key-bar.tsx';
import { LineChart } from '../../../src/ui/components/line-chart.tsx';
import { LogView, splitMatches } from '../../../src/ui/components/log-view.tsx';
import { Panel } from '../../../src/ui/components/panel.tsx';
import { StackedBar, segmentCells } from '../../../src/ui/components/stacked-bar.tsx';
import { Table, type TableColumn, type TableRow } from '../../../src/ui/components/table.tsx';
import { fieldWindow, TextField } from '../../../src/ui/components/text-field.tsx';
import { Toast } from '../../../src/ui/components/toast.tsx';
import { mountFrame, renderFrame } from '../../support/frame-renderer.tsx';
import { expectFrame } from '../../support/golden.ts';

const sizes = [
	{ columns: 120, rows: 40 },
	{ columns: 80, rows: 24 },
	{ columns: 60, rows: 20 },
];

const rows: TableRow[] = [
	{ key: '1', cells: ['harbour-crane', { text: 'running', tone: 'good' }, '12.4 MB', '3 h'] },
	{ key: '2', cells: ['registry.example/very/long/name/of/an/image:latest', 'exited', '0 B', '2 d'], marked: true },
	{ key: '3', cells: ['泊位 münchen', { text: 'failed', tone: 'bad' }, '1.02 GB', '40 s'] },
	{ key: '4', cells: ['tide', 'created', '—', '5 min'], tone: 'muted' },
];

function columnsFor(width: number): TableColumn[] {
	return [
		{ id: 'name', title: 'NAME', width: Math.min(48, width - 40), cut: 'middle' },
		{ id: 'status', title: 'STATUS', width: 8 },
		{ id: 'size', title: 'SIZE', width: 10, align: 'right', sorted: 'descending' },
		{ id: 'age', title: 'AGE', width: 6, align: 'right' },
	];
}

function Board({ width, height }: { width: number; height: number }): ReactNode {
	return (
		<Box flexDirection="column" width={width} height={height}>
			<Panel title="Containers" detail="4 of 40" width={width} height={7}>
				<Table columns={columnsFor(width)} rows={rows} width={width} height={6} cursor={1} count={40} />
			</Panel>
			<Gauge label="disk" labelWidth={8} ratio={0.634} text="63 %" textCells={6} width={width} tone="warning" />
			<Gauge label="memory" labelWidth={8} ratio={undefined} text="—" textCells={6} width={width} />
			<StackedBar
				total={100}
				width={width}
				segments={[
					{ id: 'live', value: 55, tone: 'good' },
					{ id: 'reclaimable', value: 30, tone: 'warning' },
					{ id: 'trash', value: 0.2, tone: 'bad' },
				]}
			/>
			<TextField label="filter" value="web -exited" cursor={4} width={width} />
			<Box flexGrow={1} />
			<Toast tone="bad" text="Container web is running." hint="Stop it first, or remove it with force." width={width} />
			<KeyBar
				width={width}
				hints={[
					{ keys: 'Enter', title: 'details' },
					{ keys: 's', title: 'stop', disabled: true },
					{ keys: 'l', title: 'logs' },
					{ keys: 'd', title: 'remove' },
					{ keys: 'Space', title: 'mark' },
					{ keys: '/', title: 'filter' },
					{ keys: '?', title: 'help', pinned: true },
					{ keys: 'q', title: 'quit', pinned: true },
				]}
			/>
		</Box>
	);
}

for (const size of sizes) {
	test(`a board of components at ${size.columns}x${size.rows}`, async () => {
		const frame = await renderFrame(<Board width={size.columns} height={size.rows} />, size);
		expectFrame(`components-board-${size.columns}`, frame.lines);
		for (const line of frame.lines) expect(line.length).toBeLessThanOrEqual(size.columns);
	});

	test(`a dialog stands over what is there at ${size.columns}x${size.rows}`, async () => {
		const frame = await renderFrame(
			<Box>
				<Text>{Array.from({ length: size.rows }, () => '~'.repeat(size.columns)).join('\n')}</Text>
				<Dialog
					title="Remove 2 images"
					tone="bad"
					lines={[
						'web:1  118 MB',
						{ text: '泊位:latest  3.2 MB', tone: 'muted' },
						'',
						'Frees 121 MB. Nothing else needs them, and this text is far too long to fit into the sixty columns.',
					]}
					choices={[
						{ id: 'no', key: 'n', title: 'No' },
						{ id: 'yes', key: 'y', title: 'Remove', danger: true },
					]}
					selected="no"
					width={size.columns}
					height={size.rows}
				/>
			</Box>,
			size,
		);
		expectFrame(`components-dialog-${size.columns}`, frame.styled);
	});

	test(`help and logs at ${size.columns}x${size.rows}`, async () => {
		const frame = await renderFrame(
			<Box flexDirection="column">
				<HelpList
					width={size.columns}
					height={8}
					groups={[
						{
							title: 'Containers',
							entries: [
								{ keys: 's', title: 'Stop', note: 'it is not running' },
								{ keys: 'd', title: 'Remove', danger: true },
								{ keys: 'Enter', title: 'Details' },
							],
						},
						{ title: 'Everywhere', entries: [{ keys: 'j, Down', title: 'Next row' }] },
						{ title: 'Lists', entries: [{ keys: '/', title: 'Filter the rows by what they say' }] },
					]}
				/>
				<LogView
					width={size.columns}
					height={6}
					wrap
					highlight="error"
					lines={[
						{ key: '1', text: 'the first line', stream: 'stdout' },
						{ key: '2', text: 'an Error and an error', stream: 'stderr', time: '12:00:01' },
						{ key: '3', text: `long ${'x'.repeat(130)} end`, stream: 'stdout', time: '12:00:02' },
						{ key: '4', text: '船が着いた', stream: 'stdout', time: '12:00:03' },
					]}
				/>
			</Box>,
			size,
		);
		expectFrame(`components-help-log-${size.columns}`, frame.styled);
	});

	test(`a line chart at ${size.columns}x${size.rows}`, async () => {
		const values = Array.from({ length: 40 }, (_, index) => 50 + 40 * Math.sin(index / 5));
		const mounted = await mountFrame(
			<LineChart
				width={size.columns}
				height={12}
				labels={values.map((_, index) => `${index * 2}s`)}
				series={[
					{ title: 'CPU %', values, color: 'cyan' },
					{
						title: 'memory %',
						values: values.map((value, at) => (at > 10 && at < 18 ? undefined : value / 3)),
						color: 'yellow',
					},
				]}
			/>,
			size,
		);
		const frame = await mounted.waitFor('⡇');
		mounted.unmount();
		expectFrame(`components-chart-${size.columns}`, frame.lines);
		expect(frame.styled.join('')).toContain('[cyan:');
	});
}

test('with ASCII glyphs every component stays ASCII', async () => {
	const frame = await renderFrame(
		<GlyphContext value={asciiGlyphs}>
			<Box flexDirection="column">
				<Board width={80} height={14} />
				<LineChart
					width={80}
					height={3}
					labels={['a', 'b', 'c']}
					series={[{ title: 'one', values: [1, 2, 3], color: 'cyan' }]}
				/>
			</Box>
		</GlyphContext>,
		{ columns: 80, rows: 20 },
	);
	expectFrame('components-ascii', frame.lines);
	const drawn = frame.lines.join('').replace(/泊位 münchen|—/g, '');
	expect(drawn).toMatch(/^[\x20-\x7e]*$/);
});

test('the row under the cursor is inverted without colours of its own', async () => {
	const frame = await renderFrame(<Table columns={columnsFor(60)} rows={rows} width={60} height={6} cursor={0} />, {
		columns: 60,
		rows: 6,
	});
	expect(frame.styled[1]).toMatch(/^\[inverse:▸ harbour-crane .*\]$/);
	expect(frame.styled[3]).toContain('[red,bold:');
});

test('an empty table says what to do', async () => {
	const frame = await renderFrame(
		<Table columns={columnsFor(60)} rows={[]} width={60} height={4} empty={['No images yet.', 'tonnage load FILE']} />,
		{ columns: 60, rows: 4 },
	);
	expect(frame.lines.slice(1)).toEqual(['  No images yet.', '  tonnage load FILE', '']);
});

test('a dialog starts on the first choice without danger', () => {
	const choices = [
		{ id: 'yes', key: 'y', title: 'Remove', danger: true },
		{ id: 'no', key: 'n', title: 'No' },
	];
	expect(defaultChoice(choices)).toBe('no');
	expect(moveChoice(choices, 'no', 1)).toBe('yes');
	expect(moveChoice(choices, 'yes', -1)).toBe('no');
});

test('pinned key hints keep their room and the others go from the end', () => {
	const hints = [
		{ keys: 'a', title: 'first' },
		{ keys: 'b', title: 'second' },
		{ keys: 'c', title: 'x' },
		{ keys: '?', title: 'help', pinned: true },
	];
	expect(fitKeyHints(hints, 100)).toHaveLength(4);
	expect(fitKeyHints(hints, 15).map((hint) => hint.keys)).toEqual(['a', '?']);
	expect(fitKeyHints(hints, 6).map((hint) => hint.keys)).toEqual(['?']);
	expect(fitKeyHints(hints, 3)).toEqual([]);
});

test.each([
	[[50, 50], 100, 10, [5, 5]],
	[[1, 99], 100, 10, [1, 9]],
	[[0.001, 0.001, 100], 100.002, 10, [1, 1, 8]],
	[[25, 25], 100, 10, [3, 2]],
	[[0, 0], 0, 10, [0, 0]],
	[[1, 1, 1], 3, 10, [4, 3, 3]],
])('segments %j of %d share %d cells as %j', (values, total, width, cells) => {
	expect(segmentCells(values, total, width)).toEqual(cells);
});

test.each([
	['', 0, 5, { before: '', under: ' ', behind: '' }],
	['abc', 3, 5, { before: 'abc', under: ' ', behind: '' }],
	['abcdefgh', 8, 5, { before: 'efgh', under: ' ', behind: '' }],
	['abcdefgh', 0, 5, { before: '', under: 'a', behind: 'bcde' }],
	['日本語', 1, 5, { before: '日', under: '本', behind: '' }],
])('a field with %j and the cursor at %d shows %d cells', (value, cursor, width, shown) => {
	expect(fieldWindow(value, cursor, width)).toEqual(shown);
});

test('matches are found without regard to case, and a pattern is only text', () => {
	expect(splitMatches('a.b A.B', 'a.b')).toEqual([
		{ text: 'a.b', matches: true },
		{ text: ' ', matches: false },
		{ text: 'A.B', matches: true },
	]);
	expect(splitMatches('axb', 'a.b')).toEqual([{ text: 'axb', matches: false }]);
});

test.each([
	[{ LANG: 'C' }, asciiGlyphs],
	[{ LANG: 'en_GB.UTF-8' }, unicodeGlyphs],
	[{ LANG: 'C.utf8', TERM: 'linux' }, asciiGlyphs],
	[{ LC_ALL: 'POSIX', LANG: 'de_DE.UTF-8' }, asciiGlyphs],
	[{}, unicodeGlyphs],
])('the locale %j decides the glyphs', (environment, glyphs) => {
	expect(glyphsFor(environment)).toBe(glyphs);
});
