import { Box } from 'ink';
import type { ReactNode } from 'react';
import { Gauge } from '../components/gauge.tsx';
import { useGlyphs } from '../components/glyph-context.tsx';
import { Panel } from '../components/panel.tsx';
import { StackedBar } from '../components/stacked-bar.tsx';
import { useWholeState } from '../hooks/use-app-state.ts';
import { layoutOf } from '../views/layout.ts';
import { columnWidth, overviewView } from '../views/overview.ts';
import { welcomeLines } from '../views/welcome.ts';
import { TextLines } from './text-lines.tsx';

/** What is stored, what of it could go, what runs, and what happened lately. */
export function OverviewScreen(): ReactNode {
	const state = useWholeState();
	const { fills } = useGlyphs();
	const { width, height } = layoutOf(state).body;
	const welcome = welcomeLines(state, width);
	// One column of margin on either side.
	const inner = width - 2;
	const half = columnWidth(inner);
	const gap = height >= 18 ? 1 : 0;
	const topHeight = 5;
	const measured = overviewView(state, { width: inner, rows: height, fills });
	if (measured === undefined || welcome !== undefined) return <TextLines lines={welcome ?? [[' Loading…']]} />;
	const accountHeight = 2 + measured.legend.length;
	const rows = Math.max(1, height - topHeight - accountHeight - 2 * gap - 1);
	const view = overviewView(state, { width: inner, rows, fills }) ?? measured;
	return (
		<Box flexDirection="column" rowGap={gap} paddingX={1} width={width}>
			<Box columnGap={2}>
				<Panel title="Stored" detail="on disk" width={half} height={topHeight}>
					<TextLines lines={view.stored} />
				</Panel>
				<Panel title="Disk" detail="p collects" width={half} height={topHeight}>
					{view.gauges.map(({ label, ratio, text, tone }) => (
						<Gauge
							key={label}
							label={label}
							labelWidth={11}
							ratio={ratio}
							text={text}
							textCells={half >= 48 ? 22 : 7}
							tone={tone}
							width={half}
						/>
					))}
					<TextLines lines={view.reclaimable} />
				</Panel>
			</Box>
			<Panel title="Where the bytes are" width={inner} height={accountHeight}>
				<StackedBar segments={view.segments} total={view.totalBytes} width={inner} />
				<TextLines lines={view.legend} />
			</Panel>
			<Box columnGap={2}>
				<Panel title="Running" detail={view.runningCount} width={half} height={rows + 1}>
					<TextLines lines={view.running} />
				</Panel>
				<Panel title="Lately" width={half} height={rows + 1}>
					<TextLines lines={view.events} />
				</Panel>
			</Box>
		</Box>
	);
}
