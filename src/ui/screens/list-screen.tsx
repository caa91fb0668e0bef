import { Box } from 'ink';
import type { ReactNode } from 'react';
import { Panel } from '../components/panel.tsx';
import { Table } from '../components/table.tsx';
import { useWholeState } from '../hooks/use-app-state.ts';
import { useStableRows } from '../hooks/use-stable-rows.ts';
import type { ListId } from '../state.ts';
import { detailLines, detailTitle } from '../views/detail.ts';
import { type Area, type FrameLayout, layoutOf } from '../views/layout.ts';
import { listTable } from '../views/lists.ts';
import { ContainerPane } from './container-pane.tsx';
import { TextLines } from './text-lines.tsx';

/** A list with its table and, where there is room, what is under the cursor beside or below it. */
export function ListScreen({ list }: { readonly list: ListId }): ReactNode {
	const state = useWholeState();
	const layout = layoutOf(state);
	return (
		<Box flexDirection={layout.detail?.place === 'beside' ? 'row' : 'column'} columnGap={2}>
			<ListTable list={list} area={layout.list} />
			{layout.detail !== undefined && <DetailPane list={list} area={layout.detail} />}
		</Box>
	);
}

/** The containers with their figures. */
export function ContainersScreen(): ReactNode {
	return <ListScreen list="containers" />;
}

/** The images with what they share. */
export function ImagesScreen(): ReactNode {
	return <ListScreen list="images" />;
}

/** The layers with what holds them. */
export function LayersScreen(): ReactNode {
	return <ListScreen list="layers" />;
}

function ListTable({ list, area }: { readonly list: ListId; readonly area: Area }): ReactNode {
	const table = listTable(useWholeState(), list, area);
	return <Table {...table} rows={useStableRows(table.rows)} width={area.width} height={area.height} />;
}

interface DetailPaneProps {
	readonly list: ListId;
	readonly area: NonNullable<FrameLayout['detail']>;
}

function DetailPane({ list, area }: DetailPaneProps): ReactNode {
	const state = useWholeState();
	const inner = { width: area.width, height: area.height - 1 };
	return (
		<Panel title={detailTitle(state, list)} width={area.width} height={area.height}>
			{list === 'containers' ? (
				<ContainerPane area={inner} />
			) : (
				<TextLines lines={detailLines(state, list, area.width).slice(0, inner.height)} />
			)}
		</Panel>
	);
}
