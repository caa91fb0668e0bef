import { Box } from 'ink';
import type { ReactNode } from 'react';
import type { ChartColor } from '../components/chart-canvas.ts';
import { LineChart } from '../components/line-chart.tsx';
import { useWholeState } from '../hooks/use-app-state.ts';
import { type ChartView, containerCharts, containerLines } from '../views/container-detail.ts';
import type { Area } from '../views/layout.ts';
import { selectedContainer } from '../views/lists.ts';
import { TextLine, TextLines } from './text-lines.tsx';

/** Facts and charts of the container under the cursor: side by side where there is room, else the charts above. */
export function ContainerPane({ area }: { readonly area: Area }): ReactNode {
	const state = useWholeState();
	const beside = area.width >= 100;
	const factsWidth = beside ? Math.floor(area.width / 2) - 2 : area.width;
	const chartWidth = area.width - factsWidth - 4;
	const lines = containerLines(state, factsWidth);
	if (!beside) {
		const chartHeight = Math.min(9, Math.max(0, area.height - 6));
		return (
			<Box flexDirection="column">
				<ContainerCharts area={{ width: area.width, height: chartHeight }} />
				<TextLines lines={lines.slice(0, area.height - chartHeight)} />
			</Box>
		);
	}
	return (
		<Box columnGap={4}>
			<Box width={factsWidth} flexShrink={0}>
				<TextLines lines={lines.slice(0, area.height)} />
			</Box>
			<ContainerCharts area={{ width: chartWidth, height: area.height }} />
		</Box>
	);
}

/** CPU and memory over the last two minutes, side by side; nothing for a container that does not run. */
export function ContainerCharts({ area }: { readonly area: Area }): ReactNode {
	const row = selectedContainer(useWholeState());
	const width = Math.floor((area.width - 2) / 2);
	const charts = containerCharts(row?.figures, width);
	if (charts === undefined || area.height < 5) return <Box width={area.width} height={area.height} />;
	return (
		<Box columnGap={2} height={area.height}>
			<Chart chart={charts.cpu} color="cyan" area={{ width, height: area.height }} />
			<Chart chart={charts.memory} color="green" area={{ width, height: area.height }} />
		</Box>
	);
}

function Chart({
	chart,
	color,
	area,
}: {
	readonly chart: ChartView;
	readonly color: ChartColor;
	readonly area: Area;
}): ReactNode {
	return (
		<Box flexDirection="column" width={area.width} flexShrink={0}>
			<TextLine line={chart.title} />
			<LineChart
				series={[{ title: '', values: chart.values, color }]}
				labels={chart.labels}
				width={area.width}
				height={area.height - 1}
			/>
		</Box>
	);
}
