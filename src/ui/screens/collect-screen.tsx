import { Box } from 'ink';
import type { ReactNode } from 'react';
import { useWholeState } from '../hooks/use-app-state.ts';
import { collectHead } from '../views/collect-head.ts';
import { ListScreen } from './list-screen.tsx';
import { TextLines } from './text-lines.tsx';

/** The policy and what it would free, over the candidates with their reasons. */
export function CollectScreen(): ReactNode {
	const state = useWholeState();
	return (
		<Box flexDirection="column">
			<TextLines lines={collectHead(state, state.columns)} />
			<ListScreen list="collect" />
		</Box>
	);
}
