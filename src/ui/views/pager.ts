import { helpLineCount } from '../components/help-layout.ts';
import type { AppState, Pager } from '../state.ts';
import { detailLines } from './detail.ts';
import { helpGroups } from './help.ts';
import { inspectLines } from './inspect.ts';
import { detailAreas, layoutOf } from './layout.ts';
import { logLines } from './logs.ts';

/** Screen lines that a pager has to show in all, at the present width. */
export function pagerLineCount(state: AppState, pager: Pager): number {
	const { width } = layoutOf(state).pager;
	switch (pager.type) {
		case 'help':
			return helpLineCount(helpGroups(state), width);
		case 'detail':
			return detailLines(state, pager.list, width).length;
		case 'inspect':
			return inspectLines(pager.lines, width).length;
		case 'logs':
			return logLines(pager, width).length;
	}
}

/** Screen lines of a pager's text that are in sight at once. */
export function pagerHeight(state: AppState, pager: Pager): number {
	const area = layoutOf(state).pager;
	return pager.type === 'detail' ? detailAreas(area, pager.list).text : area.height;
}
