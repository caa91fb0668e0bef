import { Box, Text } from 'ink';
import { memo, type ReactNode, useEffect, useState } from 'react';
import type { ChartData, ChartSeries } from './chart-canvas.ts';
import { useGlyphs } from './glyph-context.tsx';
import { asciiGlyphs } from './glyphs.ts';
import { sparkline } from './sparkline.ts';

/** What a line chart needs; the legend takes one of its lines when there is more than one series. */
export type LineChartProps = ChartData;

type DrawLineChart = (data: ChartData) => string[];

let loaded: DrawLineChart | undefined;

/** A chart with axes. Its drawing code is loaded when the first chart appears; until then the place is blank. */
export const LineChart = memo(function LineChart(props: LineChartProps): ReactNode {
	const { series, width, height } = props;
	const glyphs = useGlyphs();
	const draw = useDrawLineChart();
	const legendLines = series.length > 1 ? 1 : 0;
	const rows = Math.max(0, height - legendLines);
	const lines =
		glyphs === asciiGlyphs ? drawWithBars(props, rows) : draw === undefined ? [] : draw({ ...props, height: rows });
	return (
		<Box flexDirection="column" width={width} height={height} overflow="hidden">
			{legendLines > 0 && <Legend series={series} rule={glyphs.rule} />}
			{lines.slice(0, rows).map((line, index) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: the lines of a drawing are their positions
				<Text key={index} wrap="truncate">
					{line}
				</Text>
			))}
		</Box>
	);
});

function Legend({ series, rule }: { series: readonly ChartSeries[]; rule: string }): ReactNode {
	return (
		<Text wrap="truncate">
			{series.map(({ title, color }, index) => (
				<Text key={title}>
					{index === 0 ? '' : '  '}
					<Text color={color}>{rule.repeat(2)}</Text> {title}
				</Text>
			))}
		</Text>
	);
}

function useDrawLineChart(): DrawLineChart | undefined {
	const [draw, setDraw] = useState<DrawLineChart | undefined>(() => loaded);
	useEffect(() => {
		if (draw !== undefined) return undefined;
		let isMounted = true;
		void import('./chart-canvas.ts').then((canvas) => {
			loaded = canvas.drawLineChart;
			if (isMounted) setDraw(() => canvas.drawLineChart);
		});
		return () => {
			isMounted = false;
		};
	}, [draw]);
	return draw;
}

/** Where braille cannot be shown: one row of bars per series, with its greatest value. */
function drawWithBars({ series, width, maxY }: ChartData, rows: number): string[] {
	return series.slice(0, rows).map(({ values }) => {
		const max = maxY ?? Math.max(0, ...values.map((value) => value ?? 0));
		const scale = ` max ${Number(max.toPrecision(3))}`;
		return sparkline(values, { width: Math.max(0, width - scale.length), max, glyphs: asciiGlyphs }) + scale;
	});
}
