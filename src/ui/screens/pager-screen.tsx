import { Box, Text } from 'ink';
import type { ReactNode } from 'react';
import { HelpList } from '../components/help-list.tsx';
import { LogView } from '../components/log-view.tsx';
import { Panel } from '../components/panel.tsx';
import { useWholeState } from '../hooks/use-app-state.ts';
import type { InspectOverlay, LogsOverlay, Pager } from '../state.ts';
import { detailLines, detailTitle } from '../views/detail.ts';
import { helpGroups } from '../views/help.ts';
import { inspectLines } from '../views/inspect.ts';
import { type Area, detailAreas, layoutOf } from '../views/layout.ts';
import { emptyLogText, logLines, logTitle } from '../views/logs.ts';
import { pagerHeight, pagerLineCount } from '../views/pager.ts';
import { ContainerCharts } from './container-pane.tsx';
import { TextLines } from './text-lines.tsx';

/** What lies over a tab and is read: the help, details, a document, a log. */
export function PagerScreen({ pager }: { readonly pager: Pager }): ReactNode {
	const state = useWholeState();
	const { pager: area } = layoutOf(state);
	const title = titleOf(pager, detailTitle(state, pager.type === 'detail' ? pager.list : 'containers'));
	const position = positionOf(pagerLineCount(state, pager), pagerHeight(state, pager), pager.offset);
	const detail = pager.type === 'logs' ? logTitle(pager).detail : position;
	return (
		<Panel title={title} detail={detail} width={area.width} height={area.height + 1}>
			<PagerBody pager={pager} area={area} />
		</Panel>
	);
}

function PagerBody({ pager, area }: { readonly pager: Pager; readonly area: Area }): ReactNode {
	const state = useWholeState();
	switch (pager.type) {
		case 'help':
			return <HelpList groups={helpGroups(state)} width={area.width} height={area.height} offset={pager.offset} />;
		case 'detail': {
			const { charts, text } = detailAreas(area, pager.list);
			return (
				<>
					{charts > 0 && <ContainerCharts area={{ width: area.width, height: charts }} />}
					<TextLines lines={detailLines(state, pager.list, area.width).slice(pager.offset, pager.offset + text)} />
				</>
			);
		}
		case 'inspect':
			return <Document document={pager} area={area} />;
		case 'logs':
			return <Log logs={pager} area={area} />;
	}
}

function Document({ document, area }: { readonly document: InspectOverlay; readonly area: Area }): ReactNode {
	const lines = inspectLines(document.lines, area.width).slice(document.offset, document.offset + area.height);
	return (
		<Box flexDirection="column">
			{lines.map((line, index) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: a line is its position
				<Text key={index} wrap="truncate">
					{line === '' ? ' ' : line}
				</Text>
			))}
		</Box>
	);
}

function Log({ logs, area }: { readonly logs: LogsOverlay; readonly area: Area }): ReactNode {
	const lines = logLines(logs, area.width);
	const last = Math.max(0, lines.length - area.height);
	const from = logs.following ? last : Math.min(logs.offset, last);
	return (
		<LogView
			lines={lines.slice(from, from + area.height)}
			width={area.width}
			height={area.height}
			highlight={logs.filter}
			empty={emptyLogText(logs)}
		/>
	);
}

function titleOf(pager: Pager, detail: string): string {
	switch (pager.type) {
		case 'help':
			return 'Keys';
		case 'detail':
			return detail;
		case 'inspect':
			return pager.title;
		case 'logs':
			return logTitle(pager).title;
	}
}

function positionOf(count: number, height: number, offset: number): string {
	if (count <= height) return '';
	const last = count - height;
	return offset >= last ? 'end' : `${Math.round((Math.min(offset, last) / last) * 100)}%`;
}
