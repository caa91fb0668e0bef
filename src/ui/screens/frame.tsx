import { Box, Text } from 'ink';
import type { ReactNode } from 'react';
import { Dialog, dialogTextWidth } from '../components/dialog.tsx';
import { useGlyphs } from '../components/glyph-context.tsx';
import { asciiGlyphs } from '../components/glyphs.ts';
import { KeyBar } from '../components/key-bar.tsx';
import { TextField } from '../components/text-field.tsx';
import { Toast, toastLines } from '../components/toast.tsx';
import type { Confirmation } from '../confirmation.ts';
import { useWholeState } from '../hooks/use-app-state.ts';
import { screens } from '../screens.tsx';
import { type AppState, topOverlay, topPager } from '../state.ts';
import { headerLine, keyHints, statusLine, tabLines } from '../views/chrome.ts';
import { dialogView } from '../views/dialog.ts';
import { isTooSmall, SMALLEST } from '../views/layout.ts';
import { PagerScreen } from './pager-screen.tsx';
import { TextLine } from './text-lines.tsx';

/** One whole frame: header, tabs, the screen, the line of what is going on, the keys; over it a question, if there is one. */
export function Frame(): ReactNode {
	const state = useWholeState();
	const { columns, rows } = state;
	if (isTooSmall(state)) return <TooSmall columns={columns} rows={rows} />;
	const overlay = topOverlay(state);
	const extra = state.notice === undefined ? 0 : toastLines({ ...state.notice, width: columns }).length - 1;
	return (
		<Box flexDirection="column" width={columns} height={rows} overflow="hidden">
			<TextLine line={headerLine(state)} />
			<Body state={state} height={rows - 3 - extra} />
			<Foot state={state} />
			<Box height={1} paddingX={1} flexShrink={0}>
				<KeyBar hints={keyHints(state)} width={columns - 2} />
			</Box>
			{overlay?.type === 'confirm' && <Question confirmation={overlay.confirmation} choice={overlay.choice} />}
		</Box>
	);
}

function Body({ state, height }: { readonly state: AppState; readonly height: number }): ReactNode {
	const glyphs = useGlyphs();
	const heavy = glyphs === asciiGlyphs ? '=' : '━';
	// A text field or a question leaves in sight what it is about.
	const pager = topPager({
		...state,
		stack: state.stack.filter(({ type }) => type !== 'filter' && type !== 'confirm'),
	});
	const [titles, rule] = tabLines(state, { light: glyphs.rule, heavy });
	const { Screen } = screens[state.tab];
	return (
		<Box flexDirection="column" height={height} overflow="hidden" flexShrink={0}>
			{pager !== undefined ? (
				<PagerScreen pager={pager} />
			) : (
				<>
					<TextLine line={titles} />
					<TextLine line={rule} />
					<Screen />
				</>
			)}
		</Box>
	);
}

function Foot({ state }: { readonly state: AppState }): ReactNode {
	const overlay = topOverlay(state);
	if (overlay?.type === 'filter') {
		const logs = state.stack.find(({ type }) => type === 'logs');
		const value =
			overlay.target === 'logs' ? (logs?.type === 'logs' ? logs.filter : '') : state.lists[overlay.target].filter;
		return (
			<Box paddingX={1} flexShrink={0}>
				<TextField
					label="/"
					value={value}
					cursor={value.length}
					width={state.columns - 2}
					placeholder="words to look for"
				/>
			</Box>
		);
	}
	if (state.notice !== undefined) return <Toast {...state.notice} width={state.columns} />;
	return <TextLine line={statusLine(state)} />;
}

function Question({
	confirmation,
	choice,
}: {
	readonly confirmation: Confirmation;
	readonly choice: 'yes' | 'no';
}): ReactNode {
	const { columns, rows } = useWholeState();
	const view = dialogView(confirmation, dialogTextWidth(columns));
	return (
		<Dialog
			title={view.title}
			lines={view.lines}
			choices={[
				{ id: 'no', key: 'n', title: 'No' },
				{ id: 'yes', key: 'y', title: view.yes, danger: true },
			]}
			selected={choice}
			tone={view.tone}
			width={columns}
			height={rows}
		/>
	);
}

function TooSmall({ columns, rows }: { readonly columns: number; readonly rows: number }): ReactNode {
	return (
		<Box
			width={columns}
			height={rows}
			alignItems="center"
			justifyContent="center"
			flexDirection="column"
			overflow="hidden"
		>
			<Text wrap="truncate">{`tonnage needs ${SMALLEST.columns}x${SMALLEST.rows}`}</Text>
			<Text wrap="truncate" dimColor>{`this is ${columns}x${rows}; q quits`}</Text>
		</Box>
	);
}
